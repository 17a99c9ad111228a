package deadletter

import (
	"context"
	"log/slog"
	"strconv"

	"csatflow/pipeline"
	"csatflow/pipeline/audit"
	"csatflow/pipeline/kafka"
	"csatflow/schemas/reasons"
)

// Origins is the dead-letter topic as an audit reads it: which messages were diverted.
type Origins struct {
	connection *kafka.Connection
	topic      string
	partitions int
	names      kafka.TopicNames // of the input topics
	log        *slog.Logger
}

// FindOrigins finds the dead-letter topic; the error is a [kafka.TopicError] if there is none.
func FindOrigins(ctx context.Context, c *kafka.Connection, topic string, names kafka.TopicNames, log *slog.Logger) (*Origins, error) {
	n, err := c.PartitionsOf(ctx, topic)
	if err != nil {
		return nil, err
	}
	return &Origins{connection: c, topic: topic, partitions: n, names: names, log: log}, nil
}

// Each hands over the origin of each dead letter; cut is how many letters retention has removed.
func (l *Origins) Each(ctx context.Context, each func(audit.Origin) error) (cut int64, err error) {
	return l.letters(ctx, func(rec *pipeline.Record) error { return each(l.origin(rec)) })
}

// Unread hands over the origins, with the reasons, of messages in Confluent's wire format that became dead letters because the registry
// did not know their schema, or because the topic was read as JSON.
func (l *Origins) Unread(ctx context.Context, each func(o audit.Origin, reason string)) error {
	_, err := l.letters(ctx, func(rec *pipeline.Record) error {
		if len(rec.Value) == 0 || rec.Value[0] != 0 {
			return nil
		}
		text, _ := headerOf(rec.Headers, HeaderReason)
		reason, _ := reasons.Read(text)
		if o := l.origin(rec); o.Known && (reason == reasons.NoSchema || reason == reasons.Framed || reason == reasons.NotJSON) {
			each(o, text)
		}
		return nil
	})
	return err
}

// letters hands over the dead letters of input topics; cut is how many retention has removed.
func (l *Origins) letters(ctx context.Context, each func(*pipeline.Record) error) (cut int64, err error) {
	bounds, err := l.connection.Bounds(ctx, l.topic, l.partitions)
	if err != nil {
		return 0, err
	}
	for p, b := range bounds {
		cut += b.First
		err := l.connection.ScanOrGiveUp(ctx, l.topic, p, b.First, b.End, l.log, func(batch *pipeline.Batch) error {
			for i := range batch.Records {
				rec := &batch.Records[i]
				if IsNote(rec) || isUnmapped(rec) {
					continue
				}
				if err := each(rec); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return cut, err
		}
	}
	return cut, nil
}

// origin reads the headers that csatflow adds. A message that was a dead letter before has headers of the same names;
// the last ones count.
func (l *Origins) origin(rec *pipeline.Record) (o audit.Origin) {
	var topic, partition, offset string
	for _, h := range rec.Headers {
		switch h.Key {
		case HeaderTopic:
			topic = string(h.Value)
		case HeaderPartition:
			partition = string(h.Value)
		case HeaderOffset:
			offset = string(h.Value)
		}
	}
	p, err := strconv.Atoi(partition)
	at, err2 := strconv.ParseInt(offset, 10, 64)
	for t, name := range l.names {
		if name == topic && err == nil && err2 == nil {
			o = audit.Origin{Known: true, Topic: pipeline.Topic(t), Partition: p, Offset: at}
		}
	}
	return o
}
