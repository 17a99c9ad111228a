package intake_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"csatflow/pipeline/intake"
)

func TestTimesThatCannotBeAreRefusedWithTheSettingThatBoundsThem(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	real := &intake.Clock{Now: func() time.Time { return now }, Ahead: time.Hour, Behind: 3650 * 24 * time.Hour}
	for _, c := range []struct {
		clock *intake.Clock
		at    time.Time
		want  string // "": taken
	}{
		{real, now, ""},
		{real, now.Add(time.Hour), ""},
		{real, now.Add(time.Hour + time.Millisecond), "intake.ahead"},
		{real, time.UnixMilli(1796027373), "intake.behind"}, // seconds for milliseconds
		{real, now.AddDate(-9, 0, 0), ""},
		{&intake.Clock{Now: real.Now, Ahead: time.Hour}, time.UnixMilli(0), ""},
		{&intake.Clock{Now: real.Now, Ahead: time.Hour, Simulated: true}, now.Add(time.Second), "not that of the clock"},
		{nil, now.AddDate(50, 0, 0), ""},
	} {
		err := c.clock.Takes(&intake.Event{At: c.at.UnixMilli()})
		var r *intake.Refusal
		if (err == nil) != (c.want == "") || err != nil && (!errors.As(err, &r) || r.Field != "occurred_at" || !strings.Contains(r.Reason, c.want)) {
			t.Errorf("%s with %+v: %v, want %q", c.at, c.clock, err, c.want)
		}
	}
}
