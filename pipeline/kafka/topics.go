package kafka

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/segmentio/kafka-go"

	"csatflow/pipeline"
)

// TopicNames are the names of the input topics, by [pipeline.Topic]; a topic without a name is not read.
type TopicNames [pipeline.Topics]string

// Read returns the topics that are read, with their names.
func (n TopicNames) Read() iter.Seq2[pipeline.Topic, string] {
	return func(yield func(pipeline.Topic, string) bool) {
		for topic, name := range n {
			if name != "" && !yield(pipeline.Topic(topic), name) {
				return
			}
		}
	}
}

// List returns the names of the topics that are read.
func (n TopicNames) List() (names []string) {
	for _, name := range n.Read() {
		names = append(names, name)
	}
	return names
}

// ByFeed returns the names of the topics that are read, by feed.
func (n TopicNames) ByFeed() map[string]string {
	names := map[string]string{}
	for topic, name := range n.Read() {
		names[topic.String()] = name
	}
	return names
}

// Feeds returns the feeds that are read, by the names of their topics.
func (n TopicNames) Feeds() map[string]string {
	feeds := map[string]string{}
	for topic, name := range n.Read() {
		feeds[name] = topic.String()
	}
	return feeds
}

// TopicError is a fault of the topics, with its remedy.
type TopicError struct {
	Reason string
	Absent bool // a topic does not exist
}

func (e *TopicError) Error() string { return e.Reason }

// CheckTopics returns how many partitions the topics have. They must exist and have equally many; if not, a [TopicError]
// says what to do. Any other error means that the brokers cannot be reached.
func (c *Connection) CheckTopics(ctx context.Context, topics TopicNames) (partitions int, err error) {
	names := topics.List()
	counts, err := c.partitions(ctx, names)
	if err != nil {
		return 0, err
	}
	var absent []string
	for i, n := range counts {
		if n == 0 {
			absent = append(absent, names[i])
		}
	}
	if len(absent) > 0 {
		return 0, &TopicError{Absent: true, Reason: fmt.Sprintf("no topic %s: create it with as many partitions as the other input topics (csatflow migrate --topics does), or leave one unread that may be, by an empty name (kafka.topics.departures: \"\")", strings.Join(absent, ", "))}
	}
	for i, n := range counts {
		if n != counts[0] {
			return 0, &TopicError{Reason: fmt.Sprintf("topic %s has %d partitions and %s has %d: a customer's events must have one partition number in every topic, so give all input topics equally many (kafka-topics --alter adds partitions; do it before the first event, since keys move)",
				names[0], counts[0], names[i], n)}
		}
	}
	return counts[0], nil
}

// partitions returns how many partitions each topic has, 0 if it does not exist.
func (c *Connection) partitions(ctx context.Context, topics []string) ([]int, error) {
	m, err := c.Client.Metadata(ctx, &kafka.MetadataRequest{Topics: topics})
	if err != nil {
		return nil, fmt.Errorf("asking %s for topics: %w: is Kafka running, and are kafka.brokers right?", strings.Join(c.Brokers, ", "), err)
	}
	counts := make([]int, len(topics))
	for _, t := range m.Topics {
		if t.Error != nil && !errors.Is(t.Error, kafka.UnknownTopicOrPartition) {
			return nil, fmt.Errorf("asking for topic %s: %w", t.Name, t.Error)
		}
		if i := slices.Index(topics, t.Name); i >= 0 && t.Error == nil {
			counts[i] = len(t.Partitions)
		}
	}
	return counts, nil
}

// NewTopic is a topic to create.
type NewTopic struct {
	Name         string
	Partitions   int
	Replication  int
	MessageBytes int // largest message in bytes (max.message.bytes); 0 for the brokers' default
}

