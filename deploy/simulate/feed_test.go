package simulate

import (
	"hash/fnv"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"csatflow/schemas"
)

func feedOf(t testing.TB, c Config) *Feed {
	t.Helper()
	f, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func withEvents(n int) Config {
	c := Default()
	c.Events = n
	return c
}

// inOtherScales matches the answers in scales of their own, which end a response.
var inOtherScales = regexp.MustCompile(`(,"(nps|ces|stars)":\d+)+(,"grade_from":"stars")?}$`)

// digest is a hash of a feed without the answers in scales of their own; whole is one of all of it.
func digest(t *testing.T, c Config) uint64 {
	return digestOf(t, c, func(e *Event) []byte {
		if e.Topic != TopicResponses {
			return e.Value
		}
		return inOtherScales.ReplaceAll(e.Value, []byte("}"))
	})
}

func whole(t *testing.T, c Config) uint64 {
	return digestOf(t, c, func(e *Event) []byte { return e.Value })
}

func digestOf(t *testing.T, c Config, value func(*Event) []byte) uint64 {
	h := fnv.New64a()
	f := feedOf(t, c)
	var e Event
	for f.Next(&e) {
		h.Write([]byte(e.Topic + e.At.String()))
		h.Write(e.Key)
		h.Write(value(&e))
	}
	return h.Sum64()
}

func TestTheSameSeedIsTheSameFeedAndAnotherIsAnother(t *testing.T) {
	c := withEvents(100_000)
	c.BadShare = .01
	one, other := whole(t, c), whole(t, c)
	if one != other {
		t.Error("two runs differ")
	}
	c.Seed++
	if whole(t, c) == one {
		t.Error("two seeds give the same feed")
	}
}

func TestAFeedHasExactlyTheEventsAskedForAndEndsNearItsEnd(t *testing.T) {
	for _, n := range []int{1, 2, 10, 1000, 200_000} {
		for _, span := range []time.Duration{time.Minute, 24 * time.Hour, 30 * 24 * time.Hour} {
			c := withEvents(n)
			c.Duration, c.BadShare, c.DuplicateShare = span, .05, .1
			f := feedOf(t, c)
			var e Event
			sent := 0
			var last time.Time
			for f.Next(&e) {
				sent++
				if !e.Late && !e.Duplicate {
					last = e.At
				}
			}
			if sent != n {
				t.Errorf("%d events in %v: sent %d", n, span, sent)
			}
			if off := last.Sub(c.Start.Add(span)).Abs(); n >= 200_000 && off > span/20 && span > time.Hour {
				t.Errorf("%d events in %v: the last came %v from the end", n, span, off)
			}
			if f.Next(&e) {
				t.Error("a feed that has ended goes on")
			}
		}
	}
}

func TestWithoutAnEventCountCustomersAnswerAboutHalfAResponseADay(t *testing.T) {
	c := Default()
	c.DuplicateShare = 0
	f := feedOf(t, c)
	var e Event
	for f.Next(&e) {
	}
	if n := f.Truth().Responses.Distinct; n < 9500 || n > 10500 {
		t.Errorf("%d responses of 20000 customers in a day", n)
	}
}

func TestArrivalNeverGoesBackAndTheKeyIsTheCustomerOrTheTerminal(t *testing.T) {
	c := withEvents(50_000)
	c.Duration = 72 * time.Hour
	f := feedOf(t, c)
	var e Event
	var at time.Time
	late := 0
	for f.Next(&e) {
		if e.At.Before(at) {
			t.Fatalf("arrival goes back from %v to %v", at, e.At)
		}
		at = e.At
		p := parse(t, e.Value)
		if key := p.CustomerID + p.TerminalID; string(e.Key) != key || p.CustomerID != "" && p.TerminalID != "" {
			t.Fatalf("key %q of %s", e.Key, e.Value)
		}
		behind := e.At.Sub(p.OccurredAt)
		if behind < 0 || e.Late && behind < time.Minute {
			t.Fatalf("%s arrives at %v, late: %v", e.Value, e.At, e.Late)
		}
		if e.Late {
			late++
		}
	}
	if late < 700 || late > 1300 {
		t.Errorf("%d of 50000 are late, .02 were asked for", late)
	}
}

func TestWithoutDuplicatesLateAndBadOnesEventsComeInTheOrderOfEventTime(t *testing.T) {
	c := withEvents(100_000)
	c.DuplicateShare, c.LateShare = 0, 0
	f := feedOf(t, c)
	var e Event
	var last time.Time
	for f.Next(&e) {
		p := parse(t, e.Value)
		if p.OccurredAt.Before(last) || !p.OccurredAt.Equal(e.At) {
			t.Fatalf("%s after %v, arrival %v", e.Value, last, e.At)
		}
		last = p.OccurredAt
	}
}

func TestADuplicateComesWithin32LinesWithTheSameBytes(t *testing.T) {
	c := withEvents(50_000)
	c.Customers, c.DuplicateShare = 10, .5 // the worst case: few customers, many duplicates
	f := feedOf(t, c)
	seen := map[string]int{}
	var e Event
	for n := 0; f.Next(&e); n++ {
		whole := e.Topic + string(e.Key) + string(e.Value)
		before, again := seen[whole]
		if again != e.Duplicate || again && n-before > 32 {
			t.Fatalf("line %d: a duplicate: %v, said to be: %v, first sent %d lines ago", n, again, e.Duplicate, n-before)
		}
		seen[whole] = n
	}
	if d := f.Truth().Responses.Duplicates + f.Truth().Complaints.Duplicates; d < 24_000 || d > 25_000 {
		t.Errorf("%d duplicates of 50000", d)
	}
}

func TestGoodEventsKeepTheirSchemaAndBadOnesBreakIt(t *testing.T) {
	c := withEvents(20_000)
	c.BadShare, c.ComplaintShare, c.Tills, c.Real = .1, .2, true, &Real{ExpectationShare: .3}
	byTopic := map[string]*jsonschema.Schema{}
	for _, topic := range []string{TopicResponses, TopicComplaints} {
		s, err := schemas.CompileEvent(topic)
		if err != nil {
			t.Fatal(err)
		}
		byTopic[topic] = s
	}
	f := feedOf(t, c)
	var e Event
	bad := 0
	used := map[string]bool{}
	for f.Next(&e) {
		doc, err := schemas.UnmarshalEvent(e.Value)
		if err == nil {
			err = byTopic[e.Topic].Validate(doc)
		}
		if (err == nil) == e.Bad {
			t.Fatalf("bad: %v, but %v: %s", e.Bad, err, e.Value)
		}
		if e.Bad {
			bad++
			continue
		}
		for field := range doc.(map[string]any) {
			used[e.Topic+"."+field] = true
			if byTopic[e.Topic].Properties[field] == nil {
				t.Fatalf("%s is not in the schema of %s", field, e.Topic)
			}
		}
	}
	if bad < 1700 || bad > 2300 {
		t.Errorf("%d bad lines of 20000, .1 were asked for", bad)
	}
	for topic, s := range byTopic {
		for field := range s.Properties {
			if !used[topic+"."+field] && field != "invitation_id" { // invitations come with the side topics, which change no response
				t.Errorf("no event of %s has %s", topic, field)
			}
		}
	}
}

func TestAWrongConfigurationIsRefusedWithTheFieldAndTheRemedy(t *testing.T) {
	for _, c := range []struct {
		says   string
		change func(*Config)
	}{
		{"events must be 0 to", func(c *Config) { c.Events = -1 }},
		{"customers must be 10 to", func(c *Config) { c.Customers = 3 }},
		{"stores must be 1 to", func(c *Config) { c.Stores = -2 }},
		{"raise employees or lower stores", func(c *Config) { c.Employees = 20 }},
		{"duration must be 1s to", func(c *Config) { c.Duration = time.Millisecond }},
		{"start must lie in 1971 or later", func(c *Config) { c.Start = time.Unix(0, 0) }},
		{"late share must be 0 to", func(c *Config) { c.LateShare = 2 }},
		{"bad share must be 0 to", func(c *Config) { c.BadShare = -.1 }},
		{"lower one of them", func(c *Config) { c.BadShare, c.DuplicateShare = .3, .3 }},
	} {
		config := Default()
		c.change(&config)
		if _, err := New(config); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q is not in: %v", c.says, err)
		}
	}
	if err := (Config{}).Validate(); err != nil {
		t.Errorf("the zero configuration: %v", err)
	}
}

