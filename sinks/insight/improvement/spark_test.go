package improvement

import (
	"strings"
	"testing"
)

func TestGapsAreDrawnWithTheChange(t *testing.T) {
	e := Effect{DaysBefore: 3, Gaps: []float64{-1, 0, -.5, 1, .99}}
	if got := e.Drawn(); got != "▁▅▃│██" {
		t.Errorf("%s", got)
	}
	if got := (&Effect{DaysBefore: 1, Gaps: []float64{2, 2}}).Drawn(); got != "▁│▁" {
		t.Errorf("%s", got)
	}
	if got := (&Effect{}).Drawn(); got != "" {
		t.Errorf("%s", got)
	}
}

func TestAnEffectWarnsOfWhatSpeaksAgainstIt(t *testing.T) {
	good := Effect{Method: SyntheticDifference, Controls: 30, Gaps: []float64{1, 2}, Trend: Trend{Placebo: .5}, Extreme: Extreme{Share: .4}}
	for _, c := range []struct {
		change func(e *Effect)
		want   string
	}{
		{func(*Effect) {}, ""},
		{func(e *Effect) { e.Method, e.Controls = PlainDifference, 1 }, "one untreated scope"},
		{func(e *Effect) { e.Controls = 18 }, "fewer than 19"},
		{func(e *Effect) { e.Trend.Placebo = .06 }, "before the change already"},
		{func(e *Effect) { e.Extreme.Share = .1 }, "regression to the mean"},
	} {
		e := good
		c.change(&e)
		said := e.Warnings()
		if c.want == "" && len(said) > 0 || c.want != "" && (len(said) != 1 || !strings.Contains(said[0], c.want)) {
			t.Errorf("want %q, warned %q", c.want, said)
		}
	}
}
