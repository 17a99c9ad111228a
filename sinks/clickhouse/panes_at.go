package clickhouse

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"csatflow/pipeline"
	"csatflow/pipeline/rows"
	"csatflow/schemas"
)

// namesAtOnce is about how many bytes of names one query has, so that it fits into max_query_size.
const namesAtOnce = 1 << 20

// PanesAt reads these panes. A query reads those of one resolution and kind: they stand together in the table, sorted by time, so that
// little else is read.
func (s *Store) PanesAt(ctx context.Context, partition int, topic pipeline.Topic, panes []pipeline.PaneID, each func(pipeline.PaneRow) error) error {
	table, columns := s.paneTable(topic)
	panes = slices.SortedFunc(slices.Values(panes), func(a, b pipeline.PaneID) int {
		return cmp.Or(ofOneRead(&a, &b), cmp.Compare(a.Start, b.Start), cmp.Compare(a.ScopeID, b.ScopeID))
	})
	for len(panes) > 0 {
		first := &panes[0]
		var names strings.Builder
		n := 0
		for ; n < len(panes) && ofOneRead(first, &panes[n]) == 0 && names.Len() < namesAtOnce; n++ {
			if n > 0 {
				names.WriteByte(',')
			}
			names.WriteString("(" + strconv.FormatInt(panes[n].Start, 10) + "," + schemas.QuoteText(panes[n].ScopeID) + ")")
		}
		// All of it is text: an argument would be looked for in the names, which may have a question mark.
		q := fmt.Sprintf("SELECT %s FROM %s FINAL WHERE partition = %d AND version >= %d AND resolution = %d AND scope_kind = %s AND pane_start >= toDateTime(%d, 'UTC') AND pane_start <= toDateTime(%d, 'UTC')",
			columns, table, partition, rows.MinVersion(), first.Resolution, schemas.QuoteText(first.ScopeKind), first.Start, panes[n-1].Start)
		if topic == pipeline.Responses {
			q += " AND survey = " + schemas.QuoteText(first.Survey) + " AND brand = " + schemas.QuoteText(first.Brand)
		}
		err := s.each(ctx, q+" AND (toUnixTimestamp(pane_start), scope_id) IN ("+names.String()+")", nil, func(from driver.Rows) error {
			r, err := scanPane(from)
			if err != nil {
				return err
			}
			return each(r)
		})
		if err != nil {
			return err
		}
		panes = panes[n:]
	}
	return nil
}

// ofOneRead orders panes by what one query has in common.
func ofOneRead(a, b *pipeline.PaneID) int {
	return cmp.Or(cmp.Compare(a.Resolution, b.Resolution), cmp.Compare(a.ScopeKind, b.ScopeKind), cmp.Compare(a.Survey, b.Survey), cmp.Compare(a.Brand, b.Brand))
}
