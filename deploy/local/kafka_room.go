package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	measureEvery = 250 * time.Millisecond
	// Shares of the bound: above which read records are dropped, and down to which.
	dropAbove, dropTo = 0.9, 0.75
)

// room bounds the records of all topics together, and refuses more. Before that it drops, the oldest first, records that every
// group of their topic has read, and those beyond a topic's own bound; never anything else.
type room struct {
	bytes int64
	each  map[string]int64 // bounds of topics that have one
	log   *slog.Logger
	admin *kadm.Client
	stop  func()
	done  chan struct{}

	mu       sync.Mutex
	measured int64 // bytes at the last measurement
	since    int64 // bytes accepted since that measurement began
	dropped  bool  // the last measurement made room: producers should try again
}

// admit is called before each Produce request. It runs inside the broker, and must not send it requests.
func (r *room) admit(req *kmsg.ProduceRequest) (kmsg.Response, error, bool) {
	n := int64(0)
	for _, t := range req.Topics {
		for _, p := range t.Partitions {
			n += int64(len(p.Records))
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.measured+r.since+n <= r.bytes {
		r.since += n
		return nil, nil, false
	}
	why := fmt.Sprintf("the embedded Kafka is full: it holds %d of the %d bytes of --kafka-bytes, and drops none that a group has yet to read (let the readers catch up, or start it with a larger --kafka-bytes)", r.measured+r.since, r.bytes)
	if req.Acks == 0 {
		return nil, errors.New(why), true // without acknowledgements there is no answer: the connection ends
	}
	code := kerr.PolicyViolation.Code
	if r.dropped {
		code = kerr.KafkaStorageError.Code // which producers try again
	}
	answer := req.ResponseKind().(*kmsg.ProduceResponse)
	for _, t := range req.Topics {
		topic := kmsg.NewProduceResponseTopic()
		topic.Topic, topic.TopicID = t.Topic, t.TopicID
		for _, p := range t.Partitions {
			partition := kmsg.NewProduceResponseTopicPartition()
			partition.Partition, partition.ErrorCode, partition.BaseOffset = p.Partition, code, -1
			if req.Version >= 8 {
				partition.ErrorMessage = &why
			}
			topic.Partitions = append(topic.Partitions, partition)
		}
		answer.Topics = append(answer.Topics, topic)
	}
	return answer, nil, true
}

// openRoom measures the topics, and goes on measuring until close.
func openRoom(addr string, o KafkaOptions) (*room, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(addr))
	if err != nil {
		return nil, fmt.Errorf("connecting to the broker: %w", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	r := &room{bytes: o.Bytes, each: map[string]int64{}, log: o.Log, admin: kadm.NewClient(client), stop: stop, done: make(chan struct{})}
	for _, t := range o.Topics {
		if t.Bytes > 0 {
			r.each[t.Name] = t.Bytes
		}
	}
	if err := r.measure(ctx); err != nil {
		stop()
		client.Close()
		return nil, err
	}
	go func() {
		defer close(r.done)
		defer client.Close()
		tick := time.NewTicker(measureEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if err := r.measure(ctx); err != nil && ctx.Err() == nil {
				r.log.Warn("measuring the embedded Kafka", "err", err)
			}
		}
	}()
	return r, nil
}

func (r *room) close() {
	r.stop()
	<-r.done
}

// measure measures the topics, and makes room if they are nearly full.
func (r *room) measure(ctx context.Context) error {
	r.mu.Lock()
	before := r.since
	full := float64(r.measured+r.since) > dropAbove*float64(r.bytes)
	idle := r.measured > 0 && r.since == 0 && !full
	r.mu.Unlock()
	if idle {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, topicsTimeout)
	defer cancel()
	sizes, total, err := r.sizes(ctx)
	if err != nil {
		return err
	}
	dropped, err := r.shorten(ctx, sizes)
	if err != nil {
		return err
	}
	if dropped {
		if sizes, total, err = r.sizes(ctx); err != nil {
			return err
		}
	}
	if float64(total) > dropAbove*float64(r.bytes) {
		read, err := r.drop(ctx, sizes, float64(total)-dropTo*float64(r.bytes))
		if err != nil {
			return err
		}
		if dropped = dropped || read; read {
			if _, total, err = r.sizes(ctx); err != nil {
				return err
			}
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	// total may include what arrived meanwhile: until the next measurement, rather too much than too little.
	r.measured, r.since, r.dropped = total, r.since-before, dropped
	return nil
}

type topicPartition struct {
	topic     string
	partition int32
}

// sizes returns the bytes of each partition, and their sum.
func (r *room) sizes(ctx context.Context) (map[topicPartition]int64, int64, error) {
	all, err := r.admin.DescribeAllLogDirs(ctx, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("sizes of partitions: %w", err)
	}
	sizes, total := map[topicPartition]int64{}, int64(0)
	all.Each(func(d kadm.DescribedLogDir) {
		err = errors.Join(err, d.Err)
		d.Topics.Each(func(p kadm.DescribedLogDirPartition) {
			sizes[topicPartition{p.Topic, p.Partition}] += p.Size
			total += p.Size
		})
	})
	if err != nil {
		return nil, 0, fmt.Errorf("sizes of partitions: %w", err)
	}
	return sizes, total, nil
}

// drop removes about this many bytes of records that all groups have read, from each partition in proportion. It reports
// whether it could remove any.
func (r *room) drop(ctx context.Context, sizes map[topicPartition]int64, bytes float64) (bool, error) {
	read, err := r.read(ctx)
	if err != nil || len(read) == 0 {
		return false, err
	}
	var topics []string
	for topic := range read {
		topics = append(topics, topic)
	}
	starts, err := r.admin.ListStartOffsets(ctx, topics...)
	if err != nil {
		return false, fmt.Errorf("offsets: %w", err)
	}
	ends, err := r.admin.ListEndOffsets(ctx, topics...)
	if err != nil {
		return false, fmt.Errorf("offsets: %w", err)
	}
	type span struct{ start, read int64 }
	spans, droppable := map[topicPartition]span{}, 0.0
	starts.Each(func(o kadm.ListedOffset) {
		end, ok := ends.Lookup(o.Topic, o.Partition)
		upTo := min(read[o.Topic][o.Partition], end.Offset) // 0 for a partition without committed offsets
		if at := (topicPartition{o.Topic, o.Partition}); ok && o.Err == nil && end.Err == nil && upTo > o.Offset {
			spans[at] = span{o.Offset, upTo}
			droppable += float64(sizes[at]) * float64(upTo-o.Offset) / float64(end.Offset-o.Offset)
		}
	})
	if droppable == 0 {
		return false, nil
	}
	share := min(1, bytes/droppable)
	offsets := kadm.Offsets{}
	for at, s := range spans {
		offsets.AddOffset(at.topic, at.partition, s.start+max(1, int64(share*float64(s.read-s.start))), -1)
	}
	answer, err := r.admin.DeleteRecords(ctx, offsets)
	if err == nil {
		err = answer.Error()
	}
	if err != nil {
		return false, fmt.Errorf("dropping what has been read: %w", err)
	}
	return true, nil
}

// read returns, for each topic that groups read, the offsets up to which all of them have read.
func (r *room) read(ctx context.Context) (map[string]map[int32]int64, error) {
	groups, err := r.admin.ListGroups(ctx)
	if err != nil {
		return nil, fmt.Errorf("groups: %w", err)
	}
	read := map[string]map[int32]int64{}
	for _, answer := range r.admin.FetchManyOffsets(ctx, groups.Groups()...) {
		if answer.Err != nil {
			return nil, fmt.Errorf("offsets of group %q: %w", answer.Group, answer.Err)
		}
		for topic, partitions := range answer.Fetched {
			theirs := map[int32]int64{}
			for p, o := range partitions {
				if o.Err == nil && o.At >= 0 {
					theirs[p] = o.At
				}
			}
			if len(theirs) == 0 {
				continue // the group does not read this topic
			}
			if read[topic] == nil {
				read[topic] = theirs
				continue
			}
			for p, at := range read[topic] {
				read[topic][p] = min(at, theirs[p]) // 0 if it has committed nothing
			}
		}
	}
	return read, nil
}
