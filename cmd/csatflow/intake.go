package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"csatflow/cmd/csatflow/config"
	"csatflow/pipeline"
	"csatflow/pipeline/intake"
	"csatflow/pipeline/intake/httpin"
	"csatflow/pipeline/kafka"
	"csatflow/pipeline/partitioner"
	"csatflow/sinks/alert/endpoint"
	"csatflow/sinks/deadletter"
)

type intakeCommand struct {
	Serve intakeServe `cmd:"" default:"withargs" help:"The service: takes events over HTTP and from topics of others, and sends them to Kafka (csatflow intake alone does this)."`
	Test  intakeTest  `cmd:"" help:"Show what recorded payloads become."`
	Token intakeToken `cmd:"" help:"Make a token for a feed, and its hash for the configuration."`
	Feeds intakeFeeds `cmd:"" help:"List the ready feeds, or print one."`
}

func (intakeCommand) Help() string {
	return `Examples:
  csatflow intake --config csatflow.yaml
  csatflow intake test recorded.json --feed kiosk --config csatflow.yaml
  csatflow intake token kiosk
  csatflow intake feeds zendesk`
}

type intakeServe struct {
	configFlag
	Listen string `placeholder:"HOST:PORT" help:"Address, instead of the configured one."`
}

func (intakeServe) Help() string {
	return `Examples:
  csatflow intake --config csatflow.yaml
  curl --json '{"event_id":"1","occurred_at":"2026-03-02T10:00:00Z","terminal_id":"till-7","grade":6}' http://127.0.0.1:8090/v1/events/responses

Events in csatflow's own form go to /v1/events/ and the topic, what others send to /v1/feeds/ and the feed's name (intake.feeds).
Topics of others are read by intake.kafka. 202 means that all replicas of Kafka have what was taken; /openapi.json describes the rest. Start as many as you like. It needs no
ClickHouse. On SIGTERM it ends within 10 s, and what was answered 202 is in Kafka.`
}

func (cmd *intakeServe) Run(sys *system) error {
	c, err := cmd.load(sys)
	if err != nil {
		return err
	}
	if cmd.Listen != "" {
		c.Intake.Listen = cmd.Listen
	}
	if err := c.CheckIntake(); err != nil {
		return usage(err)
	}
	log := logger(sys, c.Log)
	for _, text := range cmd.warnings(c) {
		log.Warn("the configuration should change", "why", text)
	}
	in, err := openIntake(sys.ctx, c, nil, log)
	if err != nil {
		return err
	}
	log.Info("serving", "intake", "http://"+nearby(in.server.Addr())+"/", "feeds", len(c.Intake.Feeds), "topics", len(c.Intake.Kafka))
	select {
	case <-sys.ctx.Done():
	case <-in.server.Ended():
		return errors.Join(answerNo(errors.New("the intake's server ended")), in.close())
	}
	if err := in.close(); err != nil {
		return err
	}
	log.Info("stopped; what was answered 202 is in Kafka")
	return nil
}

// running is an intake that serves.
type running struct {
	server   *httpin.Server
	producer *kafka.Producer
	dead     *deadletter.Topic
	topics   *reading // nil for none
	stop     context.CancelFunc
}

