package pipeline_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"csatflow/pipeline"
	"csatflow/pipeline/worker"
)

// spoilt returns n answers; those that bad picks are not JSON.
func spoilt(n int, bad func(i int) bool) []message {
	list := answers(n)
	for i := range list {
		if bad(i) {
			list[i].value = "not JSON"
		}
	}
	return list
}

func TestAFeedWithMoreBadMessagesThanTheCeilingStopsTheRun(t *testing.T) {
	ceiling := pipeline.Ceiling{Window: 20, Share: 0.5}
	for _, c := range []struct {
		what    string
		ceiling pipeline.Ceiling
		bad     func(i int) bool
		stops   int // offset of the message that is too much, -1 for none
	}{
		{"all good", ceiling, func(int) bool { return false }, -1},
		{"a tenth", ceiling, func(i int) bool { return i%10 == 0 }, -1},
		{"half", ceiling, func(i int) bool { return i%2 == 0 }, -1},
		{"all", ceiling, func(int) bool { return true }, 10},
		{"all from the third window on", ceiling, func(i int) bool { return i >= 40 }, 50},
		{"ten at the end of a window and ten at the start of the next", ceiling, func(i int) bool { return i >= 10 && i < 30 }, -1},
		{"all, and no ceiling", pipeline.Ceiling{}, func(int) bool { return true }, -1},
		{"none may be", pipeline.Ceiling{Window: 1, Share: 0}, func(i int) bool { return i == 7 }, 7},
	} {
		t.Run(c.what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newHarness(batchesOf(logs(spoilt(100, c.bad)), 1), true)
				r.worker.Settings.Ceiling, r.worker.FlushRows = c.ceiling, 1
				err := <-r.start(t.Context())
				if c.stops < 0 {
					if !errors.Is(err, worker.ErrEnds) {
						t.Error(err)
					}
					return
				}
				var final *pipeline.FinalError
				if !errors.As(err, &final) {
					t.Fatalf("%v is not final", err)
				}
				for _, w := range []string{"responses, partition 0", fmt.Sprintf("offset %d", c.stops), "above the ceiling", "dead_letters.max_share"} {
					if !strings.Contains(err.Error(), w) {
						t.Errorf("%q does not say %q", err, w)
					}
				}
				for _, d := range r.dead.sent {
					if d.Offset >= int64(c.stops) {
						t.Errorf("offset %d was diverted", d.Offset)
					}
				}
			})
		})
	}
}
