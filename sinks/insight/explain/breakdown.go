package explain

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"csatflow/schemas"
	"csatflow/sinks/insight/detect"
)

// Part is a part of the scope that fell, with its share of the fall.
type Part struct {
	Dimension, ID string
	Now, Was      detect.Cell // during the fall, and at all other times
	Expected      float64     // its mean at other times, shrunk to the scope's
	Share         float64     // of the fall: parts of a dimension add up to 1
	Error         float64     // standard error of Expected - Now.Mean()
}

// Drop is how far the part fell.
func (p *Part) Drop() float64 { return p.Expected - p.Now.Mean() }

const partsTold = 6 // of a dimension

// Parts returns the parts that carry a fall, for each of the dimensions except the scope's own; a dimension needs least
// parts. Without dimensions it takes all of the drill-down.
func (q *Reader) Parts(ctx context.Context, f *Fall, least int, dimensions ...string) (parts []Part, err error) {
	if len(dimensions) == 0 {
		for _, d := range q.Dimensions.DrillDown() {
			dimensions = append(dimensions, d.Name)
		}
	}
	from, args := q.Responses(f.Begins, f.Ends, f.Kind, f.ID)
	for _, dimension := range dimensions {
		if dimension == f.Kind || q.Column(dimension) == "" {
			continue
		}
		var rows []struct {
			ID              string
			During          uint8
			N, Sum, Squares float64
		}
		query := fmt.Sprintf("SELECT toString(%s) AS ID, toUInt8(occurred_at >= toDateTime64('%s', 3, 'UTC') AND occurred_at < toDateTime64('%s', 3, 'UTC')) AS During, toFloat64(count()) AS N, toFloat64(sum(grade)) AS Sum, toFloat64(sum(grade * grade)) AS Squares FROM %s WHERE ID != '' GROUP BY ID, During ORDER BY ID, During",
			q.Column(dimension), schemas.DateTime(f.Since), schemas.DateTime(f.Until), from)
		if err := q.Rows(ctx, &rows, query, args...); err != nil {
			return nil, err
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
				p.Now = detect.Cell{N: row.N, Sum: row.Sum, Squares: row.Squares}
			} else {
				p.Was = detect.Cell{N: row.N, Sum: row.Sum, Squares: row.Squares}
			}
		}
		if len(names) < least {
			continue
		}
		parts = append(parts, carry(by, names)...)
	}
	return parts, nil
}

func carry(by map[string]*Part, names []string) (parts []Part) {
	was := detect.Cell{}
	for _, p := range by {
		was.Add(p.Was)
	}
	lack := 0.0
	for _, name := range names {
		p := by[name]
		if p.Now.N == 0 {
			continue
		}
		p.Expected = p.Was.MeanDrawn(was.Mean())
		p.Error = math.Sqrt(was.Variance() * (1/p.Now.N + 1/(p.Was.N+detect.Drawn)))
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
