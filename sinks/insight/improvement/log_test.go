package improvement

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"csatflow/deploy/local"
	"csatflow/deploy/trial/storetest"
	"csatflow/pipeline"
	"csatflow/pipeline/pipelinetest"
)

func TestMain(m *testing.M) {
	local.RunChild()
	os.Exit(m.Run())
}

const daysEachSide = 10

// change is when s1 changes something, and s2 something else.
var change = time.Date(2026, 3, 11, 0, 0, 0, 0, time.UTC)

// grades returns the grades of a store on a day: from the change on, those of s1 and s2 are higher.
func grades(store string, day int) []int {
	level := 4 + day%2
	switch {
	case store == "s1" && day >= daysEachSide:
		level++
	case store == "s2" && day >= daysEachSide:
		level += 2
	}
	list := []int{level, level, min(7, level+1), max(1, level-1)}
	if store == "s4" {
		list = list[:3]
	}
	if (day*7+len(store)*3)%5 == 0 {
		list = append(list, max(1, level-2))
	}
	return list
}

var stores = []string{"s1", "s2", "s3", "s4", "s5"}

// stored runs the responses through the pipeline into a database of their own.
func stored(t *testing.T) *Log {
	t.Helper()
	set := pipeline.DefaultSettings()
	s, _, database := storetest.New(t, set)
	task := pipeline.NewTask(0, set, pipelinetest.NoObserver{})
	offset := int64(0)
	for day := range 2 * daysEachSide {
		for _, store := range stores {
			for _, grade := range grades(store, day) {
				customer := fmt.Sprintf("c%d", offset)
				at := change.AddDate(0, 0, day-daysEachSide).Add(time.Duration(offset%1000) * time.Minute)
				task.Apply(&pipeline.Record{Topic: pipeline.Responses, Offset: offset, Time: time.Now(), Key: []byte(customer),
					Value: fmt.Appendf(nil, `{"event_id":"e%d","occurred_at":%q,"customer_id":%q,"grade":%d,"store_id":%q}`, offset, at.Format(time.RFC3339), customer, grade, store)})
				offset++
			}
		}
	}
	storetest.Write(t, s, task)
	return &Log{Conn: s.Conn(), Database: database}
}

func mean(list []int) (m float64) {
	for _, g := range list {
		m += float64(g) / float64(len(list))
	}
	return m
}

// differenceInDifferences computes the effect in s1 by plain sums; nothing changed in the others.
func differenceInDifferences(others ...string) float64 {
	sides := [2]float64{}
	for day := range 2 * daysEachSide {
		var all []int
		for _, o := range others {
			all = append(all, grades(o, day)...)
		}
		sides[day/daysEachSide] += (mean(grades("s1", day)) - mean(all)) / daysEachSide
	}
	return sides[1] - sides[0]
}

func plan(id, store string) *Plan {
	at := change
	return &Plan{ID: id, Name: "Two more at the tills", Measure: "mean_grade", Method: "pdca", ScopeKind: "store", ScopeID: store, Target: 0.5, PlannedAt: change.AddDate(0, 0, -3), ChangedAt: &at}
}

func TestAnImprovementGoesFromPlanToActAndItsEffectIsThatOfPlainSums(t *testing.T) {
	l := stored(t)
	find := func() *Plan {
		t.Helper()
		p, err := l.Find(t.Context(), "tills")
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if _, err := l.Find(t.Context(), "tills"); !errors.Is(err, ErrNone) || !strings.Contains(err.Error(), "improvement add") {
		t.Errorf("%v", err)
	}
	if err := l.Add(t.Context(), plan("tills", "s1")); err != nil {
		t.Fatal(err)
	}
	if err := l.Add(t.Context(), plan("tills", "s3")); !errors.Is(err, ErrTwice) {
		t.Errorf("%v", err)
	}
	luck := plan("luck", "s1")
	luck.Measure = "luck"
	if err := l.Add(t.Context(), luck); err == nil || !strings.Contains(err.Error(), "mean_grade") || !strings.Contains(err.Error(), "recovery_p50") {
		t.Errorf("%v", err)
	}
	if _, err := l.Find(t.Context(), "till"); !errors.Is(err, ErrNone) || !strings.Contains(err.Error(), "tills") {
		t.Errorf("%v", err)
	}
	p := find()
	if p.Effect != nil || p.ScopeID != "s1" || !p.ChangedAt.Equal(change) || p.Target != 0.5 {
		t.Errorf("%+v", p)
	}
	planned := p.State

	check := func(others ...string) {
		t.Helper()
		e, err := l.Check(t.Context(), find(), 28)
		if err != nil {
			t.Fatal(err)
		}
		if want := differenceInDifferences(others...); math.Abs(e.Difference-want) > 1e-9 || e.Method != SyntheticDifference || e.Controls != len(others) || e.DaysBefore != daysEachSide || e.DaysAfter != daysEachSide || e.Low > want+1e-9 || e.High < want-1e-9 {
			t.Errorf("%+v, the effect is %v", e, want)
		}
		p := find()
		p.Take(e, change.AddDate(0, 0, 20))
		if err := l.Put(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		if got := find(); *got.Effect != e.Effect || *got.Low != e.Low || *got.High != e.High || *got.Placebo != e.Placebo || got.DaysAfter != daysEachSide || got.State == planned {
			t.Errorf("%+v is stored as %+v", e, got)
		}
	}
	check("s2", "s3", "s4", "s5")
	if err := l.Add(t.Context(), plan("lights", "s2")); err != nil {
		t.Fatal(err)
	}
	check("s3", "s4", "s5") // without s2, where something changed too

	checked := find().State
	p = find()
	closed := change.AddDate(0, 0, 21)
	p.ClosedAt, p.Outcome, p.Note = &closed, "adopted", "in all stores from May on"
	if err := l.Put(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	list, err := l.List(t.Context())
	if err != nil || len(list) != 2 {
		t.Fatalf("%d, %v", len(list), err)
	}
	if got := find(); got.Outcome != "adopted" || got.Note != p.Note || got.State == checked || *got.Effect != *p.Effect {
		t.Errorf("%+v", got)
	}
}

func TestACheckWithTooFewDaysSaysSo(t *testing.T) {
	l := stored(t)
	late := plan("late", "s1")
	at := change.AddDate(0, 0, daysEachSide-2)
	late.ChangedAt = &at
	if _, err := l.Check(t.Context(), late, 28); !errors.Is(err, ErrTooLittle) {
		t.Errorf("%v", err)
	}
	if _, err := l.Check(t.Context(), plan("nowhere", "s99"), 28); !errors.Is(err, ErrTooLittle) {
		t.Errorf("%v", err)
	}
}
