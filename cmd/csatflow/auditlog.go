package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	kafkago "github.com/segmentio/kafka-go"

	"csatflow/pipeline"
	"csatflow/pipeline/audit"
	"csatflow/pipeline/kafka"
	"csatflow/sinks/deadletter"
)

// groupLog is the input topics and a consumer group's offsets, for an audit.
type groupLog struct {
	conn   *kafka.Connection
	group  string
	topics kafka.TopicNames
	log    *slog.Logger
}

func (l *groupLog) Name(topic pipeline.Topic) string { return l.topics[topic] }

func (l *groupLog) Committed(ctx context.Context) ([][pipeline.Topics]int64, error) {
	partitions, err := l.conn.CheckTopics(ctx, l.topics)
	if err != nil {
		return nil, err
	}
	ask := map[string][]int{}
	committed := make([][pipeline.Topics]int64, partitions)
	for p := range committed {
		committed[p] = pipeline.NoOffsets()
		for _, name := range l.topics.Read() {
			ask[name] = append(ask[name], p)
		}
	}
	res, err := l.conn.Client.OffsetFetch(ctx, &kafkago.OffsetFetchRequest{GroupID: l.group, Topics: ask})
	if err == nil {
		err = res.Error
	}
	if errors.Is(err, kafkago.GroupIdNotFound) {
		return committed, nil
	}
	if err != nil {
		return nil, fmt.Errorf("asking for the committed offsets of group %s: %w", l.group, err)
	}
	for topic, name := range l.topics.Read() {
		for _, o := range res.Topics[name] {
			if o.Error != nil {
				return nil, fmt.Errorf("asking for the committed offset of group %s in %s, partition %d: %w", l.group, name, o.Partition, o.Error)
			}
			if o.Partition >= 0 && o.Partition < partitions {
				committed[o.Partition][topic] = o.CommittedOffset
			}
		}
	}
	return committed, nil
}

func (l *groupLog) Bounds(ctx context.Context) ([][pipeline.Topics]pipeline.Bounds, error) {
	partitions, err := l.conn.CheckTopics(ctx, l.topics)
	if err != nil {
		return nil, err
	}
	bounds := make([][pipeline.Topics]pipeline.Bounds, partitions)
	for topic, name := range l.topics.Read() {
		list, err := l.conn.Bounds(ctx, name, partitions)
		if err != nil {
			return nil, err
		}
		for p, b := range list {
			bounds[p][topic] = b
		}
	}
	return bounds, nil
}

func (l *groupLog) Scan(ctx context.Context, topic pipeline.Topic, partition int, from, to int64, each func(*pipeline.Batch) error) error {
	return l.scan(ctx, l.topics[topic], partition, from, to, each)
}

// silence is how long brokers may give nothing before an audit gives up; a service would go on trying.
const silence = 2 * time.Minute

func (l *groupLog) scan(ctx context.Context, topic string, partition int, from, to int64, each func(*pipeline.Batch) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	gaveUp := fmt.Errorf("%s, partition %d: the brokers have given nothing for %s", topic, partition, silence)
	watch := time.AfterFunc(silence, func() { cancel(gaveUp) })
	defer watch.Stop()
	err := l.conn.Scan(ctx, topic, partition, from, to, l.log, func(b *pipeline.Batch) error {
		watch.Stop()
		defer watch.Reset(silence)
		return each(b)
	})
	if err != nil && errors.Is(context.Cause(ctx), gaveUp) {
		return gaveUp
	}
	return err
}

// letterLog is the dead-letter topic, for an audit.
type letterLog struct {
	*groupLog
	topic      string
	partitions int
}

// letters finds the dead-letter topic; why says that there is none.
func (l *groupLog) letters(ctx context.Context, topic string) (found *letterLog, why string, err error) {
	n, err := l.conn.PartitionsOf(ctx, topic)
	if isTopicError(err) {
		return nil, "there is no topic " + topic + " (csatflow migrate --topics creates it)", nil
	}
	if err != nil {
		return nil, "", err
	}
	return &letterLog{l, topic, n}, "", nil
}

func (l *letterLog) Each(ctx context.Context, each func(audit.Origin) error) (cut int64, err error) {
	bounds, err := l.conn.Bounds(ctx, l.topic, l.partitions)
	if err != nil {
		return 0, err
	}
	for p, b := range bounds {
		cut += b.First
		err := l.scan(ctx, l.topic, p, b.First, b.End, func(batch *pipeline.Batch) error {
			for i := range batch.Records {
				if deadletter.IsNote(&batch.Records[i]) {
					continue
				}
				if err := each(l.origin(&batch.Records[i])); err != nil {
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

// origin reads the headers that csatflow adds. A message may have some of that name already, of an earlier life; its own
// come last.
func (l *letterLog) origin(rec *pipeline.Record) (o audit.Origin) {
	var topic, partition, offset string
	for _, h := range rec.Headers {
		switch h.Key {
		case deadletter.HeaderTopic:
			topic = string(h.Value)
		case deadletter.HeaderPartition:
			partition = string(h.Value)
		case deadletter.HeaderOffset:
			offset = string(h.Value)
		}
	}
	p, err := strconv.Atoi(partition)
	at, err2 := strconv.ParseInt(offset, 10, 64)
	for t, name := range l.topics {
		if name == topic && err == nil && err2 == nil {
			o = audit.Origin{Known: true, Topic: pipeline.Topic(t), Partition: p, Offset: at}
		}
	}
	return o
}
