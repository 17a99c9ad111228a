package alert

import (
	"fmt"
	"strings"

	"csatflow/schemas/ruleset"
)

// Name is the rule's name as Alertmanager's users write them: SatisfactionDrop.
func (a *Alert) Name() string {
	var b strings.Builder
	for word := range strings.SplitSeq(a.Rule, "_") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

const when = "2006-01-02 15:04"

// Summary says in a sentence what is the matter, where, since when and how far.
func (a *Alert) Summary() string {
	since := a.Start.UTC().Format(when) + " UTC"
	switch a.Rule {
	case ruleset.SatisfactionDrop:
		return fmt.Sprintf("Satisfaction of %s has fallen since %s: mean grade %.2f where %.2f is usual, by %.2f (95 %%: %.2f to %.2f; %d responses)", a.Scope(), since, a.Value, a.Expected, a.Expected-a.Value, a.Low, a.High, a.Cases)
	case ruleset.SatisfactionDrift:
		return fmt.Sprintf("Satisfaction of %s has been slipping since %s: mean grade %.2f where %.2f was usual before, by %.2f (95 %%: %.2f to %.2f; %d responses)", a.Scope(), since, a.Value, a.Expected, a.Expected-a.Value, a.Low, a.High, a.Cases)
	case ruleset.SatisfactionFloor:
		return fmt.Sprintf("Satisfaction of %s is below the floor: mean grade %.2f, floor %.2f (%d responses since %s)", a.Scope(), a.Value, a.Expected, a.Cases, since)
	case ruleset.ComplaintSurge:
		return fmt.Sprintf("Complaints about %s surge in %s: %.0f since %s where %.1f are usual", a.Part, a.Scope(), a.Value, since, a.Expected)
	case ruleset.RecoverySlow:
		return fmt.Sprintf("Recovery in %s is slow: %.0f %% of %d complaints resolved since %s took longer than promised; up to %.0f %% are allowed or usual there", a.Scope(), 100*a.Value, a.Cases, since, 100*a.Expected)
	case ruleset.PromiseBreach:
		return fmt.Sprintf("Promises are broken in %s: %.0f %% of %d complaints due since %s were not resolved in time; up to %.0f %% are allowed or usual there", a.Scope(), 100*a.Value, a.Cases, since, 100*a.Expected)
	case ruleset.SilentFeed:
		return fmt.Sprintf("Nothing has come from %s since %s, where %.0f responses are usual", a.Scope(), since, a.Expected)
	case ruleset.ChurnRise:
		return fmt.Sprintf("More customers are at high risk of leaving: %.1f %% of %d, %.1f %% a week before", 100*a.Value, a.Cases, 100*a.Expected)
	case ruleset.ValueAtRisk:
		return fmt.Sprintf("The value at risk has risen to %.0f, from %.0f a week before", a.Value, a.Expected)
	case ruleset.CustomerTrouble:
		return fmt.Sprintf("%s (%s) is about to leave: risk %.0f %%", a.Scope(), strings.ReplaceAll(a.Part, "_", " "), 100*a.Value)
	}
	return fmt.Sprintf("%s of %s: %v, expected %v", a.Rule, a.Scope(), a.Value, a.Expected)
}

// Description says what carries it and what moved with it.
func (a *Alert) Description() string {
	var carry, moved []string
	for _, e := range a.Evidence {
		if e.Share > 0 {
			carry = append(carry, fmt.Sprintf("%s %s %.0f %% (%.2f after %.2f)", strings.ReplaceAll(e.Dimension, "_", " "), e.ID, 100*e.Share, e.Value, e.Before))
		} else {
			moved = append(moved, fmt.Sprintf("%s %s (%.2f after %.2f)", e.Dimension, strings.ReplaceAll(e.ID, "_", " "), e.Value, e.Before))
		}
	}
	var said []string
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
