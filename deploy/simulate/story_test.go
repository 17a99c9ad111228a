package simulate

import (
	"runtime"
	"slices"
	"testing"
	"time"
)

// tally is the number of grades and their sum.
type tally struct{ n, sum float64 }

func (t *tally) add(grade int64) { t.n++; t.sum += float64(grade) }
func (t *tally) mean() float64   { return t.sum / t.n }

func TestTheStoryShowsInTheGradesTheComplaintsAndThoseWhoLeave(t *testing.T) {
	for _, c := range []Config{Default(), withEvents(200_000)} {
		f := feedOf(t, c)
		story := f.Truth().Incident
		if story == nil || len(story.Employees) < 2 {
			t.Fatalf("the truth tells no story: %+v", story)
		}
		if at := story.From.Sub(c.Start).Hours() / c.Duration.Hours(); at < .38 || at > .42 || story.To.Sub(story.From) != 2*time.Hour {
			t.Errorf("it goes from %v to %v", story.From, story.To)
		}
		var hit, usual, others tally
		opened, sins := [2]float64{}, 0
		var e Event
		for f.Next(&e) {
			p := parse(t, e.Value)
			in := !p.OccurredAt.Before(story.From) && p.OccurredAt.Before(story.To)
			switch {
			case e.Duplicate || p.Brand != "" || p.Survey != "":
			case p.Step == "opened" && p.StoreID == story.StoreID:
				if p.OccurredAt.After(story.From) && p.OccurredAt.Before(story.To.Add(time.Hour)) {
					opened[0] += 1. / 3 // per hour
					if p.Category == "brush_off" || p.Category == "apathy" {
						sins++
					}
				} else {
					opened[1] += 1. / 21
				}
			case e.Complaint:
			case p.StoreID != story.StoreID:
				others.add(p.Grade)
			case in:
				hit.add(p.Grade)
			default:
				usual.add(p.Grade)
			}
		}
		t.Logf("store %.2f, in the incident %.2f (%v of them), others %.2f; complaints an hour %.1f, usually %.1f", usual.mean(), hit.mean(), hit.n, others.mean(), opened[0], opened[1])
		if usual.mean()-hit.mean() < 1.3 || usual.mean()-hit.mean() > 2.7 {
			t.Error("the grades fall by about 2 in the incident")
		}
		if opened[0] < 4*opened[1] || sins < 3 {
			t.Errorf("%d complaints of brush-off and apathy", sins)
		}
		left := 0
		for _, l := range f.Truth().Left {
			if l.StoreID == story.StoreID && l.At.After(story.To) && l.Reason == "indifference" {
				left++
			}
		}
		if left < 2 {
			t.Errorf("%d customers of the store left afterwards", left)
		}
	}
}

func TestWithoutTheStoryThereIsNone(t *testing.T) {
	c := withEvents(1000)
	c.Story = false
	if f := feedOf(t, c); f.Truth().Incident != nil {
		t.Error("the truth tells one")
	}
}

func TestAWellRecoveredComplaintRaisesTheNextGradeAndALongOneLowersIt(t *testing.T) {
	c := withEvents(300_000)
	c.Duration, c.DuplicateShare, c.LateShare, c.Story = 30*24*time.Hour, 0, 0, false
	f := feedOf(t, c)
	type customerSeen struct {
		opened, resolved time.Time
		complained       bool
	}
	seen := map[string]*customerSeen{}
	var never, well, slow, all tally
	var e Event
	var took []float64
	for f.Next(&e) {
		p := parse(t, e.Value)
		if p.CustomerID == "" {
			continue
		}
		s := seen[p.CustomerID]
		if s == nil {
			s = &customerSeen{}
			seen[p.CustomerID] = s
		}
		switch {
		case p.Step == "opened":
			s.opened, s.complained = p.OccurredAt, true
		case p.Step == "resolved":
			s.resolved = p.OccurredAt
			took = append(took, s.resolved.Sub(s.opened).Hours())
		case e.Complaint || p.Brand != "":
		default:
			all.add(p.Grade)
			switch {
			case !s.complained:
				never.add(p.Grade)
			case s.resolved.IsZero():
			case s.resolved.Sub(s.opened) < 10*time.Hour:
				well.add(p.Grade)
			case s.resolved.Sub(s.opened) > 30*time.Hour:
				slow.add(p.Grade)
			}
			s.resolved = time.Time{}
		}
	}
	slices.Sort(took)
	p50, p90 := took[len(took)/2], took[len(took)*9/10]
	t.Logf("grade %.2f; never complained %.2f, well recovered %.2f, slowly %.2f; recovery p50 %.1f h, p90 %.1f h", all.mean(), never.mean(), well.mean(), slow.mean(), p50, p90)
	if well.mean() < never.mean()+.2 || slow.mean() > never.mean()-.5 {
		t.Error("no recovery paradox")
	}
	if p50 < 2 || p50 > 10 || p90 < 12 || p90 > 48 {
		t.Error("recovery times are not those of the stores")
	}
	o := f.Truth().Overall
	if share := float64(o.Opened) / all.n; share < .025 || share > .035 {
		t.Errorf("%.4f complaints a response, .03 were asked for", share)
	}
	if left := len(f.Truth().Left); left < 100 || left > c.Customers/2 {
		t.Errorf("%d customers left in a month", left)
	}
}

func TestMillionsOfEventsNeedLittleMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("two million events")
	}
	f := feedOf(t, withEvents(2_000_000))
	var e Event
	for f.Next(&e) && f.given < 1_500_000 {
	}
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	t.Logf("%d MB in use, %d things to come", m.HeapAlloc>>20, len(f.queue.heap))
	if m.HeapAlloc > 100<<20 {
		t.Errorf("%d MB in use after 1.5 million events", m.HeapAlloc>>20)
	}
	runtime.KeepAlive(f)
}
