package backtest

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"csatflow/pipeline/dimension"
	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
	"csatflow/sinks/alert/watch"
	"csatflow/sinks/insight/detect"
)

var noon = time.Date(2026, 3, 30, 12, 0, 0, 0, time.UTC)

func raised(id string, at time.Duration) alert.Alert {
	return alert.Alert{Rule: "r", Kind: "store", ID: id, Start: noon.Add(at), Fired: noon.Add(at)}
}

func TestJudgeHoldsAlertsAgainstIncidentsOfTheirScopeAndTime(t *testing.T) {
	incidents := []Incident{{Kind: "store", ID: "a", From: noon, To: noon.Add(2 * time.Hour)}, {Kind: "store", ID: "a", From: noon.Add(24 * time.Hour), To: noon.Add(25 * time.Hour)},
		{Kind: "store", ID: "b", From: noon, To: noon.Add(time.Hour)}, {Kind: "store", ID: "c", From: noon, To: noon.Add(time.Hour)}}
	s := Judge([]alert.Alert{
		raised("a", 90*time.Minute), raised("a", 20*time.Minute), // both right; the earlier one found it
		raised("a", -time.Minute),              // before the incident
		raised("b", 2*time.Hour),               // an hour after the end: too late
		raised("c", 119*time.Minute),           // within the hour after the end
		raised("d", 20*time.Minute),            // nothing happened there
		{Kind: "region", ID: "a", Fired: noon}, // of another kind of scope
	}, incidents)
	if s.Right != 3 || len(s.False) != 4 || s.Precision() != 3./7 {
		t.Errorf("%d right, %d false", s.Right, len(s.False))
	}
	if s.Recall(0) != .5 || s.Recall(30*time.Minute) != .25 {
		t.Errorf("recall %v, within half an hour %v", s.Recall(0), s.Recall(30*time.Minute))
	}
	if d := s.Found[0].Delay; d != 20*time.Minute {
		t.Errorf("delay %s", d)
	}
	if d, found := s.Delay(.5); !found || d != 119*time.Minute {
		t.Errorf("the second of four delays is %s, %t", d, found)
	}
	if _, found := s.Delay(.75); found {
		t.Error("the third of four was missed and has a delay")
	}
}

// filled returns the memory of two stores; the second falls on the last day.
func filled(seed uint64) *Memory {
	rnd := rand.New(rand.NewPCG(seed, 1))
	from := noon.AddDate(0, 0, -20)
	m := NewMemory(from)
	for _, id := range []string{"a", "b"} {
		for at := from; at.Before(noon.Add(6 * time.Hour)); at = at.Add(time.Duration(rnd.ExpFloat64() * float64(2*time.Minute))) {
			mean := 5.3
			if id == "b" && !at.Before(noon) {
				mean = 3.6
			}
			m.Add(watch.Scope{Kind: "store", ID: id}, at, min(max(int(math.Round(mean+1.2*rnd.NormFloat64())), 1), 7))
		}
	}
	return m
}

func stores() *ruleset.Rules {
	r := ruleset.Default()
	r.Scopes, r.Silent.Scopes = []string{"store"}, []string{"store"}
	return &r
}

func TestHistoryIsGoneOverWithoutLookingAhead(t *testing.T) {
	m := filled(1)
	run := func(to time.Time) []alert.Alert {
		list, err := Run(t.Context(), stores(), dimension.Usual(), nil, &watch.Ahead{Source: m}, nil, noon.AddDate(0, 0, -2), to, nil)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	whole := run(noon.Add(6 * time.Hour))
	if len(whole) != 1 || whole[0].ID != "b" || whole[0].Rule != ruleset.SatisfactionDrop {
		t.Fatalf("%+v", whole)
	}
	// Later data does not change the alerts raised before it.
	for _, end := range []time.Time{whole[0].Fired.Add(-alert.Step), whole[0].Fired} {
		short := run(end)
		want := 0
		if !end.Before(whole[0].Fired) {
			want = 1
		}
		if len(short) != want || want == 1 && (short[0].Key() != whole[0].Key() || !short[0].Fired.Equal(whole[0].Fired)) {
			t.Errorf("until %s: %+v", end, short)
		}
	}
}

// counting counts the queries to a source.
type counting struct {
	watch.Source
	asked int
}

func (c *counting) Grades(ctx context.Context, length time.Duration, from, to time.Time, kinds []string) ([]watch.GradeCell, error) {
	c.asked++
	return c.Source.Grades(ctx, length, from, to, kinds)
}

func TestReadingAheadGivesTheSameInFewerQueries(t *testing.T) {
	source := filled(2)
	c := &counting{Source: source}
	a := &watch.Ahead{Source: c}
	order := func(list []watch.GradeCell) []watch.GradeCell {
		slices.SortFunc(list, func(a, b watch.GradeCell) int {
			if d := a.Start.Compare(b.Start); d != 0 {
				return d
			}
			return strings.Compare(a.ID, b.ID)
		})
		return list
	}
	n := 0
	for to := noon.Add(-10 * 24 * time.Hour); to.Before(noon); to = to.Add(35 * time.Minute) {
		length := detect.Fine
		if n%2 == 1 {
			length = detect.Coarse
		}
		from := to.Add(-3 * time.Hour)
		if n++; n%9 == 0 {
			from = to.Add(-50 * time.Hour)
		}
		from, end := from.Truncate(length), to.Truncate(length)
		got, err := a.Grades(t.Context(), length, from, end, nil)
		if err != nil {
			t.Fatal(err)
		}
		want, err := source.Grades(t.Context(), length, from, end, nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(order(want), order(slices.Clone(got))); diff != "" {
			t.Fatalf("from %s to %s:\n%s", from, end, diff)
		}
	}
	if c.asked > 2*4 {
		t.Errorf("%d queries for %d steps", c.asked, n)
	}
}
