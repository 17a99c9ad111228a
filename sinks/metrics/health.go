package metrics

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// patience is how long a due flush or restore may take before the process is no longer ready.
const patience = 20 * time.Second

// storePatience is how long ClickHouse may be silent, also when there is nothing to write.
const storePatience = 30 * time.Second

// health is what a partition is doing, if anything.
type health struct {
	since time.Time // zero when nothing is due
	what  string
}

// Answered notes that Kafka has reported where the logs end.
func (m *Metrics) Answered() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answered = time.Now()
}

// Reached notes that ClickHouse has answered.
func (m *Metrics) Reached() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reached = time.Now()
}

// Waits notes that a partition waits for the schema registry, which has just not answered; with nil that it waits no longer.
func (m *Metrics) Waits(partition int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err == nil {
		delete(m.waiting, partition)
		return
	}
	m.schemaTries.Inc()
	if _, waits := m.waiting[partition]; !waits {
		m.waiting[partition] = time.Now()
	}
}

// Left notes that a generation of the consumer group has ended.
func (m *Metrics) Left() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.left.IsZero() {
		m.left = time.Now()
	}
}

// Unready says why the process is not ready, "" if it is: a flush or restore takes too long, or Kafka, ClickHouse or the schema
// registry does not answer. Anybody may read it, so errors are in the log only.
func (m *Metrics) Unready() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	late := func(since time.Time) (string, bool) {
		took := now.Sub(since)
		return took.Round(time.Second).String(), took > patience
	}
	if took, is := late(m.answered); is {
		return fmt.Sprintf("Kafka has not said for %s where its logs end; the log of csatflow says why", took)
	}
	if took, is := late(m.left); is && !m.left.IsZero() {
		return fmt.Sprintf("the consumer group has assigned nothing for %s; the log of csatflow says why", took)
	}
	for _, partition := range slices.Sorted(maps.Keys(m.parts)) {
		h := m.parts[partition].health
		if h.since.IsZero() {
			continue
		}
		if took, is := late(h.since); is {
			return fmt.Sprintf("partition %d: %s for %s; the log of csatflow says why", partition, h.what, took)
		}
	}
	for _, partition := range slices.Sorted(maps.Keys(m.waiting)) {
		if took, is := late(m.waiting[partition]); is {
			return fmt.Sprintf("partition %d: the schema registry has not answered for %s; the log of csatflow says why", partition, took)
		}
	}
	if took := now.Sub(m.reached); took > storePatience {
		return fmt.Sprintf("ClickHouse has not answered for %s; the log of csatflow says why", took.Round(time.Second))
	}
	return ""
}
