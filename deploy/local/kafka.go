package local

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"
)

const (
	// DefaultKafkaBytes bounds the records of all partitions together.
	DefaultKafkaBytes = 512 << 20
	// Records are dropped by whole segments: a partition keeps its retention and up to one segment more.
	segmentsPerRetention = 4
	minSegmentBytes      = 64 << 10
	cleanEvery           = "500" // ms between two looks at retention and compaction
	minSessionTimeout    = 500 * time.Millisecond
	topicsTimeout        = 10 * time.Second
)

// Topic is a topic that must exist. Config has Kafka's names ("cleanup.policy": "compact").
type Topic struct {
	Name       string
	Partitions int
	Config     map[string]string
}

// KafkaOptions says where the embedded Kafka keeps its records and listens.
type KafkaOptions struct {
	Data   string // data directory, created if absent; "" keeps all in memory
	Addr   string // 127.0.0.1:9092; port 0 takes a free one
	Topics []Topic
	// RetentionBytes bounds the records of each partition; the oldest go first. 0 divides DefaultKafkaBytes among the
	// partitions. It holds for the topics created in this call that do not say their own retention.bytes.
	RetentionBytes int64
}

// Kafka is a running broker inside this process.
type Kafka struct {
	cluster *kfake.Cluster
	addr    string
	unlock  func() error
	once    sync.Once
	err     error
}

// StartKafka starts the broker on this machine's loopback and creates the topics that are missing; those that exist stay as
// they are. If another process uses the data directory, the error is [ErrInUse].
func StartKafka(o KafkaOptions) (*Kafka, error) {
	unlock := func() error { return nil }
	if o.Data != "" {
		var err error
		if unlock, err = lockData(o.Data); err != nil {
			return nil, fmt.Errorf("starting the embedded Kafka: %w", err)
		}
	}
	k, err := startBroker(o)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting the embedded Kafka: %w", err), unlock())
	}
	k.unlock = unlock
	if err := createTopics(k.addr, o); err != nil {
		return nil, errors.Join(fmt.Errorf("starting the embedded Kafka: %w", err), k.Close())
	}
	return k, nil
}

func startBroker(o KafkaOptions) (*Kafka, error) {
	addr, err := loopback(o.Addr, "--kafka")
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w (choose another address with --kafka)", addr, err)
	}
	options := []kfake.Opt{
		kfake.NumBrokers(1),
		kfake.ClusterID("csatflow"),
		kfake.ListenFn(func(string, string) (net.Listener, error) { return listener, nil }),
		kfake.GroupMinSessionTimeout(minSessionTimeout),
		kfake.BrokerConfigs(map[string]string{"log.cleaner.backoff.ms": cleanEvery}),
	}
	if o.Data != "" {
		options = append(options, kfake.DataDir(o.Data))
	}
	cluster, err := kfake.NewCluster(options...)
	if err != nil {
		_ = listener.Close() // perhaps closed already
		return nil, fmt.Errorf("data directory %q: %w", o.Data, err)
	}
	return &Kafka{cluster: cluster, addr: listener.Addr().String()}, nil
}

// createTopics creates the topics that do not exist.
func createTopics(addr string, o KafkaOptions) error {
	if len(o.Topics) == 0 {
		return nil
	}
	retention := o.RetentionBytes
	if retention == 0 {
		retention = shareOfRetention(o.Topics)
	}
	request := kafka.CreateTopicsRequest{Addr: kafka.TCP(addr)}
	for _, t := range o.Topics {
		config := map[string]string{
			"retention.bytes": strconv.FormatInt(retention, 10),
			"retention.ms":    "-1", // the bytes bound it; old event times do not make a record old
		}
		maps.Copy(config, t.Config)
		if _, ok := config["segment.bytes"]; !ok {
			config["segment.bytes"] = strconv.FormatInt(segmentBytes(config["retention.bytes"]), 10)
		}
		topic := kafka.TopicConfig{Topic: t.Name, NumPartitions: t.Partitions, ReplicationFactor: 1}
		for name, value := range config {
			topic.ConfigEntries = append(topic.ConfigEntries, kafka.ConfigEntry{ConfigName: name, ConfigValue: value})
		}
		request.Topics = append(request.Topics, topic)
	}
	ctx, cancel := context.WithTimeout(context.Background(), topicsTimeout)
	defer cancel()
	transport := &kafka.Transport{}
	defer transport.CloseIdleConnections()
	answer, err := (&kafka.Client{Addr: request.Addr, Transport: transport}).CreateTopics(ctx, &request)
	if err != nil {
		return fmt.Errorf("creating topics: %w", err)
	}
	for name, err := range answer.Errors {
		if err != nil && !errors.Is(err, kafka.TopicAlreadyExists) {
			return fmt.Errorf("creating topic %q: %w", name, err)
		}
	}
	return nil
}

// shareOfRetention divides the bound on all records among the partitions, the segment beyond retention included.
func shareOfRetention(topics []Topic) int64 {
	partitions := int64(0)
	for _, t := range topics {
		partitions += int64(t.Partitions)
	}
	return max(DefaultKafkaBytes/max(partitions, 1)*segmentsPerRetention/(segmentsPerRetention+1), minSegmentBytes)
}

func segmentBytes(retention string) int64 {
	const unbounded = 64 << 20
	n, err := strconv.ParseInt(retention, 10, 64)
	if err != nil || n < 0 {
		return unbounded
	}
	return min(max(n/segmentsPerRetention, minSegmentBytes), unbounded)
}

// Addr is where the broker listens.
func (k *Kafka) Addr() string { return k.addr }

// Close stops the broker and writes its state out. Later calls return what the first did.
func (k *Kafka) Close() error {
	k.once.Do(func() {
		k.cluster.Close()
		if k.unlock != nil {
			k.err = k.unlock()
		}
	})
	return k.err
}
