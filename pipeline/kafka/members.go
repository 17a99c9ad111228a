package kafka

import (
	"context"
	"errors"
	"fmt"

	"github.com/segmentio/kafka-go"
)

// Members returns how many processes are in a consumer group now.
func (c *Connection) Members(ctx context.Context, group string) (int, error) {
	res, err := c.Client.DescribeGroups(ctx, &kafka.DescribeGroupsRequest{GroupIDs: []string{group}})
	if err != nil {
		return 0, fmt.Errorf("asking for the members of group %s: %w", group, err)
	}
	n := 0
	for _, g := range res.Groups {
		if g.Error != nil && !errors.Is(g.Error, kafka.GroupIdNotFound) { // nobody was ever in it
			return 0, fmt.Errorf("asking for the members of group %s: %w", group, g.Error)
		}
		n += len(g.Members)
	}
	return n, nil
}