// CreateTopics creates the topics that do not exist, and returns their names.
func (c *Connection) CreateTopics(ctx context.Context, topics []NewTopic) (created []string, err error) {
	req := &kafka.CreateTopicsRequest{}
	for _, t := range topics {
		topic := kafka.TopicConfig{Topic: t.Name, NumPartitions: t.Partitions, ReplicationFactor: t.Replication}
		if t.MessageBytes > 0 {
			topic.ConfigEntries = []kafka.ConfigEntry{{ConfigName: messageBytes, ConfigValue: strconv.Itoa(t.MessageBytes)}}
		}
		req.Topics = append(req.Topics, topic)
	}
	res, err := c.Client.CreateTopics(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("creating topics: %w", err)
	}
	for _, t := range topics {
		switch err := res.Errors[t.Name]; {
		case err == nil:
			created = append(created, t.Name)
		case !errors.Is(err, kafka.TopicAlreadyExists):
			return created, fmt.Errorf("creating topic %s: %w", t.Name, err)
		}
	}
	return created, nil
}

// Bounds are the first offset of a partition's log and the offset where reading ends: the next to be written, or the first
// of an open transaction.
type Bounds = pipeline.Bounds

// Bounds returns the bounds of all partitions of a topic.
func (c *Connection) Bounds(ctx context.Context, topic string, partitions int) ([]Bounds, error) {
	all := make([]int, partitions)
	for p := range all {
		all[p] = p
	}
	return c.bounds(ctx, topic, all)
}

func (c *Connection) bounds(ctx context.Context, topic string, partitions []int) ([]Bounds, error) {
	var ask []kafka.OffsetRequest
	for _, p := range partitions {
		ask = append(ask, kafka.FirstOffsetOf(p), kafka.LastOffsetOf(p))
	}
	res, err := c.Client.ListOffsets(ctx, &kafka.ListOffsetsRequest{Topics: map[string][]kafka.OffsetRequest{topic: ask}, IsolationLevel: kafka.ReadCommitted})
	if err != nil {
		return nil, fmt.Errorf("asking for the offsets of %s: %w", topic, err)
	}
	bounds := make([]Bounds, len(partitions))
	for _, p := range res.Topics[topic] {
		if p.Error != nil {
			return nil, fmt.Errorf("asking for the offsets of %s, partition %d: %w", topic, p.Partition, p.Error)
		}
		if i := slices.Index(partitions, p.Partition); i >= 0 {
			bounds[i] = Bounds{First: p.FirstOffset, End: p.LastOffset}
		}
	}
	return bounds, nil
}

// HasTopic returns a [TopicError] if a topic does not exist.
func (c *Connection) HasTopic(ctx context.Context, topic string) error {
	counts, err := c.partitions(ctx, []string{topic})
	if err != nil || counts[0] > 0 {
		return err
	}
	return &TopicError{Absent: true, Reason: fmt.Sprintf("no topic %s: create it (csatflow migrate --topics does)", topic)}
}

const messageBytes = "max.message.bytes"

// MessageBytes returns the largest message of each topic, in bytes. Brokers may refuse to tell.
func (c *Connection) MessageBytes(ctx context.Context, topics []string) (map[string]int, error) {
	req := &kafka.DescribeConfigsRequest{}
	for _, t := range topics {
		req.Resources = append(req.Resources, kafka.DescribeConfigRequestResource{ResourceType: kafka.ResourceTypeTopic, ResourceName: t, ConfigNames: []string{messageBytes}})
	}
	res, err := c.Client.DescribeConfigs(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("asking for %s of %s: %w", messageBytes, strings.Join(topics, ", "), err)
	}
	sizes := map[string]int{}
	for _, r := range res.Resources {
		if r.Error != nil {
			return nil, fmt.Errorf("asking for %s of %s: %w", messageBytes, r.ResourceName, r.Error)
		}
		for _, e := range r.ConfigEntries {
			if e.ConfigName != messageBytes {
				continue
			}
			if sizes[r.ResourceName], err = strconv.Atoi(e.ConfigValue); err != nil {
				return nil, fmt.Errorf("%s of %s: %w", messageBytes, r.ResourceName, err)
			}
		}
	}
	return sizes, nil
}
