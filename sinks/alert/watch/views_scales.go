package watch

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"
)

// scaleViews are the [Answers] in a scale of its own: of instant responses about the own brand.
type scaleViews struct {
	*Views
	index int // in counts
}

// counts are the counters of each of the scales, and marks SQL of the answer of a response as a grade, NULL for none.
var (
	counts = []counted{
		{"nps", "[arraySum(arraySlice(%[1]s, 1, 7)), 0, 0, arraySum(arraySlice(%[1]s, 8, 2)), 0, 0, arraySum(arraySlice(%[1]s, 10, 2))]"},
		{"ces", "%s"},
		{"stars", "[arraySum(arraySlice(%[1]s, 1, 3)), 0, 0, 0, 0, 0, arraySum(arraySlice(%[1]s, 4, 2))]"},
	}
	marks = []string{
		"multiIf(isNull(nps_answer), NULL, nps_answer >= 9, 7, nps_answer >= 7, 4, 1)",
		"ces_answer",
		"multiIf(isNull(stars_answer), NULL, stars_answer >= 4, 7, 1)",
	}
)

// scalesRead are cells that were read for one scale, by what was asked for, of those scales that have not asked for them yet: they ask one after another for
// the same.
type scalesRead struct{ by map[string]scaleCells }

type scaleCells struct {
	at    time.Time
	cells map[int][]GradeCell
}

// together is within what time scales ask for the same.
const together = 20 * time.Second

// Scale implements [Source].
func (v *Views) Scale(name string) Answers {
	for i, c := range counts {
		if c.group == name {
			return &scaleViews{v, i}
		}
	}
	return nil
}

// Grades implements [Answers]. Answers in other scales are few: those of an hour are taken as given at its beginning, whatever the length.
func (v *scaleViews) Grades(ctx context.Context, _ time.Duration, from, to time.Time, kinds []string) ([]GradeCell, error) {
	if len(kinds) == 0 {
		return nil, nil
	}
	const hour = int(time.Hour / time.Second)
	// An hour that has not ended would show the future.
	from, to = from.Add(time.Hour-1).Truncate(time.Hour), to.Truncate(time.Hour)
	r := &v.read
	what := fmt.Sprint(from.Unix(), to.Unix(), strings.Join(kinds, ","))
	maps.DeleteFunc(r.by, func(_ string, c scaleCells) bool { return time.Since(c.at) > together })
	if cells, is := r.by[what].cells[v.index]; is {
		delete(r.by[what].cells, v.index)
		return cells, nil
	}
	all, err := v.cells(ctx, counts, hour, hour, from, to, kinds)
	if err != nil {
		return nil, err
	}
	others := map[int][]GradeCell{}
	for i, cells := range all {
		if i != v.index {
			others[i] = cells
		}
	}
	if r.by == nil {
		r.by = map[string]scaleCells{}
	}
	r.by[what] = scaleCells{time.Now(), others}
	return all[v.index], nil
}

// Respondents implements [Answers], from responses as received.
func (v *scaleViews) Respondents(ctx context.Context, s Scope, from, to time.Time, most int) ([]Respondent, error) {
	return v.respondents(ctx, "scaled_responses_between", marks[v.index], s, from, to, most)
}
