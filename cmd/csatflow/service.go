package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"csatflow/cmd/csatflow/config"
	"csatflow/cmd/csatflow/output"
	"csatflow/pipeline"
	"csatflow/pipeline/kafka"
	"csatflow/pipeline/worker"
	"csatflow/schemas"
	"csatflow/sinks/clickhouse"
	"csatflow/sinks/deadletter"
	"csatflow/sinks/metrics"
	"csatflow/sinks/settlement"
	"csatflow/sinks/web"
	"csatflow/sinks/web/api"
)

// servers are the connections to the configured servers.
type servers struct {
	kafka  *kafka.Connection
	store  *clickhouse.Store
	topics kafka.TopicNames
}

// close ends the connections; what fails of that loses nothing.
func (s *servers) close() {
	s.kafka.Close()
	_ = s.store.Close()
}

func connectKafka(c *config.Kafka) (*kafka.Connection, error) {
	conn, err := kafka.Connect(kafka.Config{Brokers: c.Brokers, TLS: kafka.TLSConfig(c.TLS), SASL: saslConfig(&c.SASL)})
	if err != nil {
		return nil, usage(err)
	}
	return conn, nil
}

func saslConfig(c *config.SASL) kafka.SASLConfig {
	o := &c.OAuth
	return kafka.SASLConfig{Mechanism: c.Mechanism, Username: c.Username, Password: c.Password, Region: c.Region,
		OAuth: kafka.OAuthConfig{TokenURL: o.TokenURL, ClientID: o.ClientID, ClientSecret: o.ClientSecret, Scopes: o.Scopes, Extensions: o.Extensions}}
}

func topicNames(c *config.Kafka) kafka.TopicNames {
	return c.Topics.Read()
}

func openStore(c *config.ClickHouse) (*clickhouse.Store, error) { return open(storeConfig(c)) }

func storeConfig(c *config.ClickHouse) clickhouse.Config {
	return clickhouse.Config{Address: c.Address, Database: c.Database, Username: c.Username, Password: c.Password,
		TLS: c.TLS, CAFile: c.CAFile, Compression: c.Compression, InsertQuorum: c.InsertQuorum}
}

func open(c clickhouse.Config) (*clickhouse.Store, error) {
	store, err := clickhouse.Open(c)
	if err != nil {
		return nil, usage(err)
	}
	return store, nil
}

// openPageStore opens the page's own connections, so that visitors take none from the writer: one for each concurrent
// question, and two for reading how far the tables are.
func openPageStore(c *config.Config) (*clickhouse.Store, error) {
	to := storeConfig(&c.ClickHouse)
	to.Connections = c.Page.Questions + 2
	if own := &c.Page.ClickHouse; own.Username != "" {
		to.Username, to.Password = own.Username, own.Password
	}
	return open(to)
}

// openAnswering opens the store, and checks that ClickHouse answers.
func openAnswering(sys *system, c *config.ClickHouse) (*clickhouse.Store, error) {
	store, err := openStore(c)
	if err != nil {
		return nil, err
	}
	if _, err := store.Ping(sys.ctx); err != nil {
		_ = store.Close() // the other error is returned
		return nil, unreachable(err)
	}
	return store, nil
}

func connect(c *config.Config) (*servers, error) {
	k, err := connectKafka(&c.Kafka)
	if err != nil {
		return nil, err
	}
	store, err := openStore(&c.ClickHouse)
	if err != nil {
		return nil, err
	}
	return &servers{kafka: k, store: store, topics: topicNames(&c.Kafka)}, nil
}

// tablesFor describes the tables and views of a configuration.
func tablesFor(c *config.Config) (*schemas.Model, error) {
	set, err := c.Settings(1)
	if err != nil {
		return nil, usage(err)
	}
	weights, err := c.RaterWeights()
	if err != nil {
		return nil, usage(err)
	}
	company, err := c.Company()
	if err != nil {
		return nil, usage(err)
	}
	return clickhouse.Model(c.ClickHouse.Database, set, c.ClickHouse.RawDays, weights, company), nil
}

// migrate brings tables and views up to this release, unless their rows were made with other settings: the views would
// then be wrong about them.
func migrate(ctx context.Context, c *config.Config, store *clickhouse.Store, said func(string)) error {
	m, err := tablesFor(c)
	if err != nil {
		return err
	}
	set, err := c.Settings(1)
	if err != nil {
		return usage(err)
	}
	if err := newSettlement(c, store, set, nil).Compare(ctx); err != nil {
		return settledError(err)
	}
	return newerError(store.Migrate(ctx, m, said))
}

