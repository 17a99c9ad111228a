package catalogue

import "csatflow/pipeline/dimension"

// addDimensions puts the kinds of scopes that dimensions make beside those that the file names.
func addDimensions(scales []Scale) {
	for i := range scales {
		if scales[i].ID != "scope_kind" {
			continue
		}
		for _, d := range dimension.Usual().All() {
			scales[i].Values = append(scales[i].Values, Value{ID: d.Name, Label: Text{English: d.Label.En, Chinese: d.Label.Zh}})
		}
	}
}
