package watch_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"csatflow/pipeline/dimension"
	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
	"csatflow/sinks/alert/backtest"
	"csatflow/sinks/alert/watch"
)

func TestAfterALoadTheAlertsAreThoseOfABacktest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rules, source, from, to := only(ruleset.SatisfactionDrop), fallen(1), monday.Add(-36*time.Hour), monday.Add(20*time.Hour)
		want, err := backtest.Run(t.Context(), rules.OfThePast(), dimension.Usual(), nil, &watch.Ahead{Source: source}, nil, from, to, nil)
		if err != nil || len(want) != 1 || want[0].Resolved.IsZero() {
			t.Fatalf("%+v, %v", want, err)
		}
		s := serve(source, rules, from, newBook())
		s.runs(t, func() {
			s.history.come(0, to.Add(time.Minute))
			passes(time.Minute)
		})
		if diff := cmp.Diff(want, s.book.list(), stood); diff != "" {
			t.Errorf("backtest (-), run (+):\n%s", diff)
		}
		if want := (alert.Coverage{From: from, Until: to}); !cmp.Equal(s.book.noted, want) {
			t.Errorf("noted %v, want %v", s.book.noted, want)
		}
		if len(s.ear.heard)+len(s.ear.fires) > 0 {
			t.Errorf("channels are told of what is over: %q", s.ear.states())
		}
		for _, line := range []string{"alerts are looked for in the time", "alerts have been looked for", "events come in at once"} {
			if n := strings.Count(s.log.String(), line); n != 1 {
				t.Errorf("%d times %q:\n%s", n, line, s.log)
			}
		}
		// The next start tells nobody either.
		again := serve(source, rules, from, s.book)
		again.runs(t, func() {
			again.history.come(0, to.Add(time.Minute))
			passes(time.Minute)
		})
		if len(again.ear.heard)+len(again.ear.fires) > 0 {
			t.Errorf("the next start tells %q", again.ear.states())
		}
	})
}

func TestLookingBackFindsWhatABacktestFindsWithoutWaitingAndTheNextRunGoesOnFromThere(t *testing.T) {
	rules, source, from, to := only(ruleset.SatisfactionDrop), fallen(1), monday.Add(-36*time.Hour), monday.Add(20*time.Hour)
	want, err := backtest.Run(t.Context(), rules.OfThePast(), dimension.Usual(), nil, &watch.Ahead{Source: source}, nil, from, to, nil)
	if err != nil || len(want) != 1 {
		t.Fatalf("%+v, %v", want, err)
	}
	s := serve(source, rules, from, newBook())
	s.history.come(0, to.Add(time.Minute))
	last := 0.
	if err := s.LookBack(t.Context(), func(share float64) {
		if share < last || share > 1 {
			t.Errorf("%v is done after %v", share, last)
		}
		last = share
	}); err != nil || last != 1 {
		t.Fatalf("%v is done, %v", last, err)
	}
	if diff := cmp.Diff(want, s.book.list(), stood); diff != "" {
		t.Errorf("backtest (-), looking back (+):\n%s", diff)
	}
	if want := (alert.Coverage{From: from, Until: to}); !cmp.Equal(s.book.noted, want) {
		t.Errorf("noted %v, want %v", s.book.noted, want)
	}
	again := serve(source, rules, from, s.book)
	again.history.come(0, to.Add(time.Minute))
	if err := again.LookBack(t.Context(), nil); err != nil || len(again.book.list()) != len(want) {
		t.Errorf("a second look back: %v, %d alerts", err, len(again.book.list()))
	}
}

func TestChannelsHearOfWhatStillFiresAndOfTheEndOfWhatTheyWereTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rules, source, first := only(ruleset.SatisfactionDrop), fallen(1), monday.AddDate(0, 0, -28)
		s := serve(source, rules, monday.AddDate(0, 0, -1), newBook())
		s.runs(t, func() {
			s.history.come(0, monday.Add(11*time.Hour+30*time.Minute)) // in the middle of the fall
			passes(time.Minute)
		})
		if diff := cmp.Diff([]string{"satisfaction_drop store b firing"}, s.ear.states()); diff != "" || len(s.ear.fires) != 1 {
			t.Fatalf("%s%+v", diff, s.ear.fires)
		}
		// It is down for half a day, in which the fall ends.
		next := serve(source, rules, first, s.book)
		next.runs(t, func() {
			next.history.come(0, monday.Add(23*time.Hour))
			passes(time.Minute)
		})
		if diff := cmp.Diff([]string{"satisfaction_drop store b resolved"}, next.ear.states()); diff != "" || len(next.ear.fires) != 0 {
			t.Errorf("%s%+v", diff, next.ear.fires)
		}
	})
}

func TestWhatIsLookedAtAfterwardsIsBoundedByTheKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := monday.Add(20 * time.Hour)
		s := serve(fallen(1), only(ruleset.SatisfactionDrop), monday.AddDate(0, 0, -28), newBook())
		s.CatchUp = 3 * time.Hour // the fall was found earlier
		s.runs(t, func() {
			s.history.come(0, to.Add(time.Minute))
			passes(time.Minute)
		})
		want := alert.Coverage{From: to.Add(-3 * time.Hour), Until: to}
		if !cmp.Equal(s.book.noted, want) {
			t.Errorf("noted %v, want %v", s.book.noted, want)
		}
		for _, a := range s.book.list() {
			if a.Fired.Before(want.From) {
				t.Errorf("found at %s, before the bound: %s", a.Fired, a.Summary())
			}
		}
	})
}