func TestAnyValidConfigurationGivesAWholeFeed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Config{
			Seed: rapid.Uint64().Draw(t, "seed"), Events: rapid.IntRange(1, 3000).Draw(t, "events"),
			Start:     time.UnixMilli(rapid.Int64Range(40e9, 3900e9).Draw(t, "start")),
			Duration:  time.Duration(rapid.Int64Range(int64(time.Second), int64(60*24*time.Hour)).Draw(t, "duration")),
			Customers: rapid.IntRange(10, 300).Draw(t, "customers"), Stores: rapid.IntRange(1, 12).Draw(t, "stores"),
			ComplaintShare: rapid.Float64Range(0, .5).Draw(t, "complaints"), DuplicateShare: rapid.Float64Range(0, .25).Draw(t, "duplicates"),
			LateShare: rapid.Float64Range(0, .9).Draw(t, "late"), AnonymousShare: rapid.Float64Range(0, 1).Draw(t, "anonymous"),
			BadShare: rapid.Float64Range(0, .25).Draw(t, "bad"), Story: rapid.Bool().Draw(t, "story"),
		}
		c.Employees = c.Stores + rapid.IntRange(1, 50).Draw(t, "more employees")
		f, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		var e Event
		for at := f.config.Start; f.Next(&e); at = e.At {
			if e.At.Before(at) || len(e.Key) == 0 || len(e.Value) == 0 {
				t.Fatalf("after %v: %+v", at, e)
			}
		}
		r, k := f.Truth().Responses, f.Truth().Complaints
		if all := r.Distinct + r.Duplicates + r.Bad + k.Distinct + k.Duplicates + k.Bad; all != int64(c.Events) || r.Sent+k.Sent != all {
			t.Fatalf("%d events were asked for: %+v %+v", c.Events, r, k)
		}
	})
}

func BenchmarkFeed(b *testing.B) {
	f := feedOf(b, withEvents(1_000_000_000))
	var e Event
	bytes := 0
	b.ReportAllocs()
	for b.Loop() {
		if !f.Next(&e) {
			b.Fatal("the feed has ended")
		}
		bytes += len(e.Value)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(bytes)/float64(b.N), "B/event")
}
