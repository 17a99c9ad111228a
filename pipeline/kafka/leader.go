package kafka

import (
	"context"
	"fmt"
	"io"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
	"github.com/segmentio/kafka-go/protocol/metadata"
)

// leader asks a broker for the present leader of a partition. The transport's answer may be some seconds old.
func (c *Connection) leader(ctx context.Context, topic string, partition int) (int32, error) {
	m, err := c.Transport.RoundTrip(ctx, c.Client.Addr, &leaderRequest{topic: topic})
	if err != nil {
		return -1, fmt.Errorf("asking who leads %s, partition %d: %w", topic, partition, err)
	}
	for _, t := range m.(*leaderResponse).Topics {
		if t.Name != topic {
			continue
		}
		if t.ErrorCode != 0 {
			return -1, fmt.Errorf("asking who leads %s, partition %d: %w", topic, partition, kafka.Error(t.ErrorCode))
		}
		for _, p := range t.Partitions {
			if int(p.PartitionIndex) == partition {
				return p.LeaderID, nil
			}
		}
	}
	return -1, fmt.Errorf("asking who leads %s, partition %d: %w", topic, partition, kafka.UnknownTopicOrPartition)
}

// leaderRequest is a metadata request that the transport does not answer from its cache, unlike kafka-go's own.
type leaderRequest struct {
	topic   string
	version int16
}

type leaderResponse struct{ *metadata.Response }

var (
	_ protocol.PreparedMessage = (*leaderRequest)(nil)
	_ protocol.RawExchanger    = (*leaderRequest)(nil)
)

func (*leaderRequest) ApiKey() protocol.ApiKey                 { return protocol.Metadata }
func (r *leaderRequest) Prepare(version int16)                 { r.version = version }
func (*leaderRequest) Required(map[protocol.ApiKey]int16) bool { return true }

func (r *leaderRequest) RawExchange(rw io.ReadWriter) (protocol.Message, error) {
	m, err := protocol.RoundTrip(rw, r.version, 1, clientID, &metadata.Request{TopicNames: []string{r.topic}})
	if err != nil {
		return nil, err
	}
	return &leaderResponse{m.(*metadata.Response)}, nil
}
