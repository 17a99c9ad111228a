package api

import (
	"fmt"
	"strings"

	"csatflow/pipeline/dimension"
)

// scopeKinds are the scope kinds that the page offers, the narrowest place first.
func scopeKinds(set *dimension.Set) ([]string, map[string]string) { return set.OfResponses(), nil }

// partsOf returns the dimensions by which responses as received divide a scope, those that run through all places first. picks has their SQL: a column of
// the events, or an attribute.
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

// partName is the name of a dimension in the question parts.
func partName(d *dimension.Dimension) string {
	if d.Own {
		return d.Name
	}
	return d.Column
}

// inComplaintScope is an SQL condition for complaints of the requested scope.
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
