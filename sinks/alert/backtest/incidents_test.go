package backtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestIncidentsAreReadFromLinesOrFromTheTruthOfASimulatedFeed(t *testing.T) {
	const one = `{"scope_kind":"store","scope_id":"a","from":"2026-03-30T12:00:00Z","to":"2026-03-30T14:00:00Z"}`
	for text, fault := range map[string]string{
		one + "\n\n":                        "",
		`{"incidents":[` + one + `]}`:       "",
		one + "\n{\"scope\":\"a\"}":         "incidents:2",
		strings.Replace(one, "12", "15", 1): "incidents:1: scope_kind must be there, and from before to",
	} {
		file := filepath.Join(t.TempDir(), "incidents")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		list, err := ReadIncidents(file)
		switch {
		case fault != "":
			if err == nil || !strings.Contains(err.Error(), fault) {
				t.Errorf("%q: %v", text, err)
			}
		case err != nil || len(list) != 1 || list[0].ID != "a" || list[0].To.Sub(list[0].From) != 2*time.Hour:
			t.Errorf("%q: %+v, %v", text, list, err)
		}
	}
}
