package topicin

import (
	"github.com/prometheus/client_golang/prometheus"
)

// metrics are the metrics of topics that are read.
type metrics struct {
	messages *prometheus.CounterVec
	lag      *prometheus.GaugeVec
	retries  *prometheus.CounterVec
	lost     *prometheus.CounterVec
	registry prometheus.Counter
	produce  prometheus.Histogram
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "csatflow_intake_messages_total", Help: "Messages of topics of others by topic and result: read, events (that they made and Kafka has), passed_over (that the feed's when leaves out, and tombstones), dead_letter."}, []string{"topic", "result"}),
		lag:      prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "csatflow_intake_lag_messages", Help: "Messages of a partition of others that are still to be read."}, []string{"topic", "partition"}),
		retries:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "csatflow_intake_retries_total", Help: "Times that what was read of a topic of others could not be taken, or not be read, and is tried again."}, []string{"topic"}),
		lost:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "csatflow_intake_lost_messages_total", Help: "Messages of topics of others that their retention removed before they were read."}, []string{"topic"}),
		registry: prometheus.NewCounter(prometheus.CounterOpts{Name: "csatflow_intake_registry_errors_total", Help: "Times that the schema registry did not answer."}),
		produce:  prometheus.NewHistogram(prometheus.HistogramOpts{Name: "csatflow_intake_topic_produce_seconds", Help: "How long Kafka took to acknowledge the events of what was read at once.", Buckets: []float64{.002, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}}),
	}
	r.MustRegister(m.messages, m.lag, m.retries, m.lost, m.registry, m.produce)
	return m
}

func (m *metrics) portion(topic string, read, events, passed, dead int) {
	for _, x := range []struct {
		result string
		n      int
	}{{"read", read}, {"events", events}, {"passed_over", passed}, {"dead_letter", dead}} {
		m.messages.WithLabelValues(topic, x.result).Add(float64(x.n))
	}
}
