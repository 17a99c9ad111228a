package alert

import (
	"fmt"
	"math"
	"strings"

	"csatflow/schemas/ruleset"
)

// Name returns the rule's name in Alertmanager's style: SatisfactionDrop.
func (a *Alert) Name() string {
	var b strings.Builder
	for word := range strings.SplitSeq(a.Rule, "_") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

const when = "2006-01-02 15:04"

// Summary returns a sentence: what is wrong, where, since when and by how much.
func (a *Alert) Summary() string {
	if r := ruleset.Of(a.Rule); r.Sentence != nil {
		return r.Sentence(&ruleset.Finding{Scope: a.Scope(), Part: a.Part, Since: a.Start.UTC().Format(when) + " UTC", Value: a.Value, Expected: a.Expected, Low: a.Low, High: a.High, Cases: a.Cases})
	}
	return fmt.Sprintf("%s of %s: %v, expected %v", a.Rule, a.Scope(), a.Value, a.Expected)
}

// Dimensions of evidence that tells of how much there was on the last day: what an alert's cases are held against, and what else is known. Its ID is
// purchases or responses, its value their number, Before that of the same day of the weeks before.
const (
	Exposure = "exposure"
	Beside   = "beside"
)

// Description returns what carries the alert and what moved with it.
func (a *Alert) Description() string {
	var held, carry, moved []string
	for _, e := range a.Evidence {
		if e.Dimension == Exposure || e.Dimension == Beside {
			held = append(held, fmt.Sprintf("%s of the last day: %.0f, %.0f are usual on this day of the week", e.ID, e.Value, e.Before))
		} else if e.Share > 0 {
			carry = append(carry, fmt.Sprintf("%s %s %.0f %% (%.2f after %.2f%s)", strings.ReplaceAll(e.Dimension, "_", " "), e.ID, 100*e.Share, e.Value, e.Before, e.byMix()))
		} else {
			moved = append(moved, fmt.Sprintf("%s %s (%.2f after %.2f)", e.Dimension, strings.ReplaceAll(e.ID, "_", " "), e.Value, e.Before))
		}
	}
	var said []string
	if len(held) > 0 {
		said = append(said, "Held against the "+strings.Join(held, "; ")+".")
	}
	if len(carry) > 0 {
		said = append(said, "Carried by "+strings.Join(carry, ", ")+".")
	}
	if len(moved) > 0 {
		said = append(said, "Moved with it: "+strings.Join(moved, ", ")+".")
	}
	if len(said) == 0 {
		return "Nothing stands out within it."
	}
	return strings.Join(said, " ")
}

// mixTold is the least share of a fall that is told as a change of the mix.
const mixTold = 0.05

// byMix says how much of its share a part has because it has another weight among the responses.
func (e *Evidence) byMix() string {
	if math.Abs(e.Mix) < mixTold {
		return ""
	}
	return fmt.Sprintf("; %.0f %% by the mix of responses", 100*e.Mix)
}
