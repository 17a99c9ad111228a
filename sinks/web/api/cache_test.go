package api

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestAnAnswerIsKeptAsLongAsNoEventIsApplied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache[*Answer](mostKept)
		asked := 0
		takes := 10 * time.Millisecond
		ask := func(context.Context) (*Answer, error) {
			asked++
			time.Sleep(takes)
			return &Answer{Question: "q", AsOf: time.Now()}, nil
		}
		get := func(events uint64) bool {
			t.Helper()
			_, again, err := c.get(t.Context(), "q", version{events: events}, false, ask)
			if err != nil {
				t.Fatal(err)
			}
			return again > 0
		}
		expect := func(what string, want int, stale, is bool) {
			t.Helper()
			if asked != want || is != stale {
				t.Errorf("%s: asked %d times, want %d; stale %v", what, asked, want, is)
			}
		}
		expect("at first", 1, false, get(7))
		expect("again", 1, false, get(7))
		expect("after an event", 2, false, get(8))
		time.Sleep(freshAtMost - 11*time.Millisecond)
		expect("for a while", 2, false, get(8))
		time.Sleep(12 * time.Millisecond)
		expect("not for ever, whatever the version does not tell", 3, false, get(8))

		takes = time.Second
		expect("what takes long is waited for where there is nothing", 4, false, get(9))
		takes = 2 * time.Second
		expect("and given once more while it is too early to ask", 4, true, get(10))
		time.Sleep(4 * time.Second)
		stale := get(10)
		synctest.Wait() // the question is on its way
		expect("or while it is asked again", 5, true, stale)
		time.Sleep(takes + time.Millisecond)
		synctest.Wait()
		expect("and then it is fresh", 5, false, get(10))
		time.Sleep(shownAtMost)
		expect("what is old is not shown as if it were the present", 6, false, get(11))
	})
}

func TestManyAskAtOnceAndOneIsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache[*Answer](mostKept)
		asked := 0
		done := make(chan error)
		for range 20 {
			go func() {
				_, _, err := c.get(t.Context(), "q", version{events: 1}, false, func(context.Context) (*Answer, error) {
					asked++
					time.Sleep(time.Second)
					return nil, errors.New("away")
				})
				done <- err
			}()
		}
		for range 20 {
			if err := <-done; err == nil || err.Error() != "away" {
				t.Errorf("got %v", err)
			}
		}
		if asked != 1 || len(c.kept) != 0 {
			t.Errorf("asked %d times, %d kept", asked, len(c.kept))
		}
	})
}

func TestTheCacheHasAnEnd(t *testing.T) {
	c := newCache[*Answer](mostKept)
	for i := range 3 * mostKept {
		key := string(rune(0x4e00 + i))
		if _, _, err := c.get(t.Context(), key, version{events: 1}, false, func(context.Context) (*Answer, error) { return &Answer{Question: key}, nil }); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.kept) != mostKept {
		t.Errorf("%d answers are kept", len(c.kept))
	}
}
