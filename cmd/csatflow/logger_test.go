package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"csatflow/cmd/csatflow/config"
)

func TestDurationsAreSecondsInJSONLogsAndHaveTheirUnitInText(t *testing.T) {
	said := func(format string) string {
		var b bytes.Buffer
		logger(&system{stderr: &b}, config.Log{Level: "info", Format: format}).Info("done", "took", 1250*time.Millisecond, "n", 3, slog.Group("of", "wait", 90*time.Second))
		return b.String()
	}
	var line struct {
		Took float64
		N    int
		Of   struct{ Wait float64 }
	}
	for _, format := range []string{"json", "auto"} { // a buffer is no terminal
		text := said(format)
		if err := json.Unmarshal([]byte(text), &line); err != nil || line.Took != 1.25 || line.N != 3 || line.Of.Wait != 90 {
			t.Errorf("%s: %s (%v)", format, text, err)
		}
	}
	if text := said("text"); !strings.Contains(text, "took=1.25s") || !strings.Contains(text, "of.wait=1m30s") {
		t.Errorf("text: %s", text)
	}
}
