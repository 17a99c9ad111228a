package churn

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestWhoLeftIsReadFromLinesOrFromTheTruthOfASimulatedFeed(t *testing.T) {
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for text, fault := range map[string]string{
		"c-7,2026-03-01T00:00:00Z\n\n":                                 "",
		`{"left":[{"customer_id":"c-7","at":"2026-03-01T00:00:00Z"}]}`: "",
		"c-7;yesterday":                         "labels:1: must be customer_id,time",
		"c-1,2026-03-01T00:00:00Z\nc-7,gestern": `labels:2: "gestern" is not a time`,
		`{"left":3}`:                            "labels: json",
	} {
		file := filepath.Join(t.TempDir(), "labels")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		left, err := ReadLabels(file)
		switch {
		case fault != "":
			if err == nil || !strings.Contains(err.Error(), fault) {
				t.Errorf("%q: %v", text, err)
			}
		case err != nil || len(left) != 1 || !left["c-7"].Equal(at):
			t.Errorf("%q: %v, %v", text, left, err)
		}
	}
}
