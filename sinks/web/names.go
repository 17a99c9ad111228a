package web

import (
	"encoding/json"
	"net/http"
	"sync"

	"csatflow/schemas/catalogue"
)

// names are what people call the terms of the page in one language, from the catalogue.
type names struct {
	Measures map[string]string            // by measure
	Columns  map[string]string            // by column of views
	Scales   map[string]map[string]string // by scale and value
}

var allNames = sync.OnceValue(func() map[catalogue.Language]*names {
	c := catalogue.MustLoad()
	all := map[catalogue.Language]*names{}
	for _, l := range []catalogue.Language{catalogue.English, catalogue.Chinese} {
		n := &names{Measures: map[string]string{}, Columns: map[string]string{}, Scales: map[string]map[string]string{}}
		for _, m := range c.Measures() {
			n.Measures[m.ID] = m.Label.In(l)
		}
		for _, column := range c.Columns() {
			n.Columns[column.ID] = column.Label.In(l)
		}
		for _, s := range c.Scales() {
			n.Scales[s.ID] = map[string]string{}
			for _, v := range s.Values {
				n.Scales[s.ID][v.ID] = v.Label.In(l)
			}
		}
		all[l] = n
	}
	return all
})

// serveNames answers /api/names?lang=en.
func serveNames(w http.ResponseWriter, r *http.Request) {
	l, err := catalogue.ParseLanguage(r.URL.Query().Get("lang"))
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": err.Error()})
		return
	}
	_ = json.NewEncoder(w).Encode(allNames()[l]) // a client that has gone needs no answer
}
