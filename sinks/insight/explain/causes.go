package explain

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"csatflow/pipeline/event"
	"csatflow/schemas"
	"csatflow/sinks/insight/detect"
)

// Cause is a measure that got worse together with the fall.
type Cause struct {
	Scale, ID string  // rater, factors, facets, scorecard, tcs, emotion or category
	Now, Was  float64 // means of a scale; shares of an emotion; complaints per 100 responses of a category
	N         int     // answers, or complaints, during the fall
	Z         float64 // how far it moved for the worse, in standard errors
}

// leastZ is the least Z of a cause: with some 50 measures, in one report of a hundred chance names one.
const leastZ = 3.7

var scales = []struct {
	name  string
	names []string
}{{"rater", event.RaterNames}, {"factors", event.FactorNames}, {"facets", event.FacetNames}, {"scorecard", event.ScorecardNames}, {"tcs", event.TCSNames}}

// Answers is SQL for all scales that a response answers, as rows of (scale, member, value).
func Answers() string {
	var parts []string
	for _, s := range scales {
		parts = append(parts, fmt.Sprintf("arrayMap((v, n) -> ('%s', n, toFloat64(v)), %s, arraySlice(['%s'], 1, length(%s)))", s.name, s.name, strings.Join(s.names, "', '"), s.name))
	}
	return "arrayJoin(arrayFilter(a -> a.3 > 0, arrayConcat(" + strings.Join(parts, ", ") + ")))"
}

// Causes ranks the measures that got worse during a fall.
func (q *Reader) Causes(ctx context.Context, f *Fall) (causes []Cause, err error) {
	for _, find := range []func(context.Context, *Fall) ([]Cause, error){q.answersThatFell, q.emotionsThatRose, q.complaintsThatRose} {
		found, err := find(ctx, f)
		if err != nil {
			return nil, err
		}
		causes = append(causes, found...)
	}
	slices.SortStableFunc(causes, func(a, b Cause) int { return cmp.Compare(b.Z, a.Z) })
	return causes, nil
}

// during is SQL for whether a response was given during the fall.
func (f *Fall) during() string { return within("occurred_at", f.Since, f.Until) }

func within(column string, from, to time.Time) string {
	return fmt.Sprintf("toUInt8(%[1]s >= toDateTime64('%[2]s', 3, 'UTC') AND %[1]s < toDateTime64('%[3]s', 3, 'UTC'))", column, schemas.DateTime(from), schemas.DateTime(to))
}

type twoCells struct{ now, was detect.Cell }

func (q *Reader) answersThatFell(ctx context.Context, f *Fall) (causes []Cause, err error) {
	from, args := q.Responses(f.Begins, f.Ends, f.Kind, f.ID)
	var rows []struct {
		Scale, ID       string
		During          uint8
		N, Sum, Squares float64
	}
	query := "SELECT a.1 AS Scale, a.2 AS ID, During, toFloat64(count()) AS N, sum(a.3) AS Sum, sum(a.3 * a.3) AS Squares FROM (SELECT " + f.during() + " AS During, " + Answers() + " AS a FROM " + from + ") GROUP BY Scale, ID, During ORDER BY Scale, ID, During"
	if err := q.Rows(ctx, &rows, query, args...); err != nil {
		return nil, err
	}
	by, order := map[[2]string]*twoCells{}, [][2]string{}
	for _, row := range rows {
		key := [2]string{row.Scale, row.ID}
		if by[key] == nil {
			by[key] = &twoCells{}
			order = append(order, key)
		}
		c := &by[key].was
		if row.During == 1 {
			c = &by[key].now
		}
		*c = detect.Cell{N: row.N, Sum: row.Sum, Squares: row.Squares}
	}
	for _, key := range order {
		now, was := by[key].now, by[key].was
		if now.N < 5 || was.N < 5 {
			continue
		}
		variance := max(was.Variance(), 0.05)
		z := (was.Mean() - now.Mean()) / math.Sqrt(variance*(1/now.N+1/was.N))
		if z >= leastZ {
			causes = append(causes, Cause{key[0], key[1], now.Mean(), was.Mean(), int(now.N), z})
		}
	}
	return causes, nil
}

