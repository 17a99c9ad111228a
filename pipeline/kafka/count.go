package kafka

import "context"

// PartitionsOf asks how many partitions a topic has; a [TopicError] says that it does not exist.
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
