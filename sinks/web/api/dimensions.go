package api

import (
	"fmt"
	"strings"

	"csatflow/pipeline/dimension"
)

// scopeKinds are the kinds of scope that the page goes through, the narrowest place first.
func scopeKinds(set *dimension.Set) ([]string, map[string]string) { return set.OfResponses(), nil }

// partsOf are the parts of a scope that responses as received tell, what runs through all places first, by the columns of the events or by the name of an
// attribute.
func partsOf(set *dimension.Set) (choices []string, picks map[string]string) {
	picks = map[string]string{}
	through, places := []dimension.Dimension{}, []dimension.Dimension{}
	for _, d := range set.DrillDown() {
		if d.Level == 0 {
			through = append(through, d)
		} else {
			places = append([]dimension.Dimension{d}, places...)
		}
	}
	for _, d := range append(through, places...) {
		choice := partName(&d)
		choices, picks[choice] = append(choices, choice), d.Column
	}
	return choices, picks
}

// partName is what the question of parts calls a dimension.
func partName(d *dimension.Dimension) string {
	if d.Own {
		return d.Name
	}
	return d.Column
}

// inComplaintScope is SQL that holds for complaints of the scope that is asked for.
func inComplaintScope(set *dimension.Set) string {
	var b strings.Builder
	b.WriteString("({scope_kind:String} = 'all'")
	for _, d := range set.All() {
		if d.Topics.Complaints {
			fmt.Fprintf(&b, " OR {scope_kind:String} = '%s' AND %s = {scope_id:String}", d.Name, d.Column)
		}
	}
	b.WriteString(")")
	return b.String()
}
