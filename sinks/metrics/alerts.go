package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// Alerts has the metrics of the alerts that csatflow itself raises. Many goroutines may use it.
type Alerts struct {
	firing      *prometheus.GaugeVec
	evaluations *prometheus.CounterVec
	known       prometheus.Gauge
	deliveries  *prometheus.CounterVec
	actions     *prometheus.CounterVec
}

// NewAlerts declares them in a registry.
func NewAlerts(reg prometheus.Registerer) *Alerts {
	f := promauto.With(reg)
	opts := func(name, help string) prometheus.Opts {
		return prometheus.Opts{Namespace: "csatflow", Name: name, Help: help}
	}
	a := &Alerts{
		firing:      f.NewGaugeVec(prometheus.GaugeOpts(opts("alerts_firing", "Alerts that csatflow itself has raised and that are not resolved; only in the process that evaluates them.")), []string{"rule", "severity"}),
		evaluations: f.NewCounterVec(prometheus.CounterOpts(opts("alert_evaluations_total", "Rounds of looking for alerts, by result.")), []string{"result"}),
		known:       f.NewGauge(prometheus.GaugeOpts(opts("alerts_known_timestamp_seconds", "Event time until which alerts have been evaluated."))),
		deliveries:  f.NewCounterVec(prometheus.CounterOpts(opts("alert_deliveries_total", "Alerts handed to a channel, by outcome.")), []string{"channel", "outcome"}),
		actions:     f.NewCounterVec(prometheus.CounterOpts(opts("actions_total", "Messages sent to the topic of actions.")), []string{"action", "state"}),
	}
	for _, result := range []string{flushOK, flushError} {
		a.evaluations.WithLabelValues(result)
	}
	// Series exist from the start, or increase() would miss their first step.
	for channel, outcomes := range map[string][]string{"alertmanager": {"delivered", "retried"}, "webhook": {"delivered", "retried", "refused", "parked"}} {
		for _, outcome := range outcomes {
			a.deliveries.WithLabelValues(channel, outcome)
		}
	}
	return a
}

// Evaluated notes a round: how many alerts fire by rule and severity, and the event time until which it looked.
func (a *Alerts) Evaluated(firing map[[2]string]int, known time.Time, err error) {
	if err != nil {
		a.evaluations.WithLabelValues(flushError).Inc()
		return
	}
	a.evaluations.WithLabelValues(flushOK).Inc()
	if !known.IsZero() {
		a.known.Set(float64(known.UnixMilli()) / 1000)
	}
	a.firing.Reset()
	for labels, n := range firing {
		a.firing.WithLabelValues(labels[:]...).Set(float64(n))
	}
}

// Delivered counts the outcome of a delivery.
func (a *Alerts) Delivered(channel, outcome string) {
	a.deliveries.WithLabelValues(channel, outcome).Inc()
}

// Acted counts a message to the topic of actions.
func (a *Alerts) Acted(action, state string) { a.actions.WithLabelValues(action, state).Inc() }
