package api

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"sync"

	"csatflow/pipeline/dimension"
	"csatflow/pipeline/vocabulary"
	"csatflow/schemas/catalogue"
)

// names are the page's terms in one language, from the catalogue.
type names struct {
	Measures map[string]measure `json:"measures"` // by measure
	Columns  map[string]string  `json:"columns"`  // by column of views
	Scales   map[string]values  `json:"scales"`   // by scale and value; "" is the scale itself
	Texts    map[string]string  `json:"texts"`    // the page's own texts
	Currency string             `json:"currency"`
	Zone     string             `json:"zone"`
	Ranges   []string           `json:"ranges"`
	// Dimensions are those of responses, in the order of a search for where something happened.
	Dimensions []shownDimension `json:"dimensions"`
	// Labels are the owner's names of scopes, by kind and id.
	Labels dimension.Labels `json:"labels"`
	// Pseudonymous says that customers are shown by pseudonyms.
	Pseudonymous bool `json:"pseudonymous"`
}

// shownDimension is a dimension as the page shows it.
type shownDimension struct {
	Name  string `json:"name"`
	Part  string `json:"part"`  // its name in the question parts
	Level int    `json:"level"` // of places, 1 is the widest; 0 for what runs through them
	Own   bool   `json:"own"`   // the owner declared it
}

type measure struct {
	Label   string `json:"label"`
	Unit    string `json:"unit"`
	Formula string `json:"formula"`
	Better  string `json:"better"`
}

type value struct {
	Label   string `json:"label"`
	Meaning string `json:"meaning,omitempty"`
}

// values are those of a scale, in the order in which people read them. In JSON they are an object by id.
type values []named

type named struct {
	id string
	value
}

func (list values) MarshalJSON() ([]byte, error) {
	text := []byte{'{'}
	for i, v := range list {
		id, err := json.Marshal(v.id)
		if err != nil {
			return nil, err
		}
		of, err := json.Marshal(v.value)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			text = append(text, ',')
		}
		text = append(append(append(text, id...), ':'), of...)
	}
	return append(text, '}'), nil
}

var allNames = sync.OnceValue(func() map[catalogue.Language]*names {
	c := catalogue.MustLoad()
	all := map[catalogue.Language]*names{}
	for _, l := range []catalogue.Language{catalogue.English, catalogue.Chinese} {
		n := &names{Measures: map[string]measure{}, Columns: map[string]string{}, Scales: map[string]values{}, Texts: map[string]string{}, Ranges: Ranges}
		for _, m := range c.Measures() {
			n.Measures[m.ID] = measure{m.Label.In(l), m.Unit, m.Formula, string(m.Better)}
		}
		for _, column := range c.Columns() {
			n.Columns[column.ID] = column.Label.In(l)
		}
		for _, s := range c.Scales() {
			list := values{{"", value{Label: s.Label.In(l)}}}
			for _, v := range s.Values {
				list = append(list, named{v.ID, value{v.Label.In(l), v.Meaning.In(l)}})
			}
			n.Scales[s.ID] = list
		}
		for _, t := range c.Texts() {
			n.Texts[t.ID] = t.In(l)
		}
		all[l] = n
	}
	return all
})

// scopeKindScale is the scale of the catalogue that names scope kinds.
const scopeKindScale = "scope_kind"

// names answers /api/v1/names?lang=en.
func (s *Server) names(w http.ResponseWriter, r *http.Request) {
	if l, ok := language(w, r); ok {
		writeJSON(w, http.StatusOK, s.namesIn(l))
	}
}

// language is the one that is asked for, English if none is. It answers a wrong one.
func language(w http.ResponseWriter, r *http.Request) (catalogue.Language, bool) {
	if !r.URL.Query().Has("lang") {
		return catalogue.English, true
	}
	l, err := catalogue.ParseLanguage(r.URL.Query().Get("lang"))
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error(), "lang")
	}
	return l, err == nil
}

// Names are the page's terms in a language, as JSON that a document may have in an element.
func (s *Server) Names(l catalogue.Language) []byte {
	text, err := json.Marshal(s.namesIn(l))
	if err != nil {
		panic(err) // texts and numbers
	}
	return text
}

func (s *Server) namesIn(l catalogue.Language) *names {
	n := *allNames()[l]
	n.Scales = maps.Clone(n.Scales)
	n.Scales[scopeKindScale] = slices.Clone(n.Scales[scopeKindScale])
	for _, d := range s.Dimensions.DrillDown() {
		n.Dimensions = append(n.Dimensions, shownDimension{d.Name, partName(&d), d.Level, d.Own})
		if d.Own {
			label := d.Label.En
			if l == catalogue.Chinese {
				label = d.Label.Zh
			}
			n.Scales[scopeKindScale] = append(n.Scales[scopeKindScale], named{d.Name, value{Label: label}})
		}
	}
	for _, e := range vocabulary.Enumerations() {
		for _, w := range s.Words.Of(e.Key) {
			label := w.Label.En
			if l == catalogue.Chinese {
				label = w.Label.Zh
			}
			n.Scales[e.Scale] = append(slices.Clip(n.Scales[e.Scale]), named{w.Name, value{Label: label}})
		}
	}
	n.Labels = s.Labels
	if n.Labels == nil {
		n.Labels = dimension.Labels{}
	}
	n.Currency, n.Zone, n.Pseudonymous = s.Currency, s.Zone.String(), s.Pseudonyms != nil
	return &n
}