// openIntake reaches Kafka and begins to serve. now is the time of a simulated day, nil where it is that of the clock.
func openIntake(ctx context.Context, c *config.Config, now func() time.Time, log *slog.Logger) (*running, error) {
	all, err := c.Intake.Compile(c.Words(), log)
	if err != nil {
		return nil, usage(err)
	}
	access := map[string]httpin.Access{}
	for feed, a := range c.Intake.Accesses() {
		var key []byte
		if a.WebhookSecret != "" {
			if key, err = endpoint.Key(a.WebhookSecret); err != nil {
				return nil, usage(err)
			}
		}
		if access[feed], err = httpin.NewAccess(&a, key); err != nil {
			return nil, usage(err)
		}
	}
	conn, err := connectKafka(&c.Kafka)
	if err != nil {
		return nil, err
	}
	var by partitioner.Partitioner
	told := false
	err = (&service{log: log}).patiently(ctx, func() error {
		_, err := conn.CheckTopics(ctx, topicNames(&c.Kafka))
		if err == nil {
			_, err = conn.PartitionsOf(ctx, c.Kafka.Topics.DeadLetter)
		}
		if err == nil {
			by, told, err = producersPartitioner(ctx, &c.Kafka, conn)
		}
		if isTopicError(err) {
			return usage(err)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if !told {
		log.Info("keys are placed by murmur2, as the topics do not tell yet how other producers place them (kafka.partitioner)")
	}
	r := &running{producer: kafka.NewProducer(conn, topicNames(&c.Kafka), by), dead: deadletter.Open(conn, c.Kafka.Topics.DeadLetter, topicNames(&c.Kafka))}
	watched, stop := context.WithCancel(context.WithoutCancel(ctx))
	r.stop = stop
	i := &c.Intake
	clock := &intake.Clock{Now: time.Now, Ahead: i.Ahead, Behind: i.Behind}
	if now != nil {
		clock.Now, clock.Simulated = now, true
	}
	registry, to := prometheus.NewRegistry(), &toKafka{r.producer, r.dead}
	unready := watchKafka(watched, conn, append(foreignTopics(i), c.Kafka.Topics.DeadLetter))
	if len(i.Kafka) > 0 {
		if r.topics, err = readTopics(watched, c, conn, all, to, clock, registry, log); err != nil {
			stop()
			return nil, errors.Join(err, r.producer.Close(), r.dead.Close())
		}
		kafkaAway := unready
		unready = func() string { return cmp.Or(kafkaAway(), r.topics.intake.Unready()) }
	}
	r.server, err = httpin.Listen(httpin.Options{Listen: i.Listen, WebConfig: i.WebConfig, Feeds: all, Words: c.Words(), Access: access, Origins: i.Origins,
		MaxBody: i.MaxBody, Memory: i.Memory, Requests: i.Requests, Timeout: i.Timeout, Producer: to,
		Clock: clock, Unready: unready, Registry: registry, Log: log})
	if err != nil {
		stop()
		return nil, usage(errors.Join(err, r.topics.wait(), r.producer.Close(), r.dead.Close()))
	}
	return r, nil
}

// close answers the requests under way, takes what was read of topics, and then closes the way to Kafka.
func (r *running) close() error {
	r.stop()
	return errors.Join(r.server.Close(), r.topics.wait(), r.producer.Close(), r.dead.Close())
}

// watchKafka looks for Kafka and topics every few seconds, and returns what says why they are not there.
func watchKafka(ctx context.Context, conn *kafka.Connection, topics []string) (unready func() string) {
	var why atomic.Pointer[string]
	go func() {
		for ctx.Err() == nil {
			text := ""
			for _, topic := range topics {
				look, cancel := context.WithTimeout(ctx, 3*time.Second)
				_, err := conn.PartitionsOf(look, topic)
				cancel()
				switch {
				case isTopicError(err):
					text = cmp.Or(text, err.Error())
				case err != nil:
					text = cmp.Or(text, fmt.Sprintf("Kafka does not answer: %v", err))
				}
			}
			why.Store(&text)
			select {
			case <-ctx.Done():
			case <-time.After(2 * time.Second):
			}
		}
	}()
	return func() string {
		if text := why.Load(); text != nil {
			return *text
		}
		return ""
	}
}

// toKafka is the way of the intake's events to Kafka.
type toKafka struct {
	events *kafka.Producer
	dead   *deadletter.Topic
}

// Has implements [intake.Producer].
func (k *toKafka) Has(topic string) bool { return k.events.Has(topic) }

// Produce implements [intake.Producer].
func (k *toKafka) Produce(ctx context.Context, list []intake.Message, released func()) []error {
	out := make([]kafka.Message, len(list))
	for i := range list {
		m := &list[i]
		out[i] = kafka.Message{Feed: m.Topic, Key: m.Key, Value: m.Value, Headers: mappingHeader(m.Feed, m.Mapping)}
	}
	errs := k.events.Produce(ctx, out, released)
	for i, err := range errs {
		var large *kafka.TooLargeError
		switch {
		case errors.As(err, &large):
			errs[i] = &intake.TooLarge{Reason: err.Error()}
		case isTopicError(err):
			errs[i] = &intake.Unreachable{Err: err}
		}
	}
	return errs
}

// mappingHeader says by which version of which mapping an event was made.
func mappingHeader(feed, version string) []pipeline.Header {
	if feed == "" {
		return nil
	}
	return []pipeline.Header{{Key: deadletter.HeaderMapping, Value: []byte(feed + "@" + version)}}
}

// Bury implements [intake.Producer].
func (k *toKafka) Bury(ctx context.Context, list []intake.Unmapped) error {
	out := make([]deadletter.Unmapped, len(list))
	for i := range list {
		u := &list[i]
		out[i] = deadletter.Unmapped{Feed: u.Feed, Field: u.Field, Expression: u.Expression, Reason: u.Reason, Mapping: u.Mapping, Kind: u.Kind, Request: u.Request, Place: u.Place.String(), Payload: u.Payload}
	}
	return k.dead.Bury(ctx, out)
}
