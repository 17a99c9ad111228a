package draw

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"csatflow/sinks/alert"
	"csatflow/sinks/alert/backtest"
)

func TestThePlotIsDrawn(t *testing.T) {
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	incidents := []backtest.Incident{{Kind: "store", ID: "a", From: noon, To: noon.Add(time.Hour)}}
	raised := []alert.Alert{{Rule: alert.SatisfactionDrop, Kind: "store", ID: "a", Fired: noon.Add(time.Minute)}}
	file := filepath.Join(t.TempDir(), "sweep.svg")
	levels := []backtest.Level{{FalseAlerts: .1, Score: backtest.Judge(nil, incidents)}, {FalseAlerts: 1, Alerts: raised, Score: backtest.Judge(raised, incidents)}}
	if err := Levels(file, levels); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(file); err != nil || !strings.Contains(string(b), "incidents found") {
		t.Errorf("%d bytes, %v", len(b), err)
	}
}
