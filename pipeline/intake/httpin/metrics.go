package httpin

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are the metrics of the intake.
type metrics struct {
	requests *prometheus.CounterVec
	events   *prometheus.CounterVec
	produce  prometheus.Histogram
}

// Results of events.
const (
	taken   = "taken"
	refused = "refused"
	passed  = "passed_over"
	buried  = "dead_letter"
)

func newMetrics(r prometheus.Registerer, s *Server) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "csatflow_intake_requests_total", Help: "Requests by feed (\"\" is csatflow's own form) and status."}, []string{"feed", "status"}),
		events:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "csatflow_intake_events_total", Help: "Events and payloads by feed and result: taken (events that Kafka has), refused, passed_over (payloads that the feed's when leaves out), dead_letter (payloads kept in the dead-letter topic)."}, []string{"feed", "result"}),
		produce:  prometheus.NewHistogram(prometheus.HistogramOpts{Name: "csatflow_intake_produce_seconds", Help: "How long Kafka took to acknowledge the events of a request.", Buckets: []float64{.002, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}}),
	}
	r.MustRegister(m.requests, m.events, m.produce,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "csatflow_intake_bytes", Help: "Bytes of bodies that are being worked on, or wait for Kafka (intake.memory bounds them)."}, func() float64 { return float64(s.memory.used.Load()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "csatflow_intake_requests_in_flight", Help: "Requests that are being worked on (intake.requests bounds them)."}, func() float64 { return float64(len(s.slots)) }))
	return m
}

func (m *metrics) request(feed string, status int) {
	m.requests.WithLabelValues(feed, strconv.Itoa(status)).Inc()
}

func (m *metrics) count(feed, result string, n int) {
	if n > 0 {
		m.events.WithLabelValues(feed, result).Add(float64(n))
	}
}

func (m *metrics) acknowledged(took time.Duration) { m.produce.Observe(took.Seconds()) }
