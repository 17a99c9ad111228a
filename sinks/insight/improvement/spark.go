package improvement

import (
	"slices"
	"strings"

	"gonum.org/v1/gonum/floats"
)

// Drawn draws the gaps as a line of blocks, with a bar where the change begins; "" without gaps.
func (e *Effect) Drawn() string {
	if len(e.Gaps) == 0 {
		return ""
	}
	blocks := []rune("▁▂▃▄▅▆▇█")
	low, high := floats.Min(e.Gaps), floats.Max(e.Gaps)
	var b strings.Builder
	for i, g := range e.Gaps {
		if i == e.DaysBefore {
			b.WriteRune('│')
		}
		level := 0
		if high > low {
			level = int((g - low) / (high - low) * float64(len(blocks)))
		}
		b.WriteRune(blocks[min(level, len(blocks)-1)])
	}
	return b.String()
}

// Warnings are what speaks against taking the effect for that of the change, as sentences.
func (e *Effect) Warnings() []string {
	list := []struct {
		warns bool
		text  string
	}{
		{e.Method == PlainDifference, "With one untreated scope there are no placebos: the interval takes days as independent, and is too narrow if they are not."},
		{e.Method == SyntheticDifference && e.Controls < leastForShare, "With fewer than 19 untreated scopes no placebo share can be 5 % or less: the interval alone tells."},
		{len(e.Gaps) > 0 && e.Trend.Placebo <= .1 && e.Controls > 1, "The scope moved against the others before the change already: the effect may be what went on anyway."},
		{e.Controls >= leastForRegression && e.Extreme.FarOut(), "The scope was among the outermost tenth of its kind before the change. If it was chosen for that, part of the effect is regression to the mean."},
	}
	var said []string
	for _, w := range list {
		if w.warns {
			said = append(said, w.text)
		}
	}
	return slices.Clip(said)
}
