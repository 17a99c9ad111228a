package api_test

import (
	"net/url"
	"slices"
	"testing"
	"time"

	"csatflow/deploy/trial/webtest"
)

// complainedAlone asks for a minute in which a store has a complaint and no response, as one whose tills are silent.
func complainedAlone(t *testing.T, w *webtest.Company, a *asker) {
	answered := map[string]bool{} // store and minute
	at := func(store []byte, ms int64) string {
		return string(store) + time.UnixMilli(ms).UTC().Truncate(time.Minute).Format(time.RFC3339)
	}
	for i := range w.Responses {
		answered[at(w.Responses[i].StoreID, w.Responses[i].OccurredAt)] = true
	}
	for i := range w.Opened {
		o := &w.Opened[i]
		if len(o.StoreID) == 0 || answered[at(o.StoreID, o.OccurredAt)] {
			continue
		}
		from := time.UnixMilli(o.OccurredAt).UTC().Truncate(time.Minute)
		of := url.Values{"from": {from.Format(time.RFC3339)}, "to": {from.Add(time.Minute).Format(time.RFC3339)}, "sort": {"csat_index"}, "order": {"asc"}}
		places := a.question(t, "places?"+of.Encode())
		j := slices.Index(places.column(t, "scope_id"), any(string(o.StoreID)))
		if j < 0 {
			t.Fatalf("%s of %v is not among %v of %+v", o.StoreID, from, places.column(t, "scope_id"), places.Period)
		}
		if n, index, opened := places.column(t, "responses")[j], places.column(t, "csat_index")[j], places.column(t, "opened")[j]; n != 0. || index != nil || opened != 1. {
			t.Errorf("%s has %v responses with %v and %v complaints", o.StoreID, n, index, opened)
		}
		if j+1 < len(places.Rows) && places.column(t, "csat_index")[j+1] != nil {
			t.Errorf("one without an index comes before others: %v", places.column(t, "csat_index"))
		}
		of.Set("search", string(o.StoreID))
		if alone := a.question(t, "places?"+of.Encode()); len(alone.Rows) != 1 {
			t.Errorf("searched for, %d places are it", len(alone.Rows))
		}
		return
	}
	t.Fatal("each complaint has a response of its minute and store")
}
