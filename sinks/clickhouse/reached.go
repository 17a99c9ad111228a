package clickhouse

import (
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"csatflow/pipeline"
	"csatflow/pipeline/rows"
	"csatflow/schemas/tables"
)

// Reached calls each with a partition and an offset after all that rows of the topic have absorbed there. Rows may be ahead of the table
// positions. It calls each several times for a partition.
func (s *Store) Reached(ctx context.Context, topic pipeline.Topic, each func(partition int, next int64)) error {
	position := fmt.Sprintf("SELECT partition, next AS after FROM %s FINAL WHERE topic = '%s' AND version >= %d", s.table(pipeline.TablePositions), topic, rows.MinVersion())
	selects := []string{position}
	for _, t := range tables.All() {
		if len(t.Topics) != 1 || t.Topics[0] != topic.String() {
			continue
		}
		switch t.Kind {
		case tables.Sums, tables.Marked:
			selects = append(selects, fmt.Sprintf("SELECT partition, max(mark) + 1 AS after FROM %s WHERE version >= %d GROUP BY partition", s.table(t.Name), rows.MinVersion()))
		case tables.AsReceived:
			selects = append(selects, fmt.Sprintf("SELECT partition, max(offset) + 1 AS after FROM %s GROUP BY partition", s.table(t.Name)))
		}
	}
	err := s.each(ctx, strings.Join(selects, " UNION ALL "), nil, func(from driver.Rows) error {
		var partition uint32
		var after int64
		err := from.Scan(&partition, &after)
		each(int(partition), after)
		return err
	})
	if err != nil {
		return fmt.Errorf("reading how far the rows of %s are: %w", topic, err)
	}
	return nil
}
