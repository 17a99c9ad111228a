package metrics

import (
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/customer"
)

// Results of a flush.
const (
	flushOK    = "ok"
	flushError = "error"
)

// Flushed counts a flush.
func (m *Metrics) Flushed(_ int, took time.Duration, rows map[string]int, err error) {
	result := flushOK
	if err != nil {
		result = flushError
	}
	m.flushes.WithLabelValues(result).Inc()
	m.flushTime.Observe(took.Seconds())
	for table, n := range rows {
		m.rows.WithLabelValues(table).Add(float64(n))
	}
}

// Position notes where a partition stands.
func (m *Metrics) Position(partition int, topic pipeline.Topic, next, high, watermark int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.part(partition)
	at := &p.at[topic]
	if next != at.next || next >= high {
		at.changed = time.Now()
	}
	at.next, at.high = next, high
	m.lag.WithLabelValues(topic.String(), label(partition)).Set(float64(max(high-next, 0)))
	if watermark != customer.Never {
		m.watermark.WithLabelValues(label(partition)).Set(float64(watermark) / 1000)
	}
}

// Tick brings figures that change with time alone up to date; call it before each scrape.
func (m *Metrics) Tick() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for partition, p := range m.parts {
		for topic := range p.at {
			at, waiting := &p.at[topic], 0.0
			if at.high > at.next {
				waiting = time.Since(at.changed).Seconds()
			}
			m.lagSeconds.WithLabelValues(pipeline.Topic(topic).String(), label(partition)).Set(waiting)
		}
	}
}

// Bands notes how many customers a partition has in each band.
func (m *Metrics) Bands(partition int, customers [3]int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.part(partition).bands = customers
	m.sum()
}

// Restored notes a partition that was read back.
func (m *Metrics) Restored(partition int, took time.Duration, customers, panes int) {
	m.restores.Inc()
	m.restoreTime.Observe(took.Seconds())
	m.Sizes(partition, customers, panes)
}

// Lost counts events that the log removed before they were read.
func (m *Metrics) Lost(_ int, topic pipeline.Topic, events int64) {
	m.lost.WithLabelValues(topic.String()).Add(float64(events))
}

// Panicked counts a record that made the worker panic.
func (m *Metrics) Panicked(_ int, topic pipeline.Topic) {
	m.panics.WithLabelValues(topic.String()).Inc()
}

// Sizes notes how much a partition keeps in memory.
func (m *Metrics) Sizes(partition, customers, panes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.part(partition)
	p.customers, p.panes = customers, panes
	m.sum()
}

// Released forgets a partition that this process does not own any more.
func (m *Metrics) Released(partition int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.parts, partition)
	for t := range pipeline.Topic(pipeline.Topics) {
		m.lag.DeleteLabelValues(t.String(), label(partition))
		m.lagSeconds.DeleteLabelValues(t.String(), label(partition))
	}
	m.watermark.DeleteLabelValues(label(partition))
	m.sum()
}

func (m *Metrics) part(partition int) *part {
	p := m.parts[partition]
	if p == nil {
		p = &part{}
		m.parts[partition] = p
	}
	return p
}

func (m *Metrics) sum() {
	var bands [3]int
	var customers, panes int
	for _, p := range m.parts {
		for i, n := range p.bands {
			bands[i] += n
		}
		customers += p.customers
		panes += p.panes
	}
	for i, band := range customer.Bands {
		m.customers.WithLabelValues(band).Set(float64(bands[i]))
	}
	m.state.WithLabelValues("customers").Set(float64(customers))
	m.state.WithLabelValues("panes").Set(float64(panes))
}
