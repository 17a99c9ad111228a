package watch

import (
	"context"
	"fmt"
	"math"
	"time"

	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
)

// A fall is of one respondent if less than half of it, or nothing certain, is left without the one who adds most to it: a child at a button, a customer who
// answers again and again. Respondents with fewer responses than leastOfOne do not count as such: few cases are scattered anyway.
const (
	leastOfOne = 3
	leftOfOne  = 0.5
	looked     = 20 // at those with most responses
	// The rest must show a fall too: by so many standard errors of grades that scatter by gradeSD.
	sureOfRest = 3
	gradeSD    = 1.3
)

// knowledgeOf returns what an alert follows from.
func (w *Watch) knowledgeOf(a *alert.Alert) *knowledge {
	if a.Rule == ruleset.ScaleDrop {
		return w.scaled[a.Part]
	}
	return w.knowledge
}

// isOfOne reports whether a single customer or terminal carries a fall.
func (w *Watch) isOfOne(ctx context.Context, a *alert.Alert) (bool, error) {
	if !ruleset.Of(a.Rule).Falls && a.Rule != ruleset.ScaleDrop || a.Cases == 0 {
		return false, nil
	}
	k, expected := w.knowledgeOf(a), a.Expected
	if k != w.knowledge {
		expected = scaleOf(a.Part).mean(expected)
	}
	from := a.Start
	if first := a.Fired.Add(-fineWhole); from.Before(first) {
		from = first
	}
	list, err := k.answers.Respondents(ctx, Scope{a.Kind, a.ID}, from.Truncate(time.Minute), a.Fired, looked)
	if err != nil {
		return false, fmt.Errorf("looking for single respondents in %s: %w", a.Scope(), err)
	}
	g := k.tracks[Scope{a.Kind, a.ID}].Since(from, a.Fired)
	n, sum := g.N(), g.Sum()
	sd := gradeSD
	if k != w.knowledge {
		sd = math.Sqrt(g.Squares() / n)
	}
	most, rest, left := 0.0, 0.0, 0.0
	for _, r := range list {
		adds := float64(r.N)*expected - float64(r.Sum)
		if r.N >= leastOfOne && adds > most {
			most, rest, left = adds, 0, n-float64(r.N)
			if left > 0 {
				rest = expected - (sum-float64(r.Sum))/left
			}
		}
	}
	return most > 0 && (rest < leftOfOne*(expected-sum/n) || rest < sureOfRest*sd/math.Sqrt(max(left, 1))), nil
}