func TestARestartInTheMiddleOfCatchingUpGoesOnWhereItWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rules, source, from, to := only(ruleset.SatisfactionDrop), fallen(1), monday.Add(-60*time.Hour), monday.Add(20*time.Hour)
		want, err := backtest.Run(t.Context(), rules.OfThePast(), dimension.Usual(), nil, &watch.Ahead{Source: source}, nil, from, to, nil)
		if err != nil {
			t.Fatal(err)
		}
		for cut := range 4 {
			b := newBook()
			b.limit = cut // pieces are noted, then writes fail
			if cut == 0 {
				b.limit = -1
			}
			s := serve(source, rules, from, b)
			s.history.come(0, to.Add(time.Minute)) // before its first look: one that comes after it is waited for two seconds longer
			s.runs(t, func() { passes(17 * time.Second) })
			b.limit = 0
			noted := b.noted.Until
			if cut > 0 && (!noted.After(from) || noted.After(to)) {
				t.Fatalf("noted %v", noted)
			}
			before := len(b.touched)
			next := serve(source, rules, from, b)
			next.runs(t, func() {
				next.history.come(0, to.Add(time.Minute))
				passes(time.Minute)
			})
			for _, a := range b.touched[before:] {
				if a.Seen.Before(noted) {
					t.Errorf("looked at %s again, though %s was noted", a.Seen, noted)
				}
			}
			if diff := cmp.Diff(want, b.list(), stood); diff != "" {
				t.Errorf("cut after %d pieces: backtest (-), run (+):\n%s", cut, diff)
			}
			if len(next.ear.heard) > 0 {
				t.Errorf("cut after %d pieces: told %q", cut, next.ear.states())
			}
		}
	})
}

func TestALoadIsWaitedForAndNotForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := monday.AddDate(0, 0, -28)
		s := serve(fallen(1), only(ruleset.SatisfactionDrop), first, newBook())
		s.runs(t, func() {
			// One partition is at the end at once, the other follows.
			s.history.come(0, monday.Add(20*time.Hour))
			for h := range 60 {
				s.history.come(1, monday.AddDate(0, 0, -20).Add(time.Duration(8*h)*time.Hour))
				passes(2 * time.Second)
			}
			if noted, times := s.book.looked(); times > 0 {
				t.Errorf("looked until %v while events came in", noted)
			}
			passes(time.Minute)
			if want := monday.Add(19*time.Hour + 55*time.Minute); !until(s).Equal(want) {
				t.Errorf("looked until %v, want %s", until(s), want)
			}
			// Two partitions that never stop.
			for h := range 1000 {
				s.history.come(2, first.Add(time.Duration(2*h)*time.Hour))
				s.history.come(0, monday.Add(time.Duration(24+2*h)*time.Hour))
				passes(2 * time.Second)
			}
			if d := until(s).Sub(monday); d < 1500*time.Hour {
				t.Errorf("it waits for ever: looked until %v", until(s))
			}
		})
		if n := strings.Count(s.log.String(), "events come in at once"); n > 3 {
			t.Errorf("told %d times:\n%s", n, s.log)
		}
	})
}

func TestAShortPauseSkipsNoStep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rules, source, from := only(ruleset.SatisfactionDrop), fallen(1), monday.Add(9*time.Hour)
		to := monday.Add(20 * time.Hour)
		want, err := backtest.Run(t.Context(), rules.OfThePast(), dimension.Usual(), nil, &watch.Ahead{Source: source}, nil, from, to, nil)
		if err != nil || len(want) != 1 {
			t.Fatalf("%+v, %v", want, err)
		}
		b := newBook()
		b.noted = alert.Coverage{From: from, Until: from}
		var heard []string
		for at := from; at.Before(to); {
			at = at.Add(110 * time.Minute)
			s := serve(source, rules, from, b)
			s.runs(t, func() {
				s.history.come(0, at.Add(time.Minute))
				passes(10 * time.Second)
			})
			for _, state := range s.ear.states() {
				if !slices.Contains(heard, state) {
					heard = append(heard, state)
				}
			}
		}
		// Figures are stored once an hour: the next runner has those of the last hour.
		if diff := cmp.Diff(want, b.list(), stood, cmpopts.IgnoreTypes(alert.Figures{})); diff != "" {
			t.Errorf("backtest (-), runs of 110 minutes (+):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"satisfaction_drop store b firing", "satisfaction_drop store b resolved"}, heard); diff != "" {
			t.Error(diff)
		}
	})
}

func TestASilentNightIsHeardAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// synctest's clock begins at midnight of 2000-01-01, a Saturday: the chain has responses until then, around the clock.
		now := time.Now().UTC().Truncate(time.Hour)
		w := newKnowledge()
		for at := now.AddDate(0, 0, -28); at.Before(now); at = at.Add(5 * time.Minute) {
			w.responses[store("a")] = append(w.responses[store("a")], response{at: at, grade: 5})
		}
		rules, b := only(ruleset.SilentFeed), newBook()
		s := serve(w, rules, now.AddDate(0, 0, -28), b)
		b.noted = alert.Coverage{From: now.AddDate(0, 0, -28), Until: now.Add(-alert.Step)}
		s.runs(t, func() {
			s.history.come(0, now)
			passes(10 * time.Minute)
		})
		// It is down while no events arrive, and no event tells it the time.
		time.Sleep(20 * time.Minute)
		next := serve(w, rules, now.AddDate(0, 0, -28), b)
		next.runs(t, func() {
			next.history.come(0, now)
			passes(2 * time.Hour)
		})
		if diff := cmp.Diff([]string{"silent_feed store a firing"}, next.ear.states()); diff != "" {
			t.Errorf("%s looked until %v: %+v %s", diff, b.noted, next.ear.heard, next.log)
		}
	})
}
