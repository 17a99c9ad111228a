package report

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
)

// Part is a part of the scope that fell, and how much of the fall it carries.
type Part struct {
	Dimension, ID string
	Now, Was      Cell    // during the fall, and at all other times
	Expected      float64 // its mean at other times, drawn to the scope's as by ten grades
	Share         float64 // of the grades that the scope lacks: parts of a dimension add up to 1
	Error         float64 // standard error of Expected - Now.Mean()
}

// Drop is how far the part fell.
func (p *Part) Drop() float64 { return p.Expected - p.Now.Mean() }

const partsTold = 6 // of a dimension

// parted are the dimensions that a fall is broken down by.
func (r *Report) parted() (names []string) {
	for _, d := range r.Dimensions.DrillDown() {
		names = append(names, d.Name)
	}
	return names
}

// breakDown says which parts carry the fall, in each of the dimensions but the one of the scope, where there are so many parts at least.
func (r *Report) breakDown(ctx context.Context, q *reader, dimensions []string, least int) error {
	from, args := q.responses(r.begins, r.To, r.Fall.Kind, r.Fall.ID)
	for _, dimension := range dimensions {
		if dimension == r.Fall.Kind || q.column(dimension) == "" {
			continue
		}
		var rows []struct {
			ID              string
			During          uint8
			N, Sum, Squares float64
		}
		query := fmt.Sprintf("SELECT toString(%s) AS ID, toUInt8(occurred_at >= toDateTime64('%s', 3, 'UTC') AND occurred_at < toDateTime64('%s', 3, 'UTC')) AS During, toFloat64(count()) AS N, toFloat64(sum(grade)) AS Sum, toFloat64(sum(grade * grade)) AS Squares FROM %s WHERE ID != '' GROUP BY ID, During ORDER BY ID, During",
			q.column(dimension), utc(r.Since), utc(r.Until), from)
		if err := q.rows(ctx, &rows, query, args...); err != nil {
			return err
		}
		by := map[string]*Part{}
		var names []string
		for _, row := range rows {
			p := by[row.ID]
			if p == nil {
				p = &Part{Dimension: dimension, ID: row.ID}
				by[row.ID] = p
				names = append(names, row.ID)
			}
			if row.During == 1 {
				p.Now = Cell{row.N, row.Sum, row.Squares}
			} else {
				p.Was = Cell{row.N, row.Sum, row.Squares}
			}
		}
		if len(names) < least {
			continue
		}
		r.Parts = append(r.Parts, carry(by, names)...)
	}
	return nil
}

func carry(by map[string]*Part, names []string) (parts []Part) {
	was := Cell{}
	for _, p := range by {
		was.add(p.Was)
	}
	lack := 0.0
	for _, name := range names {
		p := by[name]
		if p.Now.N == 0 {
			continue
		}
		p.Expected = (p.Was.Sum + 10*was.Mean()) / (p.Was.N + 10)
		variance := (was.Squares - was.Sum*was.Sum/was.N) / max(was.N-1, 1)
		p.Error = math.Sqrt(variance * (1/p.Now.N + 1/(p.Was.N+10)))
		p.Share = p.Drop() * p.Now.N
		lack += p.Share
		parts = append(parts, *p)
	}
	for i := range parts {
		parts[i].Share /= lack
	}
	slices.SortStableFunc(parts, func(a, b Part) int { return cmp.Compare(b.Share, a.Share) })
	return parts[:min(len(parts), partsTold)]
}
