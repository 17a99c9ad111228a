package report

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"csatflow/schemas/service"
	"csatflow/sinks/insight/explain"
)

// Point is a dimension or factor in the matrix of importance and performance (Martilla and James 1977,
// "Importance-Performance Analysis", Journal of Marketing 41(1)).
type Point struct {
	Scale, ID   string
	Importance  float64 // correlation with the grade
	Performance float64 // mean, 1 to 7
	N           int
	Quadrant    string // concentrate, keep_up, low_priority, overkill: against the means of all points
}

const leastPairs = 30

// matrix reads the period's importance and performance, of the scope that fell, or of all.
func (r *Report) matrix(ctx context.Context, q *explain.Reader) error {
	kind, id := r.Kind, r.ID
	if r.Happened && kind == "" {
		kind, id = r.Fall.Kind, r.Fall.ID
	}
	from, args := q.Responses(r.begins, r.To, kind, id)
	var rows []struct {
		Scale, ID string
		N         uint64
		R, Mean   float64
	}
	query := "SELECT a.1 AS Scale, a.2 AS ID, count() AS N, corr(a.3, toFloat64(grade)) AS R, avg(a.3) AS Mean FROM (SELECT grade, " + explain.Answers() + " AS a FROM " + from + fmt.Sprintf(") WHERE Scale IN ('rater', 'factors') GROUP BY Scale, ID HAVING N >= %d ORDER BY Scale, ID", leastPairs)
	if err := q.Rows(ctx, &rows, query, args...); err != nil {
		return err
	}
	importance, performance := 0.0, 0.0
	for _, row := range rows {
		if math.IsNaN(row.R) {
			continue // it never varies
		}
		r.Matrix = append(r.Matrix, Point{Scale: row.Scale, ID: row.ID, Importance: row.R, Performance: row.Mean, N: int(row.N)})
		importance, performance = importance+row.R, performance+row.Mean
	}
	n := float64(len(r.Matrix))
	for i := range r.Matrix {
		p := &r.Matrix[i]
		high, good := p.Importance >= importance/n, p.Performance >= performance/n
		p.Quadrant = map[[2]bool]string{{true, false}: "concentrate", {true, true}: "keep_up", {false, false}: "low_priority", {false, true}: "overkill"}[[2]bool{high, good}]
	}
	slices.SortStableFunc(r.Matrix, func(a, b Point) int { return cmp.Compare(b.Importance, a.Importance) })
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
		add(c.ID)
	}
	for _, p := range r.Matrix {
		if p.Quadrant == "concentrate" {
			add(p.ID)
		}
	}
	return nil
}
