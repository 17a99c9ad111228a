package report

import (
	"context"
	"fmt"

	"csatflow/pipeline/event"
	"csatflow/schemas/service"
	"csatflow/sinks/insight/explain"
)

// Point is a dimension or factor in the matrix of importance and performance (Martilla and James 1977,
// "Importance-Performance Analysis", Journal of Marketing 41(1)).
type Point struct {
	Scale, ID   string
	Importance  float64 // relative weight within its scale: part of the grade's variance within stores, 0 to 1
	Low, High   float64 // 95 % interval of Importance
	Performance float64 // mean, 1 to 7
	N           int
	// Quadrant is concentrate, keep_up, low_priority or overkill, against the means of all points; uncertain if chance may have set
	// the point on its side of one of them.
	Quadrant string
}

const leastPairs = 30

// mostResponses is how many responses are read for the matrix, at most.
const mostResponses = 50_000

// matrix reads the period's importance and performance, of the scope that fell, or of all.
func (r *Report) matrix(ctx context.Context, q *explain.Reader) error {
	kind, id := r.Kind, r.ID
	if r.Happened && kind == "" {
		kind, id = r.Fall.Kind, r.Fall.ID
	}
	from, args := q.Responses(r.begins, r.To, kind, id)
	var scales []*scale
	for _, s := range []struct {
		name    string
		members []string
	}{{"factors", event.FactorNames}, {"rater", event.RaterNames}} {
		var rows []rated
		query := fmt.Sprintf("SELECT if(customer_id = '', concat(terminal_id, ' ', event_id), customer_id) AS Customer, store_id AS Store, toFloat64(grade) AS Grade, arrayMap(v -> toFloat64(v), %[1]s) AS Answers FROM %[2]s WHERE arrayExists(v -> v > 0, %[1]s) ORDER BY cityHash64(event_id, terminal_id), Customer LIMIT %[3]d", s.name, from, mostResponses)
		if err := q.Rows(ctx, &rows, query, args...); err != nil {
			return err
		}
		scales = append(scales, newScale(s.name, s.members, rows))
	}
	r.Matrix = place(scales)
	return nil
}

const actionsTold = 7

// improve lists what to improve: the causes, the strongest first, then what is important and performs badly.
func (r *Report) improve() error {
	actions, err := service.LoadActions()
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	add := func(cause string) {
		if a, found := actions[cause]; found && !seen[cause] && len(r.Actions) < actionsTold {
			seen[cause] = true
			r.Actions = append(r.Actions, a)
		}
	}
	for _, c := range r.Causes {
		add(r.Words.Known(c.Scale, c.ID))
	}
	for _, p := range r.Matrix {
		if p.Quadrant == "concentrate" {
			add(p.ID)
		}
	}
	return nil
}
