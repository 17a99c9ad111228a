package kafka

import "context"

// PartitionsOf returns how many partitions a topic has; a [TopicError] if the topic does not exist.
func (c *Connection) PartitionsOf(ctx context.Context, topic string) (int, error) {
	if err := c.HasTopic(ctx, topic); err != nil {
		return 0, err
	}
	counts, err := c.partitions(ctx, []string{topic})
	if err != nil {
		return 0, err
	}
	return counts[0], nil
}