func (q *Reader) emotionsThatRose(ctx context.Context, f *Fall) (causes []Cause, err error) {
	from, args := q.Responses(f.Begins, f.Ends, f.Kind, f.ID)
	var rows []struct {
		ID     string
		During uint8
		N      float64
	}
	query := "SELECT toString(emotion) AS ID, " + f.during() + " AS During, toFloat64(count()) AS N FROM " + from + " WHERE emotion != '' GROUP BY ID, During"
	if err := q.Rows(ctx, &rows, query, args...); err != nil {
		return nil, err
	}
	var now, was float64
	count := map[string][2]float64{}
	for _, row := range rows {
		c := count[row.ID]
		c[row.During] += row.N
		count[row.ID] = c
		if row.During == 1 {
			now += row.N
		} else {
			was += row.N
		}
	}
	for _, id := range []string{"disappointed", "angry", "afraid"} {
		c := count[id]
		if c[1] < 3 || was < 5 {
			continue
		}
		p := (c[0] + c[1]) / (now + was)
		z := (c[1]/now - c[0]/was) / math.Sqrt(p*(1-p)*(1/now+1/was))
		if z >= leastZ {
			causes = append(causes, Cause{"emotion", id, c[1] / now, c[0] / was, int(c[1]), z})
		}
	}
	return causes, nil
}

// complaintsThatRose looks at complaints opened during the fall and in the day after it, since people complain later.
func (q *Reader) complaintsThatRose(ctx context.Context, f *Fall) (causes []Cause, err error) {
	where, args := "", []any{schemas.DateTime(f.Begins), schemas.DateTime(f.Ends)}
	if d := q.Dimensions.Of(f.Kind); d != nil && d.Topics.Complaints {
		where, args = " AND "+d.Column+" = ?", append(args, f.ID)
	}
	var rows []struct {
		ID     string
		During uint8
		N      float64
	}
	until := f.Until.AddDate(0, 0, 1)
	if until.After(f.Ends) {
		until = f.Ends
	}
	query := fmt.Sprintf("SELECT toString(category) AS ID, %s AS During, toFloat64(count()) AS N FROM %s WHERE opened_at >= toDateTime64(?, 3, 'UTC') AND opened_at < toDateTime64(?, 3, 'UTC')%s GROUP BY ID, During",
		within("opened_at", f.Since, until), q.View("complaint_state"), where)
	if err := q.Rows(ctx, &rows, query, args...); err != nil {
		return nil, err
	}
	responses := func(from, to int) (n float64) {
		for i := max(from, 0); i < min(to, len(f.Hours)); i++ {
			n += f.Hours[i].N
		}
		return n
	}
	a, b := int(f.Since.Sub(f.Begins)/Slot), int((until.Sub(f.Begins)+Slot-1)/Slot)
	now := responses(a, b)
	was := responses(0, len(f.Hours)) - now
	count := map[string][2]float64{}
	for _, row := range rows {
		c := count[row.ID]
		c[row.During] += row.N
		count[row.ID] = c
	}
	ids := slices.Clone(event.Categories)
	for _, id := range slices.Sorted(maps.Keys(count)) {
		if id != "" && !slices.Contains(event.Categories, id) { // a word of the owner's
			ids = append(ids, id)
		}
	}
	for _, id := range ids {
		c := count[id]
		if c[1] < 3 || was == 0 || now == 0 {
			continue
		}
		// By chance, complaints fall into this time in proportion to responses.
		share := now / (now + was)
		z := (c[1] - (c[0]+c[1])*share) / math.Sqrt((c[0]+c[1]+1)*share*(1-share))
		if z >= leastZ {
			causes = append(causes, Cause{"category", id, 100 * c[1] / now, 100 * c[0] / was, int(c[1]), z})
		}
	}
	return causes, nil
}
