package explain

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"csatflow/schemas"
	"csatflow/sinks/insight/detect"
)

// Part is a part of the scope that fell, with what it adds to the fall.
type Part struct {
	Dimension, ID string
	Now, Was      detect.Cell // during the fall, and at all other times
	Expected      float64     // its mean at other times, shrunk to that of the parts
	Error         float64     // standard error of Expected - Now.Mean()
	// Within is what its own mean, and Mix what its weight among the responses adds to the fall, in grades, with standard errors.
	// Over all parts of a dimension they add up to the fall.
	Within, Mix           float64
	WithinError, MixError float64
	// Share is that of Within + Mix in the fall: parts of a dimension add up to 1. It is 0 for all of them if the scope did not fall.
	Share float64
}

// Drop is how far the part's own mean fell.
func (p *Part) Drop() float64 { return p.Expected - p.Now.Mean() }

// Z is how far the part fell, or how much its weight adds to the fall, in standard errors: the larger of the two.
func (p *Part) Z() float64 {
	z := math.Inf(-1)
	if p.WithinError > 0 {
		z = p.Within / p.WithinError
	}
	if p.MixError > 0 {
		z = max(z, p.Mix/p.MixError)
	}
	return z
}

// MixShare is the share of Mix in the fall, WithinShare that of Within; both are 0 if the scope did not fall.
func (p *Part) MixShare() float64 {
	if p.Share == 0 {
		return 0
	}
	return p.Share * p.Mix / (p.Within + p.Mix)
}

// WithinShare is the share of Within in the fall.
func (p *Part) WithinShare() float64 { return p.Share - p.MixShare() }

const partsTold = 6 // of a dimension

// Parts returns the parts that carry a fall, for each of the dimensions except the scope's own; a dimension needs least
// parts. Without dimensions it takes all of the drill-down.
func (q *Reader) Parts(ctx context.Context, f *Fall, least int, dimensions ...string) (parts []Part, err error) {
	if len(dimensions) == 0 {
		for _, d := range q.Dimensions.DrillDown() {
			dimensions = append(dimensions, d.Name)
		}
	}
	var values []string // SQL of each dimension's name and value
	for _, dimension := range dimensions {
		if c := q.Column(dimension); c != "" && dimension != f.Kind {
			values = append(values, fmt.Sprintf("(%s, toString(%s))", schemas.QuoteText(dimension), c))
		}
	}
	if len(values) == 0 {
		return nil, nil
	}
	from, args := q.Responses(f.Begins, f.Ends, f.Kind, f.ID)
	var rows []struct {
		Dimension, ID   string
		During          uint8
		N, Sum, Squares float64
	}
	// Events are read once for all dimensions.
	query := fmt.Sprintf("SELECT value.1 AS Dimension, value.2 AS ID, During, toFloat64(count()) AS N, toFloat64(sum(grade)) AS Sum, toFloat64(sum(grade * grade)) AS Squares FROM (SELECT grade, %s AS During, arrayJoin([%s]) AS value FROM %s) WHERE ID != '' GROUP BY Dimension, ID, During ORDER BY Dimension, ID, During",
		f.during(), strings.Join(values, ", "), from)
	if err := q.Rows(ctx, &rows, query, args...); err != nil {
		return nil, err
	}
	of := map[string][]Part{}
	for _, row := range rows {
		list := of[row.Dimension]
		if last := len(list) - 1; last < 0 || list[last].ID != row.ID {
			list = append(list, Part{Dimension: row.Dimension, ID: row.ID})
		}
		p := &list[len(list)-1]
		if row.During == 1 {
			p.Now = detect.Cell{N: row.N, Sum: row.Sum, Squares: row.Squares}
		} else {
			p.Was = detect.Cell{N: row.N, Sum: row.Sum, Squares: row.Squares}
		}
		of[row.Dimension] = list
	}
	for _, dimension := range dimensions {
		if len(of[dimension]) == 0 || len(of[dimension]) < least {
			continue
		}
		list := decompose(of[dimension])
		parts = append(parts, list[:min(len(list), partsTold)]...)
	}
	return parts, nil
}

// decompose tells what each part adds to the fall by its mean and by its weight among the responses, the largest share first (Kitagawa
// 1955, "Components of a difference between two rates"; Oaxaca 1973; Blinder 1973, of the two groups' means weighted alike). What a
// weight adds is counted from the mean of all parts, so that no part has to be left out as the reference (Gardeazabal, Ugidos 2004).
// Standard errors are by the delta method (Jann 2008, "The Blinder-Oaxaca decomposition for linear regression models"): of means with
// a common variance of grades, and of multinomial weights. It returns nothing if one of the times has no response.
func decompose(parts []Part) []Part {
	var was, now detect.Cell
	for i := range parts {
		was.Add(parts[i].Was)
		now.Add(parts[i].Now)
	}
	if was.N == 0 || now.N == 0 {
		return nil
	}
	variance := was.Variance()
	usual := usualOf(parts, was)
	all := (was.Mean() + now.Mean()) / 2
	for i := range parts {
		p := &parts[i]
		p.Expected = p.Was.MeanDrawn(usual)
		w0, w1 := p.Was.N/was.N, p.Now.N/now.N
		mean, ofMeans := p.Expected, 0.0
		if p.Now.N > 0 {
			mean = p.Now.Mean()
			ofMeans = variance * (1/p.Now.N + 1/(p.Was.N+detect.Drawn))
		}
		ofWeights := w0*(1-w0)/was.N + w1*(1-w1)/now.N
		p.Error = math.Sqrt(ofMeans)
		drop, from := p.Expected-mean, (p.Expected+mean)/2-all
		p.Within, p.WithinError = (w0+w1)/2*drop, (w0+w1)/2*p.Error
		p.Mix, p.MixError = (w0-w1)*from, math.Sqrt(from*from*ofWeights+(w0-w1)*(w0-w1)*ofMeans/4)
	}
	if fall := was.Mean() - now.Mean(); fall > 0 {
		for i := range parts {
			parts[i].Share = (parts[i].Within + parts[i].Mix) / fall
		}
	}
	slices.SortStableFunc(parts, func(a, b Part) int { return cmp.Compare(b.Share, a.Share) })
	return parts
}

// usualOf is the mean to which those of the parts are shrunk: the one that leaves their weighted sum at the mean of all responses, so
// that parts add up to the fall.
func usualOf(parts []Part, was detect.Cell) float64 {
	sum, weight := 0.0, 0.0
	for i := range parts {
		if c := parts[i].Was; c.N > 0 {
			w := c.N / (c.N + detect.Drawn)
			sum += w * c.Mean()
			weight += w
		}
	}
	if weight == 0 {
		return was.Mean()
	}
	return sum / weight
}
