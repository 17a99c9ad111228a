package simulate

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"csatflow/pipeline/event"
	"csatflow/schemas"
)

// allTopics is a feed of 30 days with side topics; change may alter it.
func allTopics(change func(*Config)) Config {
	c := Default()
	c.Seed, c.Customers, c.Events, c.Duration, c.SideTopics = 11, 2000, 20_000, 30*24*time.Hour, true
	if change != nil {
		change(&c)
	}
	return c
}

// sideEvent is a parsed event of a side topic.
type sideEvent struct {
	EventID       string    `json:"event_id"`
	OccurredAt    time.Time `json:"occurred_at"`
	CustomerID    string    `json:"customer_id"`
	StoreID       string    `json:"store_id"`
	Kind          string    `json:"kind"`
	StandardID    string    `json:"standard_id"`
	Opportunities int64     `json:"opportunities"`
	Defects       int64     `json:"defects"`
	Amount        float64   `json:"amount"`
	Margin        float64   `json:"margin"`
	ServiceCost   float64   `json:"service_cost"`
}

func hundredths(v float64) int64 { return int64(math.Round(v * 100)) }

// sides returns the distinct good events of the side topics, and the truth.
func sides(t *testing.T, c Config) (map[string][]sideEvent, *Truth) {
	t.Helper()
	f := feedOf(t, c)
	all, seen := map[string][]sideEvent{}, map[string]bool{}
	var e Event
	for f.Next(&e) {
		if e.Topic == TopicResponses || e.Topic == TopicComplaints || e.Bad {
			continue
		}
		var s sideEvent
		if err := json.Unmarshal(e.Value, &s); err != nil {
			t.Fatalf("%v: %s", err, e.Value)
		}
		if !seen[s.EventID] {
			seen[s.EventID] = true
			all[e.Topic] = append(all[e.Topic], s)
		}
	}
	return all, f.Truth()
}

func TestTheTruthOfTheSideTopicsIsThePlainSums(t *testing.T) {
	all, truth := sides(t, allTopics(func(c *Config) { c.BadShare = .01 }))
	for topic, told := range truth.Side {
		got := SideTruth{Totals: told.Totals}
		if topic == TopicObservations {
			got.Opportunities, got.Defects = map[string]int64{}, map[string]int64{}
		}
		for _, e := range all[topic] {
			got.AmountCents += hundredths(e.Amount)
			got.MarginCents += hundredths(e.Margin)
			got.ServiceCostCents += hundredths(e.ServiceCost)
			switch e.Kind {
			case "mystery_visit":
				got.Visits++
			case "standard_check":
				got.Opportunities[e.StandardID] += e.Opportunities
				got.Defects[e.StandardID] += e.Defects
			}
		}
		if !reflect.DeepEqual(&got, told) {
			t.Errorf("%s: told\n%+v, sums\n%+v", topic, told, got)
		}
		if n := int64(len(all[topic])); n == 0 || n != told.Distinct {
			t.Errorf("%s: %d distinct events, told %d", topic, n, told.Distinct)
		}
		if told.Sent != told.Distinct+told.Duplicates+told.Bad || topic == TopicPurchases && (told.Bad == 0 || told.Late == 0 || told.Duplicates == 0) {
			t.Errorf("%s: %+v", topic, told.Totals)
		}
	}
	if truth.Side[TopicObservations].Visits < 100 {
		t.Errorf("%d visits of mystery shoppers", truth.Side[TopicObservations].Visits)
	}
	if len(truth.Side) != 4 {
		t.Errorf("%d side topics", len(truth.Side))
	}
}

func TestSideTopicsLeaveTheOthersAsTheyAre(t *testing.T) {
	of := func(side bool) (lines []string) {
		f := feedOf(t, allTopics(func(c *Config) { c.SideTopics, c.Events, c.BadShare = side, 5000, .01 }))
		var e Event
		for f.Next(&e) {
			if e.Topic == TopicResponses || e.Topic == TopicComplaints {
				lines = append(lines, string(e.Value))
			}
		}
		return lines
	}
	with, without := of(true), of(false)
	if slices.Sort(with); len(with) < 5000 {
		t.Errorf("%d lines", len(with))
	}
	slices.Sort(without) // a late line may change places with a side event
	if !slices.Equal(with, without) {
		for i := range min(len(with), len(without)) {
			if with[i] != without[i] {
				t.Errorf("with\n%s\nwithout\n%s", with[i], without[i])
				break
			}
		}
		t.Errorf("%d responses and complaint steps with side topics, %d others without", len(with), len(without))
	}
}

