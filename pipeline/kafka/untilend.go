package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"

	"csatflow/pipeline"
	"csatflow/pipeline/worker"
)

// untilEnd tracks how far the group has read all partitions towards their end offsets at the start of the process. Other
// members may hold some of them; a killed member holds its partitions until its session ends.
type untilEnd struct {
	group *Group
	// ends are the offsets to stop at, by partition: 0 for a topic that is not read or was empty.
	ends [][pipeline.Topics]int64
	// reached is, by partition, whether this process has read it to its end.
	reached []bool
}

// askEvery is the time between two questions to the group how far its other members are.
const askEvery = time.Second

func (g *Group) untilEnd(ctx context.Context) (*untilEnd, error) {
	u := &untilEnd{group: g, ends: make([][pipeline.Topics]int64, g.Partitions), reached: make([]bool, g.Partitions)}
	for topic, name := range g.Topics.Read() {
		bounds, err := g.Connection.Bounds(ctx, name, g.Partitions)
		if err != nil {
			return nil, err
		}
		for p, b := range bounds {
			if b.End > b.First {
				u.ends[p][topic] = b.End
			}
		}
	}
	return u, nil
}

// wait returns [worker.ErrEnds] once every partition is read to its end, by any member, or the context's cause
// if that ends before.
func (u *untilEnd) wait(ctx context.Context) error {
	told := false
	for {
		left, err := u.left(ctx)
		var absent *TopicError
		switch {
		case err == nil && len(left) == 0:
			return worker.ErrEnds
		case errors.As(err, &absent):
			return &pipeline.FinalError{Err: absent}
		case err != nil && ctx.Err() == nil:
			u.group.Log.Warn("asking how far the consumer group is went wrong and is tried again", "err", err)
		case err == nil && !told:
			u.group.Log.Info("waiting for other members of the consumer group to reach the end offsets, or to end", "group", u.group.ID, "partitions", left)
			told = true
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(askEvery):
		}
	}
}

// left returns the partitions that no member has read to their ends.
func (u *untilEnd) left(ctx context.Context) ([]int, error) {
	left := u.behind(make([][pipeline.Topics]int64, len(u.ends)))
	if len(left) == 0 {
		return nil, nil
	}
	// Nobody can read deleted topics.
	if _, err := u.group.Connection.CheckTopics(ctx, u.group.Topics); err != nil {
		return nil, err
	}
	committed, err := u.group.committed(ctx)
	if err != nil {
		return nil, err
	}
	return u.behind(committed), nil
}

// behind returns the partitions that this process has not read to their ends and whose committed offsets are below them.
func (u *untilEnd) behind(committed [][pipeline.Topics]int64) (list []int) {
	for p, ends := range u.ends {
		for topic, end := range ends {
			if !u.reached[p] && end > 0 && committed[p][topic] < end {
				list = append(list, p)
				break
			}
		}
	}
	return list
}

// committed returns the group's committed offsets by partition, -1 for none.
func (g *Group) committed(ctx context.Context) ([][pipeline.Topics]int64, error) {
	ask := map[string][]int{}
	for _, name := range g.Topics.Read() {
		for p := range g.Partitions {
			ask[name] = append(ask[name], p)
		}
	}
	res, err := g.Connection.Client.OffsetFetch(ctx, &kafka.OffsetFetchRequest{GroupID: g.ID, Topics: ask})
	if err == nil {
		err = res.Error
	}
	if err != nil {
		return nil, fmt.Errorf("asking for the offsets of consumer group %s: %w", g.ID, err)
	}
	committed := make([][pipeline.Topics]int64, g.Partitions)
	for p := range committed {
		committed[p] = pipeline.NoOffsets()
	}
	for topic, name := range g.Topics.Read() {
		for _, o := range res.Topics[name] {
			if o.Error != nil {
				return nil, fmt.Errorf("asking for the offsets of consumer group %s in topic %s, partition %d: %w", g.ID, name, o.Partition, o.Error)
			}
			if o.Partition < g.Partitions {
				committed[o.Partition][topic] = o.CommittedOffset
			}
		}
	}
	return committed, nil
}
