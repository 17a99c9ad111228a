package simulate

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"
)

// scored is a response with what it says in scales of their own; the rest of its answers are those of its grade.
type scored struct {
	Grade           int
	NPS, CES, Stars *int
	Source, Survey  string
	Brand           string
	GradeFrom       string `json:"grade_from"`
	StoreID         string `json:"store_id"`
}

// TestAnswersInOtherScalesLeaveTheFeedAsItWas: the digests are those of the feed before it had such answers.
func TestAnswersInOtherScalesLeaveTheFeedAsItWas(t *testing.T) {
	c := withEvents(100_000)
	c.BadShare, c.SideTopics, c.Tills = .01, true, true
	if is := digest(t, c); is != 0x7f0d2646949beea7 {
		t.Errorf("digest without them %#x", is)
	}
	if whole(t, c) == digest(t, c) {
		t.Error("there are none")
	}
}

func TestAnswersInOtherScalesAgreeWithTheMood(t *testing.T) {
	c := withEvents(400_000)
	c.Duration, c.Story, c.DuplicateShare, c.LateShare = 4*24*time.Hour, false, 0, 0
	c.Falls = []Fall{{StoreID: "store-003", From: c.Start.Add(c.Duration / 2), To: c.Start.Add(c.Duration), Grades: 1.5}}
	type sums struct{ n, grades, scores, squares, products, gradeSquares float64 }
	all, fallen := map[string]*sums{}, map[string]*sums{}
	add := func(to map[string]*sums, scale string, grade int, value *int) {
		if value == nil {
			return
		}
		s := to[scale]
		if s == nil {
			s = &sums{}
			to[scale] = s
		}
		g, v := float64(grade), float64(*value)
		s.n, s.grades, s.scores, s.squares, s.products, s.gradeSquares = s.n+1, s.grades+g, s.scores+v, s.squares+v*v, s.products+g*v, s.gradeSquares+g*g
	}
	f := feedOf(t, c)
	var e Event
	for f.Next(&e) {
		if e.Topic != TopicResponses {
			continue
		}
		var r scored
		if err := json.Unmarshal(e.Value, &r); err != nil {
			t.Fatal(err)
		}
		if any := r.NPS != nil || r.CES != nil || r.Stars != nil; any && (r.Brand != "" || r.Survey == "" && !slices.Contains([]string{"app", "web", "call"}, r.Source)) {
			t.Fatalf("nobody asks for it there: %s", e.Value)
		}
		if r.Survey != "" && r.Brand == "" && (r.NPS == nil || r.CES == nil) {
			t.Fatalf("a comprehensive survey asks for both: %s", e.Value)
		}
		if r.GradeFrom != "" && (r.GradeFrom != "stars" || r.Stars == nil || starsOf[r.Grade] != *r.Stars) {
			t.Fatalf("the grade was not converted from the stars: %s", e.Value)
		}
		to := all
		if r.StoreID == "store-003" && e.At.After(c.Falls[0].From) {
			to = fallen
		}
		add(to, "nps", r.Grade, r.NPS)
		add(to, "ces", r.Grade, r.CES)
		add(to, "stars", r.Grade, r.Stars)
	}
	for scale, width := range map[string]float64{"nps": 10, "ces": 6, "stars": 4} {
		a, x := all[scale], fallen[scale]
		if a == nil || x == nil || x.n < 100 {
			t.Fatalf("%s: too few answers", scale)
		}
		together := (a.products/a.n - a.grades*a.scores/a.n/a.n) / math.Sqrt((a.gradeSquares/a.n-a.grades*a.grades/a.n/a.n)*(a.squares/a.n-a.scores*a.scores/a.n/a.n))
		if together < .75 {
			t.Errorf("%s follows the grade with a correlation of %.2f", scale, together)
		}
		fall, grades := (a.scores/a.n-x.scores/x.n)/width*6, a.grades/a.n-x.grades/x.n
		if math.Abs(fall-grades) > .25 || grades < .8 {
			t.Errorf("%s falls by %.2f of six steps where the grade falls by %.2f", scale, fall, grades)
		}
	}
}
