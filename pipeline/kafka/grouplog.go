package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/segmentio/kafka-go"

	"csatflow/pipeline"
)

// GroupLog reads the input topics and a consumer group's offsets for an audit.
type GroupLog struct {
	Connection *Connection
	Group      string
	Topics     TopicNames
	Log        *slog.Logger
}

// Name returns the name of a topic.
func (l *GroupLog) Name(topic pipeline.Topic) string { return l.Topics[topic] }

// Committed returns the group's committed offsets by partition; [pipeline.NoOffsets] if there are none.
func (l *GroupLog) Committed(ctx context.Context) ([][pipeline.Topics]int64, error) {
	partitions, err := l.Connection.CheckTopics(ctx, l.Topics)
	if err != nil {
		return nil, err
	}
	ask := map[string][]int{}
	committed := make([][pipeline.Topics]int64, partitions)
	for p := range committed {
		committed[p] = pipeline.NoOffsets()
		for _, name := range l.Topics.Read() {
			ask[name] = append(ask[name], p)
		}
	}
	res, err := l.Connection.Client.OffsetFetch(ctx, &kafka.OffsetFetchRequest{GroupID: l.Group, Topics: ask})
	if err == nil {
		err = res.Error
	}
	if errors.Is(err, kafka.GroupIdNotFound) {
		return committed, nil
	}
	if err != nil {
		return nil, fmt.Errorf("asking for the committed offsets of group %s: %w", l.Group, err)
	}
	for topic, name := range l.Topics.Read() {
		for _, o := range res.Topics[name] {
			if o.Error != nil {
				return nil, fmt.Errorf("asking for the committed offset of group %s in %s, partition %d: %w", l.Group, name, o.Partition, o.Error)
			}
			if o.Partition >= 0 && o.Partition < partitions {
				committed[o.Partition][topic] = o.CommittedOffset
			}
		}
	}
	return committed, nil
}

// Bounds returns where the logs begin and end, by partition.
func (l *GroupLog) Bounds(ctx context.Context) ([][pipeline.Topics]pipeline.Bounds, error) {
	partitions, err := l.Connection.CheckTopics(ctx, l.Topics)
	if err != nil {
		return nil, err
	}
	bounds := make([][pipeline.Topics]pipeline.Bounds, partitions)
	for topic, name := range l.Topics.Read() {
		list, err := l.Connection.Bounds(ctx, name, partitions)
		if err != nil {
			return nil, err
		}
		for p, b := range list {
			bounds[p][topic] = b
		}
	}
	return bounds, nil
}

// Scan reads a partition of an input topic, as [Connection.ScanOrGiveUp] does.
func (l *GroupLog) Scan(ctx context.Context, topic pipeline.Topic, partition int, from, to int64, each func(*pipeline.Batch) error) error {
	return l.Connection.ScanOrGiveUp(ctx, l.Topics[topic], partition, from, to, l.Log, each)
}

// silence is how long brokers may send nothing before an audit gives up; a service goes on trying.
const silence = 2 * time.Minute

// ScanOrGiveUp is [Connection.Scan], but fails when the brokers send nothing for two minutes.
func (c *Connection) ScanOrGiveUp(ctx context.Context, topic string, partition int, from, to int64, log *slog.Logger, each func(*pipeline.Batch) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	gaveUp := fmt.Errorf("%s, partition %d: the brokers have given nothing for %s", topic, partition, silence)
	watch := time.AfterFunc(silence, func() { cancel(gaveUp) })
	defer watch.Stop()
	err := c.Scan(ctx, topic, partition, from, to, log, func(b *pipeline.Batch) error {
		watch.Stop()
		defer watch.Reset(silence)
		return each(b)
	})
	if err != nil && errors.Is(context.Cause(ctx), gaveUp) {
		return gaveUp
	}
	return err
}
