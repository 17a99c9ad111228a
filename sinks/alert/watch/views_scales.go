package watch

import (
	"context"
	"time"
)

// scaleViews are the [Answers] in a scale of its own: of instant responses about the own brand.
type scaleViews struct {
	*Views
	scale  string // the group of counters
	counts string // SQL of the sums of its counters, answers, as grades
	mark   string // SQL of the answer of a response as a grade, NULL for none
}

// Scale implements [Source].
func (v *Views) Scale(name string) Answers {
	switch name {
	case "nps":
		return &scaleViews{v, name, "[arraySum(arraySlice(answers, 1, 7)), 0, 0, arraySum(arraySlice(answers, 8, 2)), 0, 0, arraySum(arraySlice(answers, 10, 2))]", "multiIf(isNull(nps_answer), NULL, nps_answer >= 9, 7, nps_answer >= 7, 4, 1)"}
	case "ces":
		return &scaleViews{v, name, "answers", "ces_answer"}
	case "stars":
		return &scaleViews{v, name, "[arraySum(arraySlice(answers, 1, 3)), 0, 0, 0, 0, 0, arraySum(arraySlice(answers, 4, 2))]", "multiIf(isNull(stars_answer), NULL, stars_answer >= 4, 7, 1)"}
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
	return v.cells(ctx, v.scale, v.counts, hour, hour, from.Add(time.Hour-1).Truncate(time.Hour), to.Truncate(time.Hour), kinds)
}

// Respondents implements [Answers], from responses as received.
func (v *scaleViews) Respondents(ctx context.Context, s Scope, from, to time.Time, most int) ([]Respondent, error) {
	return v.respondents(ctx, "scaled_responses_between", v.mark, s, from, to, most)
}
