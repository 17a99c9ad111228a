package watch_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"csatflow/sinks/alert"
	"csatflow/sinks/alert/watch"
)

// counted counts the queries to a source.
type counted struct {
	*knowledge
	complaints, purchases, invitations, promises, risks int
}

func (c *counted) Complaints(ctx context.Context, from, to time.Time, kinds []string) ([]watch.ComplaintCell, error) {
	c.complaints++
	return c.knowledge.Complaints(ctx, from, to, kinds)
}

func (c *counted) Promises(ctx context.Context, from, to time.Time, kinds []string) ([]watch.PromiseCell, error) {
	c.promises++
	return c.knowledge.Promises(ctx, from, to, kinds)
}

func (c *counted) Purchases(ctx context.Context, from, to time.Time, kinds []string) ([]watch.HourCell, error) {
	c.purchases++
	return c.knowledge.Purchases(ctx, from, to, kinds)
}

func (c *counted) Asked(ctx context.Context, from, to time.Time, kinds []string) ([]watch.HourCell, error) {
	c.invitations++
	return c.knowledge.Asked(ctx, from, to, kinds)
}

func (c *counted) Risk(ctx context.Context, at time.Time, kinds []string) ([]watch.RiskCell, error) {
	c.risks++
	return c.knowledge.Risk(ctx, at, kinds)
}

func TestComplaintsPurchasesAndRisksReadAheadAreThoseOfTheSource(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 1))
	w := newKnowledge()
	for at := monday.AddDate(0, 0, -13); at.Before(monday.AddDate(0, 0, 3)); at = at.Add(time.Duration(rnd.ExpFloat64() * float64(time.Hour))) {
		w.complaints = append(w.complaints, complaint{Scope: store(string(rune('a' + rnd.IntN(3)))), category: "price", opened: at, resolved: at.Add(time.Duration(rnd.IntN(50)) * time.Hour), promise: 24 * time.Hour})
		if w.purchases == nil {
			w.purchases = map[watch.Scope][]time.Time{}
		}
		w.purchases[store("a")] = append(w.purchases[store("a")], at)
		if w.invited == nil {
			w.invited = map[watch.Scope][]time.Time{}
		}
		w.invited[store("b")] = append(w.invited[store("b")], at.Add(time.Minute))
		w.risks = append(w.risks, risk{at, watch.RiskCell{Scope: watch.Scope{Kind: "all"}, Customers: rnd.IntN(100)}})
	}
	c := &counted{knowledge: w}
	a := &watch.Ahead{Source: c}
	unordered := cmp.Options{cmpopts.EquateEmpty(), cmpopts.SortSlices(func(a, b watch.ComplaintCell) bool {
		return a.ID+a.Start.String() < b.ID+b.Start.String()
	}), cmpopts.SortSlices(func(a, b watch.PromiseCell) bool { return a.ID < b.ID })}
	looks := 0
	for now := monday.Add(-7*24*time.Hour + alert.Step); now.Before(monday.Add(30 * time.Hour)); looks++ {
		got, err := a.Complaints(t.Context(), now.AddDate(0, 0, -5).Truncate(time.Hour), now, nil)
		if err != nil {
			t.Fatal(err)
		}
		want, _ := w.Complaints(t.Context(), now.AddDate(0, 0, -5).Truncate(time.Hour), now, nil)
		if diff := cmp.Diff(want, got, unordered); diff != "" {
			t.Fatalf("complaints as of %s:\n%s", now, diff)
		}
		sold, err := a.Purchases(t.Context(), now.AddDate(0, 0, -5).Truncate(time.Hour), now, nil)
		if err != nil {
			t.Fatal(err)
		}
		bought, _ := w.Purchases(t.Context(), now.AddDate(0, 0, -5).Truncate(time.Hour), now, nil)
		if diff := cmp.Diff(bought, sold, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("purchases as of %s:\n%s", now, diff)
		}
		invited, err := a.Asked(t.Context(), now.AddDate(0, 0, -5).Truncate(time.Hour), now, nil)
		if err != nil {
			t.Fatal(err)
		}
		asked, _ := w.Asked(t.Context(), now.AddDate(0, 0, -5).Truncate(time.Hour), now, nil)
		if diff := cmp.Diff(asked, invited, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("invitations as of %s:\n%s", now, diff)
		}
		for range 2 { // two rules
			got, err := a.Promises(t.Context(), now.AddDate(0, 0, -1), now, nil)
			if err != nil {
				t.Fatal(err)
			}
			want, _ := w.Promises(t.Context(), now.AddDate(0, 0, -1), now, nil)
			if diff := cmp.Diff(want, got, unordered); diff != "" {
				t.Fatalf("promises as of %s:\n%s", now, diff)
			}
			risks, err := a.Risk(t.Context(), now, nil)
			if err != nil {
				t.Fatal(err)
			}
			known, _ := w.Risk(t.Context(), now, nil)
			if diff := cmp.Diff(known, risks); diff != "" {
				t.Fatalf("risk as of %s:\n%s", now, diff)
			}
		}
		now = now.Truncate(time.Hour).Add(3 * time.Hour)
	}
	if c.complaints > 5 || c.purchases > 5 || c.invitations > 5 || c.promises != looks || c.risks != looks {
		t.Errorf("in %d looks %d queries for complaints, %d for purchases, %d for invitations, %d for promises, %d for risks", looks, c.complaints, c.purchases, c.invitations, c.promises, c.risks)
	}
}
