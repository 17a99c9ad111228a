package sweep

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
	file := filepath.Join(t.TempDir(), "sweep.svg")
	noon := time.Date(2026, 3, 30, 12, 0, 0, 0, time.UTC)
	raised := []alert.Alert{{Rule: "r", Kind: "store", ID: "a", Start: noon.Add(time.Minute), Fired: noon.Add(time.Minute)}}
	incidents := []backtest.Incident{{Kind: "store", ID: "a", From: noon, To: noon.Add(time.Hour)}}
	levels := []backtest.Level{{FalseAlerts: .1, Score: backtest.Judge(nil, incidents)}, {FalseAlerts: 1, Alerts: raised, Score: backtest.Judge(raised, incidents)}}
	if err := Plot(file, levels); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(file); err != nil || !strings.Contains(string(b), "incidents found") {
		t.Errorf("%d bytes, %v", len(b), err)
	}
}
