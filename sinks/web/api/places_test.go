package api_test

import (
	"math"
	"net/url"
	"slices"
	"strconv"
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

// scored holds a store's NPS in the list of places against responses as received, and asks for its pages, order and conditions.
func scored(t *testing.T, w *webtest.Company, a *asker) {
	const path = "places_scales?range=7d&kind=store"
	all := a.question(t, path+"&sort=nps&order=asc")
	ids, surveys, scores := all.column(t, "scope_id"), all.column(t, "survey"), all.column(t, "nps")
	query := `SELECT 100 * sum(multiIf(nps > 8, 1, nps < 7, -1, 0)) / count(), toFloat64(count()) FROM (
		SELECT DISTINCT customer_id, terminal_id, event_id, nps FROM ` + w.Store.Table("responses") + `
		WHERE isNotNull(nps) AND survey = ? AND brand = '' AND store_id = ? AND occurred_at >= ? AND occurred_at < ?)`
	for i, id := range ids {
		if id != w.Alert.ID {
			continue
		}
		var nps, n float64
		if err := w.Store.Conn().QueryRow(t.Context(), query, surveys[i], id, all.Period.From, all.Period.To).Scan(&nps, &n); err != nil {
			t.Fatalf("%v\n%s", err, query)
		}
		if n < 2 || all.column(t, "nps_responses")[i] != n || math.Abs(scores[i].(float64)-nps) > 1e-9 {
			t.Errorf("%v of the %v survey has an NPS of %v, by hand %v of %v", id, surveys[i], scores[i], nps, n)
		}
		if low, high := all.column(t, "nps_low")[i].(float64), all.column(t, "nps_high")[i].(float64); low > nps || high < nps || low < -100 || high > 100 {
			t.Errorf("its interval is %v to %v", low, high)
		}
	}
	if !slices.Contains(ids, any(w.Alert.ID)) {
		t.Fatalf("%s is not among %v", w.Alert.ID, ids)
	}
	for i := 1; i < len(scores); i++ {
		if scores[i-1] == nil && scores[i] != nil || scores[i] != nil && scores[i].(float64) < scores[i-1].(float64) {
			t.Errorf("%v stands before %v", scores[i-1], scores[i])
		}
	}
	var paged []any
	for offset := range len(ids) {
		page := a.question(t, path+"&sort=stars_top_share&limit=1&offset="+strconv.Itoa(offset))
		paged = append(paged, page.column(t, "scope_id")[0], page.column(t, "survey")[0])
		if page.More != (offset+1 < len(ids)) {
			t.Errorf("at %d there is more: %v", offset, page.More)
		}
	}
	var whole []any
	byStars := a.question(t, path+"&sort=stars_top_share")
	for i, id := range byStars.column(t, "scope_id") {
		whole = append(whole, id, byStars.column(t, "survey")[i])
	}
	if !slices.Equal(paged, whole) {
		t.Errorf("page by page %v, at once %v", paged, whole)
	}
	region := a.question(t, "parent?scope_kind=store&scope_id="+w.Alert.ID).column(t, "parent_id")[0].(string)
	in := a.question(t, path+"&parent_kind=region&parent_id="+url.QueryEscape(region)).column(t, "scope_id")
	if len(in) == 0 || len(in) >= len(ids) || !slices.Contains(in, any(w.Alert.ID)) {
		t.Errorf("in the region of %s are %v", w.Alert.ID, in)
	}
	for _, id := range a.question(t, path+"&search="+w.Alert.ID).column(t, "scope_id") {
		if id != w.Alert.ID {
			t.Errorf("searched for %s, %v is found", w.Alert.ID, id)
		}
	}
}
