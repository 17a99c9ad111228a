package deliver

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"csatflow/sinks/alert"
)

// receiver answers as told, and remembers what it was sent and what it took.
type receiver struct {
	mu     sync.Mutex
	answer func(a *alert.Alert, try int) error
	tries  map[string]int
	took   []string
}

func (r *receiver) post(_ context.Context, a *alert.Alert) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tries == nil {
		r.tries = map[string]int{}
	}
	name := a.ID + " " + a.State()
	r.tries[name]++
	if r.answer != nil {
		if err := r.answer(a, r.tries[name]); err != nil {
			return err
		}
	}
	r.took = append(r.took, name)
	return nil
}

// notes keeps deliveries in memory; it outlives an outbox.
type notes struct {
	mu   sync.Mutex
	keys map[string]bool
}

func (n *notes) Delivered(_ context.Context, channel, key string) (bool, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.keys[channel+key], nil
}

func (n *notes) Note(_ context.Context, channel, key string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.keys == nil {
		n.keys = map[string]bool{}
	}
	n.keys[channel+key] = true
	return nil
}

func outbox(r *receiver, n Deliveries, told map[string]int) *Outbox {
	var mu sync.Mutex
	return (&Outbox{Name: "webhook", Post: r.post, Deliveries: n, Log: slog.New(slog.DiscardHandler), Told: func(_, outcome string) {
		mu.Lock()
		defer mu.Unlock()
		told[outcome]++
	}}).Open()
}

// running runs an outbox for a time, then stops it.
func running(t *testing.T, o *Outbox, lasts time.Duration, do func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { o.Run(ctx); close(done) }()
	do()
	time.Sleep(lasts)
	synctest.Wait()
	cancel()
	<-done
}

func change(t *testing.T, o *Outbox, alerts ...alert.Alert) {
	t.Helper()
	if err := o.Tell(t.Context(), alerts, nil); err != nil {
		t.Error(err)
	}
}

func TestEachChangeIsDeliveredOnceInOrderAndNotAgainAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, n, told := &receiver{}, &notes{}, map[string]int{}
		a, b := fall("a"), fall("b")
		o := outbox(r, n, told)
		running(t, o, time.Second, func() {
			change(t, o, a, b)
			newer := a
			newer.Cases = 99 // new figures, same state
			change(t, o, newer)
			change(t, o, over(a))
		})
		// An outbox that was away at the start is told only of the end.
		again := outbox(r, n, told)
		running(t, again, time.Second, func() { change(t, again, over(a), b, over(b)) })
		for _, one := range []string{"a", "b"} {
			of := slices.DeleteFunc(slices.Clone(r.took), func(s string) bool { return !strings.HasPrefix(s, one) })
			if want := []string{one + " firing", one + " resolved"}; !slices.Equal(of, want) {
				t.Errorf("took %q, want of %s %q", r.took, one, want)
			}
		}
		if told[Delivered] != 4 || told[Refused]+told[Retried] > 0 {
			t.Errorf("%v", told)
		}
	})
}

func TestWhatIsNotTakenIsTriedAgainLongerAndLongerAndWhatFollowsWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		start := time.Now()
		r := &receiver{answer: func(a *alert.Alert, try int) error {
			if a.ID == "a" && a.Resolved.IsZero() {
				at = append(at, time.Since(start))
				if try < 8 {
					return &statusError{status: http.StatusBadGateway}
				}
			}
			return nil
		}}
		told := map[string]int{}
		o := outbox(r, &notes{}, told)
		running(t, o, 10*time.Minute, func() { change(t, o, fall("a"), over(fall("a"))) })
		if !slices.Equal(r.took, []string{"a firing", "a resolved"}) || told[Retried] != 7 {
			t.Errorf("took %q, %v", r.took, told)
		}
		for i, wait := 1, time.Second; i < len(at); i, wait = i+1, min(2*wait, lastWait) {
			if d := at[i] - at[i-1]; d < wait/2 || d > wait*3/2 {
				t.Errorf("try %d after %s, want %s and half more or less", i+1, d, wait)
			}
		}
	})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, waited := time.Now(), time.Duration(0)
		r := &receiver{answer: func(_ *alert.Alert, try int) error {
			if try == 1 {
				return &statusError{status: http.StatusTooManyRequests, wait: time.Minute}
			}
			waited = time.Since(start)
			return nil
		}}
		o := outbox(r, &notes{}, map[string]int{})
		running(t, o, 2*time.Minute, func() { change(t, o, fall("a")) })
		if waited != time.Minute {
			t.Errorf("tried again after %s", waited)
		}
	})
}

func TestWhatIsRefusedForGoodIsPassedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := map[string]int{}
		r := &receiver{answer: func(a *alert.Alert, _ int) error {
			if a.ID == "a" {
				return &statusError{status: http.StatusUnprocessableEntity}
			}
			return nil
		}}
		o := outbox(r, &notes{}, told)
		running(t, o, time.Minute, func() { change(t, o, fall("a"), fall("b")) })
		if !slices.Equal(r.took, []string{"b firing"}) || told[Refused] != 1 || r.tries["a firing"] != 1 {
			t.Errorf("took %q, tries %v, %v", r.took, r.tries, told)
		}
	})
}

func TestAReceiverThatIsAwayForLongIsGivenUpByMessageAndTooManyAreToldOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := map[string]int{}
		away := true
		r := &receiver{answer: func(*alert.Alert, int) error {
			if away {
				return &statusError{status: http.StatusServiceUnavailable}
			}
			return nil
		}}
		n := &notes{}
		o := outbox(r, n, told)
		running(t, o, 30*time.Hour, func() { change(t, o, fall("a"), fall("b")) })
		if told[GivenUp] != 2 || len(n.keys) != 4 {
			t.Errorf("%v, %v", told, n.keys)
		}
		clear(told)
		many := make([]alert.Alert, most+1)
		for i := range many {
			many[i] = fall(fmt.Sprint("s", i))
		}
		if err := o.Tell(t.Context(), many, nil); err == nil || !strings.Contains(err.Error(), "table alerts") {
			t.Errorf("%v", err)
		}
		away = false
		running(t, o, time.Minute, func() {})
		if len(r.took) != most {
			t.Errorf("%d taken", len(r.took))
		}
	})
}

func TestAMessageThatAlwaysFailsIsParkedAndHoldsUpNoOther(t *testing.T) {
	for name, failure := range map[string]error{"it answers 500": &statusError{status: http.StatusInternalServerError}, "it answers 502": &statusError{status: http.StatusBadGateway}, "it hangs": context.DeadlineExceeded} {
		synctest.Test(t, func(t *testing.T) {
			r := &receiver{}
			bad := func(a *alert.Alert) bool { return a.ID == "s0" && a.Resolved.IsZero() }
			r.answer = func(a *alert.Alert, _ int) error {
				if bad(a) {
					return failure
				}
				return nil
			}
			post := func(ctx context.Context, a *alert.Alert) error {
				if bad(a) && errors.Is(failure, context.DeadlineExceeded) {
					time.Sleep(timeout)
				}
				return r.post(ctx, a)
			}
			n, told := &notes{}, map[string]int{}
			o := outbox(r, n, told)
			o.Post = post
			var all []alert.Alert
			for i := range 10 {
				all = append(all, fall(fmt.Sprint("s", i)))
			}
			running(t, o, time.Minute, func() {
				change(t, o, all...)
				change(t, o, over(all[0]), over(all[1]))
			})
			if len(r.took) != 10 || slices.Contains(r.took, "s0 resolved") || !slices.Contains(r.took, "s1 resolved") {
				t.Errorf("%s: within a minute these were taken: %q", name, r.took)
			}
			running(t, o, 30*time.Hour, func() {})
			first := all[0]
			if told[GivenUp] != 1 || !n.keys["webhook parked"+idempotencyKey(&first)] || !slices.Contains(r.took, "s0 resolved") || told[Delivered] != 11 {
				t.Errorf("%s: in the end %v, taken %q, noted %v", name, told, r.took, n.keys)
			}
			if tries := r.tries["s0 firing"]; strings.Contains(name, "500") && tries != mostTries || tries > 400 {
				t.Errorf("%s: it was tried %d times", name, tries)
			}
			again := outbox(r, n, told)
			tries := r.tries["s0 firing"]
			running(t, again, time.Hour, func() { change(t, again, all...) })
			if r.tries["s0 firing"] != tries {
				t.Errorf("%s: after a restart it is tried again", name)
			}
		})
	}
}
