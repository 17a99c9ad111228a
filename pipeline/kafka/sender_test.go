package kafka

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"

	"csatflow/pipeline"
	"csatflow/pipeline/partitioner"
)

func TestASenderPutsKeysWhereTheProducersDoInTheOrderGiven(t *testing.T) {
	const partitions = 4
	_, c := faked(t, kfake.NumBrokers(1), kfake.SeedTopics(partitions, "a"))
	for _, by := range []partitioner.Partitioner{partitioner.CRC32, partitioner.Any} {
		asked := 0
		s := NewSender(c, TopicNames{"a"}, func(context.Context) (partitioner.Partitioner, error) { asked++; return by, nil })
		before := counted(t, c, partitions)
		for i := range 100 {
			if err := s.Add(t.Context(), "responses", fmt.Appendf(nil, "customer-%d", i%10), fmt.Appendf(nil, "%d", i)); err != nil {
				t.Fatal(err)
			}
		}
		if s.Sent != 0 {
			t.Errorf("%d events were sent before the flush", s.Sent)
		}
		if err := errors.Join(s.Flush(t.Context()), s.Close()); err != nil {
			t.Fatal(err)
		}
		if s.Sent != 100 || asked != 1 {
			t.Errorf("%d events were sent, the producers were asked %d times", s.Sent, asked)
		}
		want := by
		if by == partitioner.Any {
			want = partitioner.Murmur2
		}
		for p, end := range counted(t, c, partitions) {
			last := map[string]int{}
			err := c.Scan(t.Context(), "a", p, before[p], end, slog.New(slog.DiscardHandler), func(b *pipeline.Batch) error {
				for i := range b.Records {
					key := string(b.Records[i].Key)
					var n int
					if _, err := fmt.Sscan(string(b.Records[i].Value), &n); err != nil {
						return err
					}
					if before, seen := last[key]; want.PartitionOf(b.Records[i].Key, partitions) != p || seen && n != before+10 {
						t.Errorf("%s: event %d of %s after %d in partition %d", want, n, key, before, p)
					}
					last[key] = n
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
}

// counted returns how many messages each partition has.
func counted(t *testing.T, c *Connection, partitions int) (ends []int64) {
	t.Helper()
	bounds, err := c.Bounds(t.Context(), "a", partitions)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range bounds {
		ends = append(ends, b.End)
	}
	return ends
}

func TestASenderSaysThatATopicIsAbsent(t *testing.T) {
	_, c := faked(t, kfake.NumBrokers(1))
	s := NewSender(c, TopicNames{"nowhere"}, func(context.Context) (partitioner.Partitioner, error) { return partitioner.Murmur2, nil })
	if err := s.Add(t.Context(), "responses", []byte("k"), []byte("{}")); err != nil {
		t.Fatal(err)
	}
	var absent *TopicError
	if err := s.Flush(t.Context()); !errors.As(err, &absent) || !strings.Contains(err.Error(), "nowhere") || !strings.Contains(err.Error(), "migrate --topics") {
		t.Errorf("%v", err)
	}
}
