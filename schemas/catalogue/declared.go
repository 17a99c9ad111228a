package catalogue

import (
	"csatflow/pipeline/dimension"
	"csatflow/schemas/ruleset"
)

// addDeclared adds the values that other packages declare: the kinds of scopes that dimensions make, and the
// rules of alerts.
func addDeclared(scales []Scale) {
	add := func(scale, id, english, chinese string) {
		for i := range scales {
			if scales[i].ID == scale {
				scales[i].Values = append(scales[i].Values, Value{ID: id, Label: Text{English: english, Chinese: chinese}})
			}
		}
	}
	for _, d := range dimension.Usual().All() {
		add("scope_kind", d.Name, d.Label.En, d.Label.Zh)
	}
	for _, name := range ruleset.Names() {
		r := ruleset.Of(name)
		add("alert_rule", name, r.English, r.Chinese)
	}
}
