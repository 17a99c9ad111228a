package kafka

import (
	"context"

	"csatflow/pipeline"
)

// partitionLog is one partition of every topic.
type partitionLog struct {
	group     *Group
	partition int
}

// log returns the log of a partition.
func (g *Group) log(partition int) pipeline.Log {
	l := &partitionLog{g, partition}
	if g.Reading == nil {
		return l
	}
	return g.Reading(partition, l)
}

func (l *partitionLog) Name(topic pipeline.Topic) string { return l.group.Topics[topic] }

func (l *partitionLog) Bounds(ctx context.Context) (list [pipeline.Topics]pipeline.Bounds, err error) {
	for topic, name := range l.group.Topics.Read() {
		all, err := l.group.Connection.Bounds(ctx, name, l.group.Partitions)
		if err != nil {
			return list, err
		}
		list[topic] = all[l.partition]
	}
	return list, nil
}

func (l *partitionLog) RecordAt(ctx context.Context, topic pipeline.Topic, offset int64) (rec *pipeline.Record, err error) {
	err = l.group.Connection.Scan(ctx, l.group.Topics[topic], l.partition, offset, offset+1, l.group.Log, func(b *pipeline.Batch) error {
		for i := range b.Records {
			if b.Records[i].Offset == offset {
				rec = &b.Records[i]
			}
		}
		return nil
	})
	return rec, err
}

func (l *partitionLog) Open(ctx context.Context, next [pipeline.Topics]int64) (pipeline.Feed, error) {
	return openFeed(ctx, l.group.Connection, l.group.Topics, l.partition, next, l.group.Log), nil
}
