package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"csatflow/deploy/simulate"
)

func TestTheStateOfAnotherDemoIsRefusedWithTheWayOn(t *testing.T) {
	for file, want := range map[string][]string{"demo.json": {"earlier release", "--fresh"}, demoFile: {"--quiet=true", "--fresh"}} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, file), []byte(`{"Seed":1,"Day":"2026-11-01T00:00:00Z","Partitions":8,"Quiet":true}`), 0o600); err != nil {
			t.Fatal(err)
		}
		ends(t, exitUsage, []string{"demo", "--data", dir}, want...)
		if err := forgetDemo(dir); err != nil {
			t.Fatal(err)
		}
		if s, err := (&demoCommand{Seed: 3}).state(dir); err != nil || s.Seed != 3 || s.Quiet {
			t.Errorf("after --fresh: %+v, %v", s, err)
		}
	}
}

func TestADemosNightPassesFasterAndAQuietOneHasNoStories(t *testing.T) {
	day := time.Date(2026, 11, 10, 0, 0, 0, 0, time.UTC)
	d := &demo{demoState: &demoState{Seed: 1, Day: day}, plan: simulate.NewDemo(1, day), speed: 60}
	at := func(hour int) time.Time { return day.Add(time.Duration(hour) * time.Hour) }
	if got := d.takes(at(12), at(13)); got != time.Minute {
		t.Errorf("an hour of the day takes %v", got)
	}
	if got := d.takes(at(2), at(3)); got != 3*time.Second {
		t.Errorf("an hour of the night takes %v", got)
	}
	quiet := (&demoState{Seed: 1, Day: day, Quiet: true}).plan()
	if quiet.Story || len(quiet.Falls) > 0 || quiet.Script != nil || quiet.Live.Before(quiet.Start) || !quiet.Open(quiet.Live) {
		t.Errorf("a quiet demo is %+v", quiet.Config)
	}
}

func TestTimesAreDaysInstantsOrSoLongBeforeTheEndOfTheEvents(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	end := time.Date(2026, 3, 31, 10, 17, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"2026-03-02":           time.Date(2026, 3, 1, 23, 0, 0, 0, time.UTC),
		"2026-03-02T08:00:00Z": time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC),
		"7d":                   time.Date(2026, 3, 24, 10, 0, 0, 0, time.UTC),
		"36h":                  time.Date(2026, 3, 29, 22, 0, 0, 0, time.UTC),
		"2w":                   time.Date(2026, 3, 17, 10, 0, 0, 0, time.UTC),
	} {
		if got, err := instantOf("--from", text, berlin, end); err != nil || !got.Equal(want) {
			t.Errorf("%s is %v, want %v (%v)", text, got, want, err)
		}
	}
	for _, text := range []string{"", "d", "7", "7m", "-7d", "yesterday"} {
		if got, err := instantOf("--from", text, berlin, end); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
	if _, err := instantOf("--from", "7d", berlin, time.Time{}); err == nil {
		t.Error("a time before the end of no events is known")
	}
}
