package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"

	"csatflow/pipeline"
	"csatflow/pipeline/partitioner"
)

// What is read of a topic to learn its producers' partitioner.
const (
	learnPartitions             = 32  // most partitions, spread over all
	learnRecords                = 200 // per partition, from the log's start
	learnKeys                   = 10  // different keys needed to tell one partitioner from the others
	mixedKeys                   = 30  // different keys needed to tell that none explains a topic
	newTopicTries, newTopicWait = 20, 250 * time.Millisecond
	// learnShare is the least share of keys where a partitioner puts them: a few may be misplaced.
	learnShare = 0.95
)

// Use is where the keys of a topic's messages are.
type Use struct {
	Topic string
	Keys  int // different keys that were read
	// Explained is how many of them are where a partitioner puts them, by partitioner.
	Explained [1 + partitioner.FNV1a]int
}

// Uses is the [Use] of all topics.
type Uses struct {
	Partitions int
	Topics     []Use
}

// LearnPartitioner reads keys from the topics: a few hundred messages per partition at most.
func (c *Connection) LearnPartitioner(ctx context.Context, topics TopicNames, partitions int, log *slog.Logger) (*Uses, error) {
	uses := &Uses{Partitions: partitions}
	for _, name := range topics.Read() {
		use, err := c.useOf(ctx, name, partitions, log)
		var code kafka.Error
		for tries := 0; errors.As(err, &code) && code.Temporary() && tries < newTopicTries; tries++ { // brokers need a moment to know a new topic
			select {
			case <-ctx.Done():
				return nil, context.Cause(ctx)
			case <-time.After(newTopicWait):
			}
			use, err = c.useOf(ctx, name, partitions, log)
		}
		if err != nil {
			return nil, fmt.Errorf("looking at where the keys of %s are: %w", name, err)
		}
		uses.Topics = append(uses.Topics, *use)
	}
	return uses, nil
}

func (c *Connection) useOf(ctx context.Context, topic string, partitions int, log *slog.Logger) (*Use, error) {
	use := &Use{Topic: topic}
	bounds, err := c.Bounds(ctx, topic, partitions)
	if err != nil {
		return nil, err
	}
	enough := errors.New("enough")
	for i := range min(partitions, learnPartitions) {
		p := i * partitions / min(partitions, learnPartitions)
		seen, left := map[string]bool{}, learnRecords
		err := c.Scan(ctx, topic, p, bounds[p].First, bounds[p].End, log, func(b *pipeline.Batch) error {
			for j := range b.Records {
				if left--; left < 0 {
					return enough
				}
				if key := b.Records[j].Key; len(key) > 0 && !seen[string(key)] {
					seen[string(key)] = true
					use.add(key, p, partitions)
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, enough) {
			return nil, err
		}
	}
	return use, nil
}

func (u *Use) add(key []byte, partition, partitions int) {
	u.Keys++
	for _, h := range partitioner.Hashes {
		if h.PartitionOf(key, partitions) == partition {
			u.Explained[h]++
		}
	}
}

// By returns the partitioner that explains a topic's keys; [partitioner.Any] if none does. mixed reports that there are
// enough keys to tell.
func (u *Use) By() (by partitioner.Partitioner, mixed bool) {
	found := 0
	for _, h := range partitioner.Hashes {
		if float64(u.Explained[h]) >= learnShare*float64(u.Keys) {
			by = h
			found++
		}
	}
	switch {
	case u.Keys < learnKeys || found > 1:
		return partitioner.Any, false
	case found == 1:
		return by, false
	}
	return partitioner.Any, u.Keys >= mixedKeys
}

// Decide returns the partitioner that all topics use, or [partitioner.Any] if there are too few keys to tell. If they
// use different ones it returns a [TopicError] with a table.
func (u *Uses) Decide() (partitioner.Partitioner, error) {
	if u.Partitions == 1 { // every partitioner agrees
		return partitioner.Murmur2, nil
	}
	by := partitioner.Any
	for i := range u.Topics {
		own, mixed := u.Topics[i].By()
		if mixed || own != partitioner.Any && by != partitioner.Any && own != by {
			return partitioner.Any, &TopicError{Reason: "the producers put keys into partitions in different ways, so that one customer's events are in several partitions, where they cannot be counted as one customer's:\n" +
				u.Table() + "Let all producers use one partitioner (for librdkafka: partitioner=murmur2_random), and send the events to new topics; or set kafka.partitioner to the one that is right, and what is elsewhere becomes dead letters; or to any, and take the miscounts"}
		}
		if own != partitioner.Any {
			by = own
		}
	}
	return by, nil
}

// Table shows for each topic how many keys are where each partitioner puts them.
func (u *Uses) Table() string {
	var b strings.Builder
	width := 0
	for i := range u.Topics {
		width = max(width, len(u.Topics[i].Topic))
	}
	for i := range u.Topics {
		t := &u.Topics[i]
		fmt.Fprintf(&b, "  %-*s  %5d keys:", width, t.Topic, t.Keys)
		for _, h := range partitioner.Hashes {
			fmt.Fprintf(&b, "  %s %d", h, t.Explained[h])
		}
		switch by, mixed := t.By(); {
		case mixed:
			b.WriteString("  none of them, or several producers\n")
		case by == partitioner.Any:
			b.WriteString("  too few to tell\n")
		default:
			fmt.Fprintf(&b, "  it is %s\n", by)
		}
	}
	return b.String()
}
