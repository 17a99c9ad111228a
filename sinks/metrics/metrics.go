// Package metrics exposes to Prometheus what the pipeline does, and what events say about customers. [New] declares
// and describes every metric. It implements the pipeline's Observer and Meter.
package metrics

import (
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"csatflow/pipeline"
	"csatflow/pipeline/customer"
	"csatflow/pipeline/event"
)

// Metrics has all metrics of a process. Many goroutines may use it.
type Metrics struct {
	records     *prometheus.CounterVec
	results     [pipeline.Topics][pipeline.Results]prometheus.Counter // of records
	unknown     *prometheus.CounterVec
	deadLetters *prometheus.CounterVec
	lost        *prometheus.CounterVec
	panics      *prometheus.CounterVec
	schemaTries prometheus.Counter
	lag         *prometheus.GaugeVec
	lagSeconds  *prometheus.GaugeVec
	watermark   *prometheus.GaugeVec
	flushTime   prometheus.Histogram
	flushes     *prometheus.CounterVec
	rows        *prometheus.CounterVec
	restores    prometheus.Counter
	restoreTime prometheus.Histogram
	generations prometheus.Counter
	owned       prometheus.Gauge
	state       *prometheus.GaugeVec
	started     prometheus.Gauge

	responses    *prometheus.CounterVec
	gradeSum     *prometheus.CounterVec
	satisfied    *prometheus.CounterVec
	dissatisfied *prometheus.CounterVec
	scaled       *prometheus.CounterVec
	opened       *prometheus.CounterVec
	resolved     *prometheus.CounterVec
	breached     *prometheus.CounterVec
	recovery     *prometheus.HistogramVec
	customers    *prometheus.GaugeVec

	limit *limiter

	mu    sync.Mutex
	parts map[int]*part
	// answered is when Kafka last reported where the logs end.
	answered time.Time
	// reached is when ClickHouse last answered.
	reached time.Time
	// waiting is since when partitions wait for the schema registry.
	waiting map[int]time.Time
	// left is when a generation of the consumer group ended, until the next one begins.
	left time.Time
}

// part has the figures of one partition of this process.
type part struct {
	bands     [3]int
	customers int
	panes     int
	at        [pipeline.Topics]position
	health
}

// position has the offset before which a partition's rows are complete in a topic, and where its log ends.
type position struct {
	read, known   bool // the topic is read; written is known
	written, high int64
	changed       time.Time // when written last moved, or the lag was last zero
}

