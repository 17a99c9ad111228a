package api

import (
	"encoding/csv"
	"encoding/json"
	"net/http/httptest"
	"slices"
	"testing"
	"time"
)

// exact is a number like the driver's Decimal, which marshals itself.
type exact []byte

func (e exact) String() string { return string(e) }

func TestNoCellOfACSVIsTakenForAFormula(t *testing.T) {
	texts := map[string]string{
		"=cmd|' /C calc'!A0": "'=cmd|' /C calc'!A0", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\tx": "'\tx", "\r=1": "'\r=1", "\n=1": "'\n=1", "＝1": "'＝1",
		"store-1": "store-1", "": "", "a=b": "a=b", "'=1": "'=1", `say "=1"`: `say "=1"`,
	}
	a := &Answer{Question: "places", Columns: []Column{{Name: "text"}, {Name: "number"}, {Name: "whole"}, {Name: "exact"}, {Name: "list"}}}
	var sent []string
	for text := range texts {
		sent = append(sent, text)
		a.Rows = append(a.Rows, []any{text, -1.5, int64(-3), exact("-2.5"), []any{"=1", -2.0}})
	}
	w := httptest.NewRecorder()
	writeCSV(w, a, time.UTC)
	records, err := csv.NewReader(w.Body).ReadAll()
	if err != nil || len(records) != len(sent)+1 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	for i, text := range sent {
		got := records[i+1]
		// A CSV reader turns CR LF into LF; none of these texts has CR LF.
		if got[0] != texts[text] {
			t.Errorf("%q is written as %q", text, got[0])
		}
		if !slices.Equal(got[1:4], []string{"-1.5", "-3", "-2.5"}) {
			t.Errorf("numbers became %q", got[1:4])
		}
		var list []any
		if err := json.Unmarshal([]byte(got[4]), &list); err != nil || list[0] != "=1" || list[1] != -2.0 {
			t.Errorf("a list became %q", got[4])
		}
	}
}

func TestTheTimesOfACSVAreThoseOfTheZoneAndSayIt(t *testing.T) {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	a := &Answer{Question: "trend", Columns: []Column{{Name: "step_start", Type: "DateTime('UTC')"}, {Name: "at", Type: "Nullable(DateTime64(3, 'UTC'))"}, {Name: "scope_id", Type: "String"}},
		Rows: [][]any{{"2026-03-01T22:00:00Z", "2026-03-01T09:00:00.25Z", "2026-03-01T09:00:00Z"}, {"2026-03-01T15:59:59Z", nil, "s"}}}
	w := httptest.NewRecorder()
	writeCSV(w, a, zone)
	want := "step_start,at,scope_id\n2026-03-02T06:00:00+08:00,2026-03-01T17:00:00.25+08:00,2026-03-01T09:00:00Z\n2026-03-01T23:59:59+08:00,,s\n"
	if got := w.Body.String(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
