package report

import (
	"context"
	"fmt"
	"math"

	"csatflow/pipeline/dimension"
	"csatflow/schemas"
	"csatflow/sinks/insight/explain"
)

// Buyers says for how many purchases of the period the answers stand, and what they say if they are weighted to all of them.
type Buyers struct {
	Purchases, Answered  uint64
	ResponseRate         float64 // 0 to 1
	Index, Low, High     float64 // weighted satisfaction index, 0 to 100, with its 95 % interval; NaN with too few answers
	EffectiveN           float64 // Kish 1965
	Classes, JoinedClass uint64  // of the margins; those joined with the next since hardly anybody of them answered
}

// Weighted reports whether there were enough answers to weight.
func (b *Buyers) Weighted() bool { return !math.IsNaN(b.Index) }

// buyers reads the purchases and who of them answered; nothing where no purchases are read.
func (r *Report) buyers(ctx context.Context, q *explain.Reader) error {
	kind := r.Kind
	if kind == "" {
		kind = dimension.All
	}
	var rows []Buyers
	query := fmt.Sprintf(`SELECT purchases AS Purchases, answered AS Answered, response_rate AS ResponseRate, ifNull(weighted_csat_index, nan) AS Index, ifNull(weighted_csat_index_low, nan) AS Low,
	ifNull(weighted_csat_index_high, nan) AS High, ifNull(effective_n, nan) AS EffectiveN, toUInt64(classes) AS Classes, toUInt64(joined_classes) AS JoinedClass
FROM %s(from = '%s', to = '%s', scope_kind = %s) WHERE scope_id = ?`, q.View("weighted_between"), schemas.DateTime(r.From), schemas.DateTime(r.To), schemas.QuoteText(kind))
	if err := q.Rows(ctx, &rows, query, r.ID); err != nil {
		return err
	}
	if len(rows) > 0 {
		r.Buyers = &rows[0]
	}
	return nil
}
