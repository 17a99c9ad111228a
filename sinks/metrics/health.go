package metrics

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// patience is how long what is due may take until the process is not ready any more.
const patience = 20 * time.Second

// storePatience is how long ClickHouse may not answer, also when nothing is due to be written.
const storePatience = 30 * time.Second

// health is what a partition is about, if anything.
type health struct {
	since time.Time // zero when nothing is due
	what  string
}

// Answered notes that Kafka has said where the logs end.
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

// Left notes that a generation of the consumer group has ended.
func (m *Metrics) Left() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.left.IsZero() {
		m.left = time.Now()
	}
}

// Unready says why the process does not do what is due, "" if it does: a partition whose flush or restore takes long, or a
// Kafka or ClickHouse that does not answer. It is for everybody who asks: what went wrong stands in the log alone.
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
	if took := now.Sub(m.reached); took > storePatience {
		return fmt.Sprintf("ClickHouse has not answered for %s; the log of csatflow says why", took.Round(time.Second))
	}
	return ""
}