// New declares the metrics in a registry.
func New(reg prometheus.Registerer, version string, series Series) *Metrics {
	f := promauto.With(reg)
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return f.NewCounterVec(prometheus.CounterOpts{Namespace: "csatflow", Name: name, Help: help}, labels)
	}
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		return f.NewGaugeVec(prometheus.GaugeOpts{Namespace: "csatflow", Name: name, Help: help}, labels)
	}
	labels := []string{"store", "region", "source"}
	recoveryBuckets := []float64{60, 300, 900, 1800, 3600, 2 * 3600, 4 * 3600, 8 * 3600, 24 * 3600, 48 * 3600, 7 * 24 * 3600}
	m := &Metrics{
		records:     counter("records_total", "Records read from the input topics, by result.", "topic", "result"),
		unknown:     counter("unknown_fields_total", "Fields in events that the schema does not name; they are ignored.", "topic"),
		deadLetters: counter("dead_letters_total", "Records sent to the dead-letter topic.", "topic"),
		lost:        counter("lost_events_total", "Events that were removed from the log before they were read; run goes on without them only with --accept-lost.", "topic"),
		panics:      counter("panics_total", "Records that made csatflow panic, a defect of csatflow; each is a dead letter, and the partition was restored without it.", "topic"),
		schemaTries: f.NewCounter(prometheus.CounterOpts{Namespace: "csatflow", Name: "registry_errors_total", Help: "Times that the schema registry did not answer when an event named a schema that was not known yet (kafka.format); its partition waits and tries again."}),
		lag:         gauge("lag_records", "Records of a partition that are in the log and not yet in the tables: not in the panes of minutes; all other rows follow within flush.state_interval.", "topic", "partition"),
		lagSeconds:  gauge("lag_seconds", "How long a partition has had records waiting without any being written; 0 when none wait.", "topic", "partition"),
		watermark:   gauge("watermark_timestamp_seconds", "Latest event time that a partition has applied.", "partition"),
		flushTime: f.NewHistogram(prometheus.HistogramOpts{Namespace: "csatflow", Name: "flush_duration_seconds", Help: "Time to write a partition's rows and commit its offsets, further tries included.",
			Buckets: prometheus.ExponentialBuckets(0.01, 2, 14), NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 100}),
		flushes:  counter("flushes_total", "Flushes that were written, and failed tries of flushes and restores, which are made again.", "result"),
		rows:     counter("rows_written_total", "Rows written to ClickHouse.", "table"),
		restores: f.NewCounter(prometheus.CounterOpts{Namespace: "csatflow", Name: "restores_total", Help: "Partitions restored from ClickHouse."}),
		restoreTime: f.NewHistogram(prometheus.HistogramOpts{Namespace: "csatflow", Name: "restore_duration_seconds", Help: "Time to restore a partition from ClickHouse.",
			Buckets: prometheus.ExponentialBuckets(0.01, 2, 14), NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 100}),
		generations: f.NewCounter(prometheus.CounterOpts{Namespace: "csatflow", Name: "generations_total", Help: "Generations of the consumer group that this process has joined."}),
		owned:       f.NewGauge(prometheus.GaugeOpts{Namespace: "csatflow", Name: "partitions_owned", Help: "Partitions assigned to this process."}),
		state:       gauge("state_entries", "Entries kept in memory: customers (with terminals) and panes.", "kind"),
		started:     f.NewGauge(prometheus.GaugeOpts{Namespace: "csatflow", Name: "start_timestamp_seconds", Help: "When this process started; it changes when it restarts."}),

		responses:    counter("responses_total", "Distinct instant responses with a grade about the own brand.", labels...),
		gradeSum:     counter("grade_sum_total", "Sum of their grades (1 to 7).", labels...),
		satisfied:    counter("satisfied_responses_total", "Those with grade 6 or 7.", labels...),
		dissatisfied: counter("dissatisfied_responses_total", "Those with grade 1 to 3.", labels...),
		scaled: counter("scale_answers_total", "Answers of instant responses about the own brand in scales of their own. scale and part are nps: promoter (9, 10), passive (7, 8), detractor (0 to 6); ces: easy (5 to 7), neutral (4), hard (1 to 3); stars: top (4, 5), other (1 to 3).",
			append(labels[:len(labels):len(labels)], "scale", "part")...),
		opened:   counter("complaints_opened_total", "Complaints opened.", append(labels, "category")...),
		resolved: counter("complaints_resolved_total", "Complaints resolved for the first time.", append(labels, "category")...),
		breached: counter("complaints_breached_total", "Complaints that were open or unresolved when the promised time ran out.", append(labels, "category")...),
		recovery: f.NewHistogramVec(prometheus.HistogramOpts{Namespace: "csatflow", Name: "recovery_seconds", Help: "Time from opening to first resolution of a complaint.",
			Buckets: recoveryBuckets, NativeHistogramBucketFactor: 1.1, NativeHistogramMaxBucketNumber: 100}, labels),
		customers: gauge("customers", "Customers by band of churn risk, of the partitions of this process.", "band"),
		parts:     map[int]*part{},
		waiting:   map[int]time.Time{},
		answered:  time.Now(),
		reached:   time.Now(),
	}
	m.limit = newLimiter(series, m.forget)
	f.NewGaugeVec(prometheus.GaugeOpts{Namespace: "csatflow", Name: "build_info", Help: "Version of the program; always 1."}, []string{"version", "goversion"}).
		WithLabelValues(version, goVersion()).Set(1)
	m.started.SetToCurrentTime()
	for t := range pipeline.Topic(pipeline.Topics) {
		m.deadLetters.WithLabelValues(t.String())
		m.lost.WithLabelValues(t.String())
		m.panics.WithLabelValues(t.String())
		for r := range pipeline.Result(pipeline.Results) {
			m.results[t][r] = m.records.WithLabelValues(t.String(), r.String())
		}
	}
	for _, result := range []string{flushOK, flushError} {
		m.flushes.WithLabelValues(result)
	}
	for _, band := range customer.Bands {
		m.customers.WithLabelValues(band)
	}
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// forget removes the series of a store, region and source from all metrics.
func (m *Metrics) forget(labels []string) {
	set := prometheus.Labels{"store": labels[0], "region": labels[1], "source": labels[2]}
	for _, v := range []*prometheus.CounterVec{m.responses, m.gradeSum, m.satisfied, m.dissatisfied, m.scaled, m.opened, m.resolved, m.breached} {
		v.DeletePartialMatch(set)
	}
	m.recovery.DeletePartialMatch(set)
}

