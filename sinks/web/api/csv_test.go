package api

import (
	"encoding/csv"
	"encoding/json"
	"net/http/httptest"
	"slices"
	"testing"
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
	writeCSV(w, a)
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
