package simulate

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestKnobsAreReadOverTheRealisticOnes(t *testing.T) {
	r, err := ReadReal(strings.NewReader("day_mood_sd: .3\nclosed_weekdays: []\nleave_moved: 0.5\nweek_grades: [0, 0, 0, 0, 0, -.5, 0]\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := RealLife()
	want.DayMoodSD, want.ClosedWeekdays, want.Moved, want.WeekGrades = .3, []string{}, .5, [7]float64{5: -.5}
	if !reflect.DeepEqual(r, want) {
		t.Errorf("read %+v", r)
	}
	if r, err := ReadReal(strings.NewReader("")); err != nil || !reflect.DeepEqual(r, RealLife()) {
		t.Errorf("an empty file: %v, %v", r, err)
	}
	for text, says := range map[string]string{"day_mood: .3": `unknown field "day_mood"; their names are`, "day_mood_sd: 3": "day_mood_sd must be 0 to 1, is 3", "[": "reading the knobs"} {
		if _, err := ReadReal(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestTheTruthInTheFileIsThatOfTheFeedAndHoldsTogether(t *testing.T) {
	c := weeks(3, 4, 20_000, RealLife())
	dir := t.TempDir()
	made, err := WriteFiles(dir, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	var read Truth
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(read.Real, made.Real) || len(read.Left) != len(made.Left) {
		t.Error("the file tells another truth")
	}
	berlin, err := time.LoadLocation(read.Real.Knobs.Zone)
	if err != nil {
		t.Fatal(err)
	}
	first, err := time.ParseInLocation(time.DateOnly, read.Real.FirstDay, berlin)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range read.Real.Stores {
		for h, m := range s.Mood {
			at := read.Real.Begin.Add(time.Duration(h) * time.Hour)
			day := int(at.In(berlin).Sub(first).Hours() / 24) // no change of clocks in these weeks
			if sum := read.Real.Calendar[h] + s.DayMood[day] + s.HourMood[h] + s.ShiftMood[h]; sum-m > 3 || m-sum > 3 {
				t.Fatalf("hour %d from %v of %s: %d, its parts are %d", h, at, s.StoreID, m, sum)
			}
		}
	}
	var series Series
	if err := series.UnmarshalText([]byte("1 x")); err == nil {
		t.Error("a letter is a number")
	}
}
