package report

import (
	"context"
	"fmt"
	"math"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"csatflow/schemas"
	"csatflow/sinks/insight/detect"
	"csatflow/sinks/insight/explain"
)

// Test compares the grades of a time with those before: an estimate with its 95 % interval and two-sided p.
type Test struct{ Estimate, Low, High, P float64 }

// Ordinal compares grades by their means, which takes the steps between grades as alike, and by their order alone.
type Ordinal struct {
	Mean Test // mean before less mean now, grades (Welch 1947)
	// Order is the probability that a grade from before is higher than one of now, ties by half: 0.5 if neither tends to be (Mann, Whitney
	// 1947), without taking their variances as alike (Brunner, Munzel 2000, "The nonparametric Behrens-Fisher problem", Biometrical
	// Journal 42(1)).
	Order Test
}

const significant = 0.05

// Disagree reports whether the mean and the order of grades tell different stories: one has moved beyond chance and the other has not, or
// they have moved apart.
func (o *Ordinal) Disagree() bool {
	mean, order := o.Mean.P < significant, o.Order.P < significant
	apart := (o.Mean.Estimate > 0) != (o.Order.Estimate > .5)
	return mean != order || mean && apart
}

// compare compares grades of before and of now; nil if one of them has less than two, or nothing varies.
func compare(was, now *detect.Grades) *Ordinal {
	a, b := momentsOf(was, func(g int) float64 { return float64(g + 1) }), momentsOf(now, func(g int) float64 { return float64(g + 1) })
	// How many of the others lie below a grade, ties by half.
	x, y := momentsOf(was, below(now)), momentsOf(now, below(was))
	if a.n < 2 || b.n < 2 || a.variance+b.variance == 0 || x.variance+y.variance == 0 {
		return nil
	}
	return &Ordinal{Mean: behrensFisher(a.mean-b.mean, 0, a, b), Order: behrensFisher(x.mean, .5, x, y)}
}

func below(g *detect.Grades) func(int) float64 {
	n := g.N()
	return func(at int) float64 {
		lower := 0.5 * float64(g[at])
		for _, c := range g[:at] {
			lower += float64(c)
		}
		return lower / n
	}
}

type sample struct{ n, mean, variance float64 }

func momentsOf(g *detect.Grades, value func(int) float64) (s sample) {
	s.n = g.N()
	for i, c := range g {
		if c > 0 {
			s.mean += float64(c) * value(i) / s.n
		}
	}
	for i, c := range g {
		if c > 0 {
			s.variance += float64(c) * math.Pow(value(i)-s.mean, 2) / (s.n - 1)
		}
	}
	return s
}

// behrensFisher tests an estimate against a value, with the error of two samples and Satterthwaite's degrees of freedom.
func behrensFisher(estimate, against float64, a, b sample) Test {
	u, v := a.variance/a.n, b.variance/b.n
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: (u + v) * (u + v) / (u*u/(a.n-1) + v*v/(b.n-1))}
	err := math.Sqrt(u + v)
	reach := t.Quantile(.975) * err
	return Test{estimate, estimate - reach, estimate + reach, 2 * t.Survival(math.Abs(estimate-against)/err)}
}

// compareOrder reads the grades of the fall, or of the period if nothing fell, and those of the other time.
func (r *Report) compareOrder(ctx context.Context, q *explain.Reader) error {
	kind, id, since, until := r.Kind, r.ID, r.From, r.To
	if r.Happened {
		kind, id, since, until = r.Fall.Kind, r.Fall.ID, r.Since, r.Until
	}
	from, args := q.Responses(r.begins, r.To, kind, id)
	var rows []struct {
		During uint8
		Counts []uint64
	}
	at := func(t time.Time) string { return fmt.Sprintf("toDateTime64('%s', 3, 'UTC')", schemas.DateTime(t)) }
	query := fmt.Sprintf("SELECT toUInt8(occurred_at >= %s AND occurred_at < %s) AS During, sumForEach(arrayMap(g -> toUInt64(g = grade), range(1, %d))) AS Counts FROM %s GROUP BY During", at(since), at(until), detect.Levels+1, from)
	if err := q.Rows(ctx, &rows, query, args...); err != nil {
		return err
	}
	var grades [2]detect.Grades
	for _, row := range rows {
		for i, n := range row.Counts {
			grades[row.During][i] = uint32(n)
		}
	}
	r.Ordinal = compare(&grades[0], &grades[1])
	return nil
}