// newerError gives the refusal of a newer release's tables its exit code.
func newerError(err error) error {
	var newer *clickhouse.NewerError
	if errors.As(err, &newer) {
		return usage(err)
	}
	return err
}

// outdatedViews names, shortened, the views that are not those of this release and its settings; "" if all are.
func outdatedViews(ctx context.Context, c *config.Config, store *clickhouse.Store) (string, error) {
	m, err := tablesFor(c)
	if err != nil {
		return "", err
	}
	list, err := store.PendingViews(ctx, m)
	if len(list) > 3 {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:3], ", "), len(list)-3), err
	}
	return strings.Join(list, ", "), err
}

// ready checks, without migrating, that the tables are those of this release. It warns where views are not.
func ready(ctx context.Context, c *config.Config, store *clickhouse.Store, log *slog.Logger) error {
	if err := store.Newer(ctx); err != nil {
		return newerError(err)
	}
	pending, err := store.Pending(ctx)
	if err != nil {
		return err
	}
	if len(pending) > 0 {
		return usage(fmt.Errorf("database %s lacks the tables of %s: csatflow migrate makes them, and so does run with clickhouse.migrate: true", c.ClickHouse.Database, strings.Join(pending, ", ")))
	}
	old, err := outdatedViews(ctx, c, store)
	if old != "" {
		log.Warn("the page and the alerts read views that are not those of this release and its settings: csatflow migrate makes them", "views", old)
	}
	return err
}

// service is the processor with its page, for run and demo.
type service struct {
	config   *config.Config
	log      *slog.Logger
	untilEnd bool
	// acceptLost goes on without events that were removed from the log before they were read.
	acceptLost bool
	progress   func(worker.Meter) worker.Meter // wraps the metrics to show progress; may be nil
	ready      func(page string)
}

// showProgress shows a bar of the records on a terminal, until it is finished.
func (s *service) showProgress(w io.Writer) (finish func()) {
	if !output.Terminal(w) {
		return func() {}
	}
	bar := output.NewLag(w)
	s.progress = bar.Over
	return bar.Finish
}

// flushBytes is how many bytes of messages may wait for a flush, over all partitions; about as many are being flushed.
const flushBytes = 64 << 20

// combineFor is how long a write waits for other partitions' writes, to join them in one insert.
const combineFor = 20 * time.Millisecond

// startupTries is for how long a server that does not answer at the start is tried again.
const startupTries = 20 * time.Second

func (s *service) run(ctx context.Context) error {
	c := s.config
	to, err := connect(c)
	if err != nil {
		return err
	}
	defer to.close()
	partitions, err := s.reach(ctx, to)
	if err != nil {
		return err
	}
	err = s.patiently(ctx, func() error {
		if !c.ClickHouse.Migrate {
			return ready(ctx, c, to.store, s.log)
		}
		return migrate(ctx, c, to.store, func(step string) { s.log.Debug("migrated", "step", step) })
	})
	if err != nil {
		return err
	}
	set, err := c.Settings(partitions)
	if err != nil {
		return usage(err)
	}
	var settled *settlement.Settlement
	producers := to.producers(partitions, s.log)
	err = s.patiently(ctx, func() (err error) {
		settled = newSettlement(c, to.store, set, to.reached(c, partitions, s.log)) // anew: another process may have kept other settings since an earlier try
		set.Placement, err = settled.Settle(ctx, producers, s.log)
		set.Admitted = settled.Admitted()
		return settledError(err)
	})
	if err != nil {
		return err
	}
	registry := prometheus.NewRegistry()
	m := metrics.New(registry, version, seriesOf(&c.Metrics))
	shown, err := openPageStore(c)
	if err != nil {
		return err
	}
	defer func() { _ = shown.Close() }()
	pseudonyms, err := pseudonymsOf(&c.Page)
	if err != nil {
		return err
	}
	page, err := s.page(to, shown, registry, m, set, pseudonyms)
	if err != nil {
		return usage(err)
	}
	defer func() { _ = page.Close() }()
	if s.ready != nil {
		s.ready(page.Addr())
	}
	dead := deadletter.Open(to.kafka, c.Kafka.Topics.DeadLetter, to.topics)
	defer func() { _ = dead.Close() }()
	var meter worker.Meter = m
	if s.progress != nil {
		meter = s.progress(m)
	}
	together := clickhouse.Combine(to.store, min(combineFor, c.Flush.Interval/10))
	group := s.group(to, partitions, func() *worker.Worker {
		w := s.worker(set, partitions, meter)
		w.Store, w.Dead, w.Observer = together, dead, m
		return w
	})
	if group.Reading, err = s.reading(m.Waits); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watching := &watcher{config: c, to: to, log: s.log, page: nearby(page.Addr()), pseudonyms: pseudonyms}
	if c.Alerts.Enabled && !s.untilEnd {
		watching.metrics = metrics.NewAlerts(registry)
		defer watching.end()
	}
	joined := make(chan struct{}, 1)
	go func() {
		if err := settled.Watch(ctx, producers, set.Placement, joined, s.log); err != nil {
			cancel(settledError(err))
		}
	}()
	go m.WatchEnds(ctx, s.log, func(ctx context.Context) error {
		for topic, name := range to.topics.Read() {
			bounds, err := to.kafka.Bounds(ctx, name, partitions)
			if err != nil {
				return err
			}
			m.Ends(topic, bounds)
		}
		return nil
	})
	go m.WatchStore(ctx, s.log, func(ctx context.Context) error {
		_, err := to.store.Ping(ctx)
		return err
	})
	var warm sync.Once
	group.Left = m.Left
	group.Joined = func(generation int32, partitions []int) {
		m.Joined(generation, partitions)
		page.Ready(true)
		select {
		case joined <- struct{}{}:
		default: // it is about to look anyway
		}
		if !s.untilEnd {
			warm.Do(func() { go page.Warm(ctx) })
		}
		if watching.metrics != nil {
			if err := watching.joined(ctx, partitions); err != nil {
				cancel(err)
			}
		}
	}
	err = group.Run(ctx)
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) && errors.Is(err, context.Canceled) {
		err = cause
	}
	return topicsError(err)
}