func TestThePipelineAndTheSchemasTakeEveryGoodSideEventAndNoBadOne(t *testing.T) {
	f := feedOf(t, allTopics(func(c *Config) { c.BadShare = .05 }))
	byTopic := map[string]*jsonschema.Schema{}
	for _, topic := range topicNames[purchaseLine:] {
		s, err := schemas.CompileEvent(topic)
		if err != nil {
			t.Fatal(err)
		}
		byTopic[topic] = s
	}
	var d event.Decoder
	var e Event
	good, bad := map[string]int{}, map[string]int{}
	for f.Next(&e) {
		var err error
		var key []byte
		unknown := 0
		switch e.Topic {
		case TopicPurchases:
			var p *event.Purchase
			if p, err = d.Purchase(e.Value); err == nil {
				key, unknown = p.CustomerID, p.Unknown
			}
		case TopicObservations:
			var o *event.Observation
			if o, err = d.Observation(e.Value); err == nil {
				key, unknown = o.StoreID, o.Unknown
			}
		case TopicDepartures:
			var l *event.Departure
			if l, err = d.Departure(e.Value); err == nil {
				key, unknown = l.CustomerID, l.Unknown
			}
		case TopicAsked:
			var a *event.Asked
			if a, err = d.Asked(e.Value); err == nil {
				if key, unknown = a.CustomerID, a.Unknown; len(key) == 0 {
					key = a.TerminalID
				}
			}
		default:
			continue
		}
		if (err == nil) == e.Bad {
			t.Fatalf("bad: %v, but %v: %s", e.Bad, err, e.Value)
		}
		doc, err := schemas.UnmarshalEvent(e.Value)
		if err == nil {
			err = byTopic[e.Topic].Validate(doc)
		}
		if (err == nil) == e.Bad {
			t.Fatalf("bad: %v, but the schema says %v: %s", e.Bad, err, e.Value)
		}
		if e.Bad {
			bad[e.Topic]++
			continue
		}
		if good[e.Topic]++; string(key) != string(e.Key) || unknown != 0 {
			t.Fatalf("key %q for %q, %d unknown fields: %s", e.Key, key, unknown, e.Value)
		}
	}
	for topic := range byTopic {
		if good[topic] == 0 || topic != TopicDepartures && topic != TopicAsked && bad[topic] == 0 {
			t.Errorf("%s: %d good, %d bad", topic, good[topic], bad[topic])
		}
	}
}

// TestAFifthOfTheCustomersBringAboutFourFifthsOfTheSpending: Pareto's law, as roughly as in real shops.
func TestAFifthOfTheCustomersBringAboutFourFifthsOfTheSpending(t *testing.T) {
	all, _ := sides(t, allTopics(func(c *Config) { c.Duration = 90 * 24 * time.Hour }))
	spent := map[string]float64{}
	total := 0.
	for _, p := range all[TopicPurchases] {
		spent[p.CustomerID] += p.Amount
		total += p.Amount
	}
	var values []float64
	for _, v := range spent {
		values = append(values, v)
	}
	slices.Sort(values)
	best := 0.
	for _, v := range values[len(values)*4/5:] {
		best += v
	}
	if share := best / total; share < .55 || share > .85 {
		t.Errorf("a fifth of %d customers brings %.2f", len(values), share)
	}
}

func TestThoseWhoLeaveBuyNoMoreAndSomeAreHeardOf(t *testing.T) {
	all, truth := sides(t, allTopics(nil))
	left := map[string]time.Time{}
	for _, l := range truth.Left {
		left[l.CustomerID] = l.At
	}
	for _, p := range all[TopicPurchases] {
		if at, gone := left[p.CustomerID]; gone && p.OccurredAt.After(at) {
			t.Errorf("%s left at %s and buys at %s", p.CustomerID, at, p.OccurredAt)
		}
	}
	for _, d := range all[TopicDepartures] {
		if at, gone := left[d.CustomerID]; !gone || d.OccurredAt.Before(at) {
			t.Errorf("%s is said to have left at %s, who left at %s", d.CustomerID, d.OccurredAt, at)
		}
	}
	if share := float64(len(all[TopicDepartures])) / float64(len(left)); share < .2 || share > .5 {
		t.Errorf("%.2f of %d departures become known", share, len(left))
	}
}

func TestInTheStoryWhatPeopleDoFailsItsStandards(t *testing.T) {
	all, truth := sides(t, allTopics(func(c *Config) { c.Duration = 72 * time.Hour; c.Seed = 3 }))
	if truth.Incident == nil {
		t.Fatal("no story")
	}
	var in, out [2]int64
	people := map[string]bool{}
	for _, s := range checked {
		people[s.id] = s.people
	}
	for _, o := range all[TopicObservations] {
		if o.Kind != "standard_check" || !people[o.StandardID] {
			continue
		}
		to := &out
		if o.StoreID == truth.Incident.StoreID && !o.OccurredAt.Before(truth.Incident.From) && o.OccurredAt.Before(truth.Incident.To) {
			to = &in
		}
		to[0] += o.Opportunities
		to[1] += o.Defects
	}
	if out[0] == 0 || float64(out[1])/float64(out[0]) > .1 {
		t.Errorf("usual defects %v", out)
	}
	if in[0] > 0 && float64(in[1])/float64(in[0]) < .2 {
		t.Errorf("defects in the story %v", in)
	}
}
