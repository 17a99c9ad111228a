package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"csatflow/pipeline"
)

// noted records inserts.
type noted struct {
	mu   sync.Mutex
	list []string
	err  error
	wait bool // until the context ends
}

func (n *noted) insert(ctx context.Context, rows []pipeline.Rows) error {
	if n.wait {
		<-ctx.Done()
		return ctx.Err()
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, r := range rows {
		ids := slices.Clone(r.Columns[0].Values.([]int64))
		slices.Sort(ids)
		n.list = append(n.list, fmt.Sprint(r.Table, ids, len(r.Columns[1].Values.([]string))))
	}
	slices.Sort(n.list)
	return n.err
}

func some(table string, ids ...int64) pipeline.Rows {
	return pipeline.Rows{Table: table, Columns: []pipeline.Column{{Name: "id", Values: ids}, {Name: "name", Values: make([]string, len(ids))}}}
}

// writes lets several write, each after so many ms.
func writes(c *Combined, ctx context.Context, after []int, rows [][]pipeline.Rows) []error {
	errs := make([]error, len(rows))
	var wg sync.WaitGroup
	for i := range rows {
		wg.Go(func() {
			time.Sleep(time.Duration(after[i]) * time.Millisecond)
			errs[i] = c.Write(ctx, rows[i])
		})
	}
	wg.Wait()
	return errs
}

func TestWritesAtAboutTheSameTimeAreOneInsertATable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &noted{}
		c := &Combined{linger: 10 * time.Millisecond, insert: n.insert}
		errs := writes(c, t.Context(), []int{0, 9, 11}, [][]pipeline.Rows{{some("a", 1, 2), some("b", 3)}, {some("a", 4)}, {some("a", 5)}})
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		if want := []string{"a[1 2 4] 3", "a[5] 1", "b[3] 1"}; !slices.Equal(n.list, want) {
			t.Errorf("%v, want %v", n.list, want)
		}
	})
}

func TestAnInsertThatFailsFailsForAllItHad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &noted{err: errors.New("broken")}
		c := &Combined{linger: 10 * time.Millisecond, insert: n.insert}
		for i, err := range writes(c, t.Context(), []int{0, 5}, [][]pipeline.Rows{{some("a", 1)}, {some("b", 2)}}) {
			if !errors.Is(err, n.err) {
				t.Errorf("write %d: %v", i, err)
			}
		}
		n.err = nil
		if err := c.Write(t.Context(), []pipeline.Rows{some("a", 1)}); err != nil {
			t.Errorf("again: %v", err)
		}
	})
}

// TestOneWhoLeavesDoesNotEndTheInsertOfOthers: an insert is cancelled only when nobody waits for it.
func TestOneWhoLeavesDoesNotEndTheInsertOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &noted{wait: true}
		c := &Combined{linger: time.Millisecond, insert: n.insert}
		left := make(chan error, 2)
		for _, stays := range []time.Duration{time.Second, time.Minute} {
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), stays)
				defer cancel()
				left <- c.Write(ctx, []pipeline.Rows{some("a", 1)})
			}()
		}
		synctest.Wait()
		c.mu.Lock()
		r := c.round
		c.mu.Unlock()
		time.Sleep(2 * time.Second)
		if err := <-left; !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		select {
		case <-r.done:
			t.Error("the insert ended with the first")
		default:
		}
		<-left
		<-r.done
	})
}

func TestRowsOfOneTableThatDifferInTheirColumnsAreRefused(t *testing.T) {
	other := some("a", 2)
	other.Columns[1].Name = "title"
	_, err := concat([]pipeline.Rows{some("a", 1), other})
	if err == nil || !strings.Contains(err.Error(), "column name") {
		t.Errorf("got %v", err)
	}
}

func TestAPositionGoesInAfterEveryOtherRowOfItsFlushIsAcknowledged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		stored := map[string]int{} // by table and owner
		c := &Combined{linger: 20 * time.Millisecond, insert: func(_ context.Context, rows []pipeline.Rows) error {
			ids := rows[0].Columns[0].Values.([]int64)
			mu.Lock()
			for _, id := range ids {
				if rows[0].Table == "positions" && (stored[fmt.Sprint("panes", id)] == 0 || stored[fmt.Sprint("histories", id)] == 0) {
					t.Errorf("the position of %d goes in before its rows are stored: %v", id, stored)
				}
			}
			mu.Unlock()
			time.Sleep(map[string]time.Duration{"panes": 70 * time.Millisecond, "histories": 40 * time.Millisecond, "positions": time.Millisecond}[rows[0].Table])
			mu.Lock()
			defer mu.Unlock()
			for _, id := range ids {
				stored[fmt.Sprint(rows[0].Table, id)]++
			}
			return nil
		}}
		var wg sync.WaitGroup
		for owner := range int64(8) {
			wg.Go(func() { // so that writers meet at different stages
				time.Sleep(time.Duration(owner*17) * time.Millisecond)
				for _, table := range []string{"panes", "histories", "positions"} {
					if err := c.Write(t.Context(), []pipeline.Rows{some(table, owner)}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if len(stored) != 24 {
			t.Errorf("stored %v", stored)
		}
	})
}