func seriesOf(c *config.Metrics) metrics.Series {
	return metrics.Series{Most: c.MaxSeries, Stores: c.Stores, Idle: c.Idle}
}

// page serves the page, its API and the metrics.
func (s *service) page(to *servers, shown *clickhouse.Store, registry *prometheus.Registry, m *metrics.Metrics, set *pipeline.Settings, pseudonyms *api.Pseudonyms) (*web.Server, error) {
	c := s.config
	labels, err := c.PlaceNames()
	if err != nil {
		return nil, err
	}
	words, err := c.Vocabulary()
	if err != nil {
		return nil, err
	}
	return web.Listen(web.Options{Listen: c.Listen, WebConfig: c.WebConfig, PageURL: c.Alerts.PageURL, Hosts: c.Page.Hosts, Unready: m.Unready, Options: api.Options{
		Bounds: api.Bounds{Questions: c.Page.Questions, Streams: c.Page.Streams},
		Conn:   shown.Conn(), Database: c.ClickHouse.Database, Zone: set.Zone, Currency: c.Value.Currency, Dimensions: set.Kinds.Set(), Words: words, Finest: set.Kinds.Longer(), Labels: labels, Pseudonyms: pseudonyms, Gatherer: registry, Tick: m.Tick, Log: s.log,
		DeadLetters: func(ctx context.Context, most int) ([]deadletter.Letter, error) {
			return deadletter.Latest(ctx, to.kafka, c.Kafka.Topics.DeadLetter, most, s.log)
		},
	}})
}

// nearby is the page's address for this machine.
func nearby(address string) string {
	host, port, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsUnspecified() {
		return address
	}
	return net.JoinHostPort("127.0.0.1", port)
}

// pseudonymsOf returns the page's pseudonyms; nil if it shows ids.
func pseudonymsOf(c *config.Page) (*api.Pseudonyms, error) {
	if c.Customers == config.ShowIDs {
		return nil, nil
	}
	key := []byte(c.PseudonymSecret)
	if len(key) == 0 {
		key = make([]byte, 32)
		if _, err := rand.Read(key); err != nil {
			return nil, err
		}
	}
	return api.NewPseudonyms(key)
}

// reach waits a while for both servers, and returns the number of partitions of each topic.
func (s *service) reach(ctx context.Context, to *servers) (partitions int, err error) {
	err = s.patiently(ctx, func() (err error) {
		if _, err = to.store.Ping(ctx); err == nil {
			partitions, err = to.kafka.CheckTopics(ctx, to.topics)
		}
		if isTopicError(err) {
			return usage(err)
		}
		return err
	})
	return partitions, err
}

// patiently tries for a while until do succeeds: a server may be starting, or be away for a moment.
func (s *service) patiently(ctx context.Context, do func() error) error {
	deadline := time.Now().Add(startupTries)
	for {
		err := do()
		var told *exitError
		var final *pipeline.FinalError
		switch {
		case err == nil || errors.As(err, &told) || errors.As(err, &final):
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case time.Now().After(deadline):
			return unreachable(fmt.Errorf("%w (csatflow check tells more)", err))
		}
		s.log.Warn("waiting for a server", "err", err)
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(time.Second):
		}
	}
}
