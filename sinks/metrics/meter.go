package metrics

import (
	"errors"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/customer"
	"csatflow/pipeline/worker"
)

// Results of a flush.
const (
	flushOK    = "ok"
	flushError = "error"
)

// Flushing notes that a flush begins.
func (m *Metrics) Flushing(partition int) { m.begin(partition, "no rows have been written") }

// Restoring notes that a restore begins.
func (m *Metrics) Restoring(partition int) { m.begin(partition, "it has been restoring") }

func (m *Metrics) begin(partition int, what string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.part(partition).health = health{since: time.Now(), what: what}
}

// Tried counts a try that failed.
func (m *Metrics) Tried(int, error) { m.flushes.WithLabelValues(flushError).Inc() }

// Flushed counts a flush. Tried has already counted failed tries, except a failed commit.
func (m *Metrics) Flushed(partition int, took time.Duration, rows map[string]int, err error) {
	var commit *worker.CommitError
	switch {
	case err == nil:
		m.flushes.WithLabelValues(flushOK).Inc()
	case errors.As(err, &commit):
		m.flushes.WithLabelValues(flushError).Inc()
	}
	m.flushTime.Observe(took.Seconds())
	for table, n := range rows {
		m.rows.WithLabelValues(table).Add(float64(n))
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.part(partition).health = health{}
	if err == nil {
		m.reached = time.Now()
	}
}

// Written notes that everything before the offsets next is in the tables, as far as people watch it.
func (m *Metrics) Written(partition int, next [pipeline.Topics]int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.part(partition)
	for topic := range p.at {
		at := &p.at[topic]
		if next[topic] != at.written || next[topic] >= at.high {
			at.changed = time.Now()
		}
		at.known, at.written = true, next[topic]
		m.tellLag(partition, pipeline.Topic(topic), at)
	}
}

// Position notes the watermark of a partition, and the end of its log when a batch was fetched, high.
func (m *Metrics) Position(partition int, topic pipeline.Topic, _, high, watermark int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ends(partition, topic, high)
	if watermark != customer.Never {
		m.watermark.WithLabelValues(label(partition)).Set(float64(watermark) / 1000)
	}
}

// Ends notes where the logs of a topic end, by partition, whether or not they are being read.
func (m *Metrics) Ends(topic pipeline.Topic, bounds []pipeline.Bounds) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for partition, b := range bounds {
		if m.parts[partition] != nil {
			m.ends(partition, topic, b.End)
		}
	}
}

func (m *Metrics) ends(partition int, topic pipeline.Topic, end int64) {
	at := &m.part(partition).at[topic]
	if !at.read || at.high <= at.written { // none waited until now
		at.changed = time.Now()
	}
	at.read, at.high = true, max(at.high, end)
	m.tellLag(partition, topic, at)
}

func (m *Metrics) tellLag(partition int, topic pipeline.Topic, at *position) {
	if at.read && at.known {
		m.lag.WithLabelValues(topic.String(), label(partition)).Set(float64(max(at.high-at.written, 0)))
	}
}

// Tick updates the figures that change with time; call it before each scrape.
func (m *Metrics) Tick() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for partition, p := range m.parts {
		for topic := range p.at {
			at, waiting := &p.at[topic], 0.0
			if at.known && at.high > at.written {
				waiting = time.Since(at.changed).Seconds()
			}
			if at.read {
				m.lagSeconds.WithLabelValues(pipeline.Topic(topic).String(), label(partition)).Set(waiting)
			}
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

// Restored notes a restore of a partition.
func (m *Metrics) Restored(partition int, took time.Duration, customers, panes int) {
	m.mu.Lock()
	m.part(partition).health = health{}
	m.mu.Unlock()
	m.restores.Inc()
	m.restoreTime.Observe(took.Seconds())
	m.Sizes(partition, customers, panes)
}

// Lost counts events that were removed from the log before they were read.
func (m *Metrics) Lost(_ int, topic pipeline.Topic, events int64) {
	m.lost.WithLabelValues(topic.String()).Add(float64(events))
}

// Panicked counts a record that made the worker panic.
func (m *Metrics) Panicked(_ int, topic pipeline.Topic) {
	m.panics.WithLabelValues(topic.String()).Inc()
}

// Sizes notes how many customers and panes a partition keeps in memory.
func (m *Metrics) Sizes(partition, customers, panes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.part(partition)
	p.customers, p.panes = customers, panes
	m.sum()
}

// Released forgets a partition that this process no longer owns.
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
