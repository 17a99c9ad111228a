package simulate

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// met is what the tests of scripts look at in an event.
type met struct {
	OccurredAt  time.Time         `json:"occurred_at"`
	ComplaintID string            `json:"complaint_id"`
	StoreID     string            `json:"store_id"`
	Product     string            `json:"product_category"`
	Category    string            `json:"category"`
	Step        string            `json:"step"`
	Grade       int64             `json:"grade"`
	Attributes  map[string]string `json:"attributes"`
}

// scripted is three days of a chain with tills.
func scripted() Config {
	c := Default()
	c.Duration, c.Story, c.Tills, c.LateShare, c.DuplicateShare, c.AnonymousShare = 72*time.Hour, false, true, 0, 0, 0
	return c
}

func eventsOf(t *testing.T, c Config) (list []met) {
	t.Helper()
	f := feedOf(t, c)
	var e Event
	for f.Next(&e) {
		var m met
		if err := json.Unmarshal(e.Value, &m); err != nil {
			t.Fatal(err)
		}
		list = append(list, m)
	}
	return list
}

func TestAnEmptyScriptChangesNoByte(t *testing.T) {
	c := scripted()
	c.Events = 5000
	with := c
	with.Script = &Script{}
	a, b := feedOf(t, c), feedOf(t, with)
	var e, f Event
	for a.Next(&e) {
		if !b.Next(&f) || string(e.Value) != string(f.Value) {
			t.Fatalf("%s and %s", e.Value, f.Value)
		}
	}
}

func TestNothingComesFromASilentTillAndAsMuchAsUsualFromTheOthers(t *testing.T) {
	c := scripted()
	from, to := c.Start.Add(34*time.Hour), c.Start.Add(44*time.Hour)
	c.Script = &Script{Silences: []Silence{{StoreID: "store-004", Till: 2, From: from, To: to}}}
	silent, before, others := 0, 0, 0
	for _, e := range eventsOf(t, c) {
		during := !e.OccurredAt.Before(from) && e.OccurredAt.Before(to)
		switch till := e.Attributes["till"]; {
		case e.Step != "":
		case till == "store-004/2" && during:
			silent++
		case till == "store-004/2":
			before++
		case strings.HasPrefix(till, "store-004/") && during:
			others++
		}
	}
	if silent != 0 || before < 100 || others < 50 {
		t.Errorf("%d responses of the till while it is silent, %d else, %d of the store's others", silent, before, others)
	}
}

func TestABadProductIsGradedWorseAndComplainedOf(t *testing.T) {
	c := scripted()
	from, to := c.Start.Add(33*time.Hour), c.Start.Add(45*time.Hour)
	c.Script = &Script{Surges: []Surge{{Product: "toys", Category: "product", From: from, To: to, Grades: 1.5}}}
	count := func(c Config) (toys, others tally, complaints int) {
		for _, e := range eventsOf(t, c) {
			switch {
			case e.OccurredAt.Before(from) || !e.OccurredAt.Before(to):
			case e.Step == "opened" && e.Category == "product":
				complaints++
			case e.Step == "" && e.Product == "toys":
				toys.add(e.Grade)
			case e.Step == "" && e.Product != "":
				others.add(e.Grade)
			}
		}
		return toys, others, complaints
	}
	toys, others, complaints := count(c)
	c.Script = nil
	was, wasOthers, usual := count(c)
	if d := was.mean() - toys.mean(); d < .6 || d > 1.5 {
		t.Errorf("toys fall by %.2f grades, from %.2f", d, was.mean())
	}
	if d := wasOthers.mean() - others.mean(); d > .1 || d < -.1 {
		t.Errorf("other products fall by %.2f", d)
	}
	if complaints < usual*3/2 {
		t.Errorf("%d complaints of products, %d without the bad one", complaints, usual)
	}
}

func TestWhereComplaintsAreHelpedTheyAreResolvedSooner(t *testing.T) {
	c := scripted()
	c.Duration, c.ComplaintShare = 10*24*time.Hour, .1
	took := func(c Config) (hours, n float64) {
		opened := map[string]time.Time{}
		for _, e := range eventsOf(t, c) {
			switch at, known := opened[e.ComplaintID]; {
			case e.Step == "opened" && e.StoreID == "store-004":
				opened[e.ComplaintID] = e.OccurredAt
			case e.Step == "resolved" && known:
				hours, n = hours+e.OccurredAt.Sub(at).Hours(), n+1
				delete(opened, e.ComplaintID)
			}
		}
		return hours / n, n
	}
	usual, _ := took(c)
	c.Script = &Script{Helps: []Help{{StoreID: "store-004", From: c.Start, To: c.Start.Add(c.Duration), Share: .3}}}
	helped, n := took(c)
	if n < 100 || helped > .4*usual || helped < .2*usual {
		t.Errorf("%.1f hours of %.0f complaints, usually %.1f", helped, n, usual)
	}
}

func TestAGrowingFallIsHalfAsDeepHalfway(t *testing.T) {
	s := store{falls: []fall{{from: 1000, to: 5000, latent: 200, growing: 2000}}}
	for at, want := range map[int64]int{999: 0, 1000: 0, 2000: 100, 3000: 200, 4999: 200, 5000: 0} {
		if got := s.fallen(at); got != want {
			t.Errorf("at %d by %d, want %d", at, got, want)
		}
	}
}

func TestAWrongScriptIsRefusedWithItsPlace(t *testing.T) {
	from, to := Default().Start, Default().Start.Add(time.Hour)
	for want, script := range map[string]*Script{
		"surge 1 must have a product_category": {Surges: []Surge{{"hats", "product", from, to, 1}}},
		"surge 2 must":                         {Surges: []Surge{{"toys", "product", from, to, 1}, {"toys", "noise", from, to, 1}}},
		"silence 1 must be of one":             {Silences: []Silence{{"store-021", 1, from, to}}},
		"of till 1 to 4":                       {Silences: []Silence{{"store-001", 5, from, to}}},
		"help 1 must":                          {Helps: []Help{{"store-001", to, from, .5}}},
	} {
		c := Default()
		c.Script = script
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestTheDemoHasAPastAndSomethingHappensSoonAfterIt(t *testing.T) {
	day := time.Date(2026, 11, 10, 0, 0, 0, 0, time.UTC)
	for seed := range uint64(5) {
		d := NewDemo(seed+1, day)
		if err := d.Validate(); err != nil {
			t.Fatal(err)
		}
		if d.Live.Sub(d.Start) < DemoPast || !d.Open(d.Live) {
			t.Errorf("live at %v, begun %v", d.Live, d.Start)
		}
		short := d.Until(d.Live.Add(time.Hour))
		f := feedOf(t, short)
		story := f.Truth().Incident
		if after := story.From.Sub(d.Live); after < 0 || after > 15*time.Minute {
			t.Errorf("seed %d: the story begins %v after the demo is live", seed, after)
		}
		if story.StoreID == d.Improved {
			t.Errorf("seed %d: the improved store is that of the story", seed)
		}
		for _, l := range d.Falls {
			if l.StoreID == story.StoreID && l.From.Before(story.To) {
				t.Errorf("seed %d: the store of the story falls before it: %+v", seed, l)
			}
		}
		for _, k := range f.Truth().Incidents {
			if !k.From.Before(d.Live.Add(time.Hour)) {
				t.Errorf("%+v begins after the feed's end", k)
			}
		}
	}
}
