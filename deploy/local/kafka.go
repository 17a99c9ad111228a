package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

const (
	// DefaultKafkaBytes bounds the records of all partitions together.
	DefaultKafkaBytes = 4 << 30
	// Disk is freed by whole segments: each partition may take one more than it holds.
	segmentsPerShare = 8
	minSegmentBytes  = 64 << 10
	maxSegmentBytes  = 64 << 20
	// Retention of earlier releases, which dropped the oldest records of a partition, read or not.
	formerBytes, formerSegments = 512 << 20, 4
	cleanEvery                  = "500" // ms between two checks for compaction
	minSessionTimeout           = 500 * time.Millisecond
	topicsTimeout               = 10 * time.Second
)

// Topic is a topic that must exist. Config has Kafka's names ("cleanup.policy": "compact").
type Topic struct {
	Name       string
	Partitions int
	Config     map[string]string
	// Bytes bounds a topic that nobody needs to read: beyond it the oldest records are dropped, read or not, and this is logged.
	// With 0, no unread record is dropped.
	Bytes int64
}

// KafkaOptions says where the embedded Kafka keeps its records and listens.
type KafkaOptions struct {
	Data   string // data directory, created if absent; "" keeps all in memory
	Addr   string // 127.0.0.1:9092; port 0 takes a free one
	Topics []Topic
	// Bytes bounds the records of all topics together, DefaultKafkaBytes if 0. More is refused; before that, records that all
	// groups have read are dropped, and those beyond a topic's own bound.
	Bytes int64
	Log   *slog.Logger
}

// Kafka is a running broker inside this process.
type Kafka struct {
	cluster  *kfake.Cluster
	room     *room
	sessions *sessions
	addr     string
	unlock   func() error
	once     sync.Once
	err      error
}

// StartKafka starts the broker on this machine's loopback and creates the topics that are missing; those that exist stay as
// they are. If another process uses the data directory, the error is [ErrInUse].
func StartKafka(o KafkaOptions) (*Kafka, error) {
	if o.Bytes == 0 {
		o.Bytes = DefaultKafkaBytes
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
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
	if k.room, err = openRoom(k.addr, o); err != nil {
		return nil, errors.Join(fmt.Errorf("starting the embedded Kafka: %w", err), k.Close())
	}
	if k.sessions, err = openSessions(k.addr, o.Log); err != nil {
		return nil, errors.Join(fmt.Errorf("starting the embedded Kafka: %w", err), k.Close())
	}
	k.cluster.ControlKey(int16(kmsg.SyncGroup), func(req kmsg.Request) (kmsg.Response, error, bool) {
		k.sessions.sync(req.(*kmsg.SyncGroupRequest))
		return nil, nil, false
	})
	k.cluster.ControlKey(int16(kmsg.ListGroups), func(req kmsg.Request) (kmsg.Response, error, bool) {
		types := req.(*kmsg.ListGroupsRequest).TypesFilter
		for i := range types { // Apache Kafka's tools write "Classic", and its broker takes either
			types[i] = strings.ToLower(types[i])
		}
		return nil, nil, false
	})
	k.cluster.ControlKey(int16(kmsg.Produce), func(req kmsg.Request) (kmsg.Response, error, bool) {
		k.cluster.KeepControl()
		return k.room.admit(req.(*kmsg.ProduceRequest))
	})
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
		kfake.MaxVersions(answered()),
		kfake.BrokerConfigs(map[string]string{"log.cleaner.backoff.ms": cleanEvery}),
	}
	if o.Data != "" {
		options = append(options, kfake.DataDir(o.Data))
	}
	cluster, err := kfake.NewCluster(options...)
	if err != nil {
		_ = listener.Close() // may be closed already
		return nil, fmt.Errorf("data directory %q: %w", o.Data, err)
	}
	return &Kafka{cluster: cluster, addr: listener.Addr().String()}, nil
}

// createTopics creates the topics that do not exist.
func createTopics(addr string, o KafkaOptions) error {
	if len(o.Topics) == 0 {
		return nil
	}
	request := kafka.CreateTopicsRequest{Addr: kafka.TCP(addr)}
	for _, t := range o.Topics {
		config := map[string]string{
			"retention.bytes": "-1", // bounded for all topics together
			"retention.ms":    "-1",
			"segment.bytes":   strconv.FormatInt(min(max(o.Bytes/partitionsOf(o.Topics)/segmentsPerShare, minSegmentBytes), maxSegmentBytes), 10),
		}
		maps.Copy(config, t.Config)
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
	return keepAll(ctx, &kafka.Client{Addr: request.Addr, Transport: transport}, o.Topics)
}

// keepAll removes the retention that earlier releases set, which dropped unread records.
func keepAll(ctx context.Context, client *kafka.Client, topics []Topic) error {
	former := strconv.FormatInt(max(formerBytes/partitionsOf(topics)*formerSegments/(formerSegments+1), minSegmentBytes), 10)
	describe := kafka.DescribeConfigsRequest{}
	for _, t := range topics {
		if _, own := t.Config["retention.bytes"]; !own {
			describe.Resources = append(describe.Resources, kafka.DescribeConfigRequestResource{ResourceType: kafka.ResourceTypeTopic, ResourceName: t.Name, ConfigNames: []string{"retention.bytes"}})
		}
	}
	if len(describe.Resources) == 0 {
		return nil
	}
	said, err := client.DescribeConfigs(ctx, &describe)
	if err != nil {
		return fmt.Errorf("retention of topics: %w", err)
	}
	alter := kafka.IncrementalAlterConfigsRequest{}
	for _, r := range said.Resources {
		for _, c := range r.ConfigEntries {
			if c.ConfigName == "retention.bytes" && c.ConfigValue == former {
				alter.Resources = append(alter.Resources, kafka.IncrementalAlterConfigsRequestResource{ResourceType: kafka.ResourceTypeTopic, ResourceName: r.ResourceName,
					Configs: []kafka.IncrementalAlterConfigsRequestConfig{{Name: "retention.bytes", Value: "-1", ConfigOperation: kafka.ConfigOperationSet}}})
			}
		}
	}
	if len(alter.Resources) == 0 {
		return nil
	}
	done, err := client.IncrementalAlterConfigs(ctx, &alter)
	if err != nil {
		return fmt.Errorf("retention of topics: %w", err)
	}
	for _, r := range done.Resources {
		if r.Error != nil {
			return fmt.Errorf("retention of topic %q: %w", r.ResourceName, r.Error)
		}
	}
	return nil
}

func partitionsOf(topics []Topic) int64 {
	n := int64(0)
	for _, t := range topics {
		n += int64(t.Partitions)
	}
	return max(n, 1)
}

// answered are the requests that the broker offers: those that it answers in full. Its answer to DescribeTopicPartitions lacks
// what Apache Kafka's tools need.
func answered() *kversion.Versions {
	v := kversion.Tip()
	v.SetMaxKeyVersion(int16(kmsg.DescribeTopicPartitions), -1)
	return v
}

// Addr is where the broker listens.
func (k *Kafka) Addr() string { return k.addr }

// Close stops the broker and writes its state. Later calls return the same.
func (k *Kafka) Close() error {
	k.once.Do(func() {
		if k.room != nil {
			k.room.close()
		}
		if k.sessions != nil {
			k.sessions.close()
		}
		k.cluster.Close()
		if k.unlock != nil {
			k.err = k.unlock()
		}
	})
	return k.err
}
