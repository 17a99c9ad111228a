package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"csatflow/cmd/csatflow/config"
	"csatflow/pipeline"
	"csatflow/pipeline/audit"
	"csatflow/pipeline/intake/wire"
	"csatflow/pipeline/kafka"
	"csatflow/pipeline/translate"
	"csatflow/schemas/feeds"
	"csatflow/sinks/deadletter"
)

// translatorOf returns what reads the input topics in the formats of the configuration; nil if all are JSON.
func translatorOf(c *config.Kafka, o translate.Options) (*translate.Translator, error) {
	formats := c.ReadFormats()
	if !slices.ContainsFunc(formats[:], config.NeedsSchema) {
		return nil, nil
	}
	registry, err := wire.OpenRegistry(c.SchemaRegistry())
	if err != nil {
		return nil, usage(err)
	}
	for topic, format := range formats {
		if config.NeedsSchema(format) {
			o.Readers[topic] = wire.NewEvents(format, config.FormatKey, registry, &feeds.All[topic])
		}
	}
	return translate.New(&o), nil
}

// reading returns how a partition's log is read, see [kafka.Group].
func (s *service) reading(told func(partition int, err error)) (func(int, pipeline.Log) pipeline.Log, error) {
	t, err := translatorOf(&s.config.Kafka, translate.Options{Told: told, Log: s.log})
	if t == nil {
		return nil, err
	}
	return t.Log, nil
}

// auditPatience is how long an audit waits for the schema registry; a service goes on trying.
const auditPatience = 2 * time.Minute

// translatedLog is the log of an audit whose topics have other formats than JSON.
type translatedLog struct {
	*kafka.GroupLog
	translator *translate.Translator
}

// Scan hands over the records with their events as JSON.
func (l *translatedLog) Scan(ctx context.Context, topic pipeline.Topic, partition int, from, to int64, each func(*pipeline.Batch) error) error {
	if !l.translator.Reads(topic) {
		return l.GroupLog.Scan(ctx, topic, partition, from, to, each)
	}
	return l.GroupLog.Scan(ctx, topic, partition, from, to, func(b *pipeline.Batch) error {
		for i := range b.Records {
			if err := l.record(ctx, topic, partition, &b.Records[i]); err != nil {
				return err
			}
		}
		return each(b)
	})
}

func (l *translatedLog) record(ctx context.Context, topic pipeline.Topic, partition int, rec *pipeline.Record) error {
	ctx, cancel := context.WithTimeoutCause(ctx, auditPatience, fmt.Errorf("the schema registry has not answered for %s", auditPatience))
	defer cancel()
	return l.translator.Record(ctx, topic, partition, rec)
}

// auditLog returns the log that an audit reads. What became a dead letter because the registry did not know its schema, or because the
// topic was read as JSON, stays one: the rows were made so, whatever the registry knows now. letters may be nil.
func auditLog(ctx context.Context, c *config.Kafka, l *kafka.GroupLog, letters *deadletter.Origins) (audit.Log, error) {
	refused := map[translate.Place]string{}
	t, err := translatorOf(c, translate.Options{Log: l.Log, Refused: refused})
	if err != nil {
		return nil, err
	}
	if t == nil {
		return l, nil
	}
	if letters != nil {
		err = letters.Unread(ctx, func(o audit.Origin, reason string) {
			refused[translate.Place{Topic: o.Topic, Partition: o.Partition, Offset: o.Offset}] = reason
		})
	}
	return &translatedLog{l, t}, err
}

// eventOf returns what makes JSON of a value of a feed, see [deadletter.Repair].
func eventOf(c *config.Kafka, log *slog.Logger) (func(ctx context.Context, feed string, value []byte) ([]byte, error), error) {
	t, err := translatorOf(c, translate.Options{Log: log})
	if t == nil {
		return nil, err
	}
	return func(ctx context.Context, feed string, value []byte) ([]byte, error) {
		topic, _ := pipeline.TopicOf(feed)
		return t.Event(ctx, topic, value)
	}, nil
}