func goVersion() string {
	if b, ok := debug.ReadBuildInfo(); ok {
		return b.GoVersion
	}
	return "unknown"
}

// Record counts a record by result.
func (m *Metrics) Record(t pipeline.Topic, r pipeline.Result, unknownFields int) {
	m.results[t][r].Inc()
	if r == pipeline.Diverted {
		m.deadLetters.WithLabelValues(t.String()).Inc()
	}
	if unknownFields > 0 {
		m.unknown.WithLabelValues(t.String()).Add(float64(unknownFields))
	}
}

// Response counts an instant response about the own brand.
func (m *Metrics) Response(r *event.Response) {
	if r.Survey != event.SurveyInstant || len(r.Brand) > 0 {
		return
	}
	p := m.limit.labelSet(r.StoreID, r.Region, event.NameOf(r.OwnSource, event.Sources, r.Source))
	m.scales(r, p.labels)
	if r.Grade == 0 {
		return
	}
	p.once.Do(func() {
		// All series exist from the first response on, or increase() would miss their first step.
		p.responses, p.gradeSum = m.responses.WithLabelValues(p.labels...), m.gradeSum.WithLabelValues(p.labels...)
		p.satisfied, p.discontent = m.satisfied.WithLabelValues(p.labels...), m.dissatisfied.WithLabelValues(p.labels...)
	})
	p.responses.Inc()
	p.gradeSum.Add(float64(r.Grade))
	switch {
	case r.Grade >= 6:
		p.satisfied.Inc()
	case r.Grade <= 3:
		p.discontent.Inc()
	}
}

// scales counts the answers in scales of their own.
func (m *Metrics) scales(r *event.Response, labels []string) {
	count := func(scale, part string) {
		m.scaled.WithLabelValues(append(labels[:len(labels):len(labels)], scale, part)...).Inc()
	}
	if r.HasNPS && r.NPS < 7 {
		count("nps", "detractor")
	} else if r.HasNPS {
		count("nps", [...]string{7: "passive", 8: "passive", 9: "promoter", 10: "promoter"}[r.NPS])
	}
	if r.CES > 0 {
		count("ces", [...]string{1: "hard", 2: "hard", 3: "hard", 4: "neutral", 5: "easy", 6: "easy", 7: "easy"}[r.CES])
	}
	if r.HasStars {
		count("stars", [...]string{1: "other", 2: "other", 3: "other", 4: "top", 5: "top"}[r.Stars])
	}
}

// Complaint counts what a step of a complaint changed.
func (m *Metrics) Complaint(_ *event.Complaint, before, after *customer.Summary) {
	p := m.limit.labelSet([]byte(after.Store), []byte(after.Region), after.SourceName())
	labels := append(p.labels[:3:3], after.CategoryName())
	m.breached.WithLabelValues(labels...)
	if before.OpenedAt == customer.Never && after.OpenedAt != customer.Never {
		m.opened.WithLabelValues(labels...).Inc()
	}
	if before.ResolvedAt == customer.Never && after.ResolvedAt != customer.Never {
		m.resolved.WithLabelValues(labels...).Inc()
	}
	if before.RecoverySeconds < 0 && after.RecoverySeconds >= 0 {
		m.recovery.WithLabelValues(p.labels...).Observe(float64(after.RecoverySeconds))
	}
}

// Breached counts a promise that was broken.
func (m *Metrics) Breached(s *customer.Summary) {
	p := m.limit.labelSet([]byte(s.Store), []byte(s.Region), s.SourceName())
	m.breached.WithLabelValues(append(p.labels[:3:3], s.CategoryName())...).Inc()
}

// Joined counts a generation.
func (m *Metrics) Joined(_ int32, partitions []int) {
	m.mu.Lock()
	m.left = time.Time{}
	m.mu.Unlock()
	m.generations.Inc()
	m.owned.Set(float64(len(partitions)))
}

func label(partition int) string { return strconv.Itoa(partition) }
