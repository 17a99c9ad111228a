package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"csatflow/deploy/simulate"
	"csatflow/pipeline/dimension"
	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
	"csatflow/sinks/alert/backtest"
	"csatflow/sinks/alert/watch"
)

// feed is how a chain's stores are.
type feedKind struct {
	name string
	real func() *simulate.Real // nil for a kind feed
}

// feeds are the chains that alerts are tried on.
var feeds = []feedKind{
	{"kind", nil},
	{"real", func() *simulate.Real {
		r := simulate.RealLife()
		r.ResponseChanges, r.MixChanges = 0, 0
		return r
	}},
	{"real, with other people answering", simulate.RealLife},
}

// trial is a simulated chain over weeks: its incidents, and the alerts that each way of alerting raised.
type trial struct {
	feed      feedKind
	incidents []backtest.Incident
	sizes     []simulate.Fall // of the incidents
	watches   []*watched
	rivals    []*rival
	bound     *bound
	closed    map[string]bool // local days
	children  map[string][]simulate.Child
	events    int
	weeks     float64 // watched weeks
}

// watched is a watch at one level of false_alerts.
type watched struct {
	falseAlerts float64
	watch       *watch.Watch
	fired       []alert.Alert
	flaps       int // alerts of a rule and scope within a day of its last
}

// Rates of a trial's stores, equally many of each: responses an hour between 9 and 20 o'clock.
var storeRates = []int{5, 20, 50, 150, 500}

var (
	dropSizes = []float64{.5, 1, 1.5}
	dropTimes = []time.Duration{time.Hour, 4 * time.Hour, 48 * time.Hour}
)

const (
	storesOfRate = 20
	warmUp       = 28 * 24 * time.Hour
	// openShare is the mean of a day's hours over the mean of the hours from 9 to 20 o'clock (deploy/simulate/curve.go).
	openShare = 0.514
)

func rateOf(i int) int { return storeRates[i%len(storeRates)] }

// plan draws incidents: in each store one every five days on average, with all sizes and lengths equally often.
func (t *trial) plan(seed uint64, from time.Time, weeks int) (falls []simulate.Fall) {
	rnd := rand.New(rand.NewPCG(seed, 7))
	end := from.AddDate(0, 0, 7*weeks)
	for i := range storesOfRate * len(storeRates) {
		combination := rnd.IntN(len(dropSizes) * len(dropTimes))
		for at := from.Add(time.Duration(rnd.Int64N(int64(96 * time.Hour)))); ; combination++ {
			at = at.Truncate(24 * time.Hour).Add(10*time.Hour + time.Duration(rnd.Int64N(int64(5*time.Hour))))
			for at.Weekday() == time.Sunday || t.closed[at.Format(time.DateOnly)] {
				at = at.AddDate(0, 0, 1)
			}
			size, length := dropSizes[combination/len(dropTimes)%len(dropSizes)], dropTimes[combination%len(dropTimes)]
			if at.Add(length).After(end) {
				break
			}
			falls = append(falls, simulate.Fall{StoreID: fmt.Sprintf("store-%03d", i+1), From: at, To: at.Add(length), Grades: size})
			at = at.Add(length + 72*time.Hour + time.Duration(rnd.Int64N(int64(48*time.Hour))))
		}
	}
	return falls
}

// config is the chain's configuration, with rates of stores as said.
func (t *trial) config(seed uint64, weeks int) (c simulate.Config, err error) {
	c = simulate.Default()
	stores := storesOfRate * len(storeRates)
	c.Seed, c.Stores, c.Employees, c.Customers, c.Story = seed, stores, 10*stores, 300_000, false
	c.Start = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	c.Duration = warmUp + time.Duration(weeks)*7*24*time.Hour
	total := 0.
	for i := range stores {
		c.Weights = append(c.Weights, rateOf(i))
		total += float64(rateOf(i))
	}
	c.Events = int(total * openShare * c.Duration.Hours() / .96)
	if t.feed.real == nil {
		return c, nil
	}
	c.Real = t.feed.real()
	// Closed hours have no responses: as many as make the rate of the open ones what was said.
	answers, err := simulate.NewAnswers(c)
	if err != nil {
		return c, err
	}
	truth := answers.Truth().Real
	t.closed = map[string]bool{}
	for _, day := range truth.ClosedDays {
		t.closed[day] = true
	}
	expected, hours := 0., 0.
	for i := range truth.Stores {
		for h, n := range truth.Stores[i].Expected {
			if at := truth.Begin.Add(time.Duration(h) * time.Hour); n > 0 && at.Hour() >= 9 && at.Hour() < 18 {
				expected += float64(n) / 1000 / float64(rateOf(i))
				hours++
			}
		}
	}
	c.Events = int(float64(c.Events) / (expected / hours))
	return c, nil
}

// run feeds a chain through all ways of alerting, and watches it for this many weeks after the warm-up.
func (t *trial) run(ctx context.Context, seed uint64, weeks int, quiet bool, progress func(done, total int)) error {
	c, err := t.config(seed, weeks)
	if err != nil {
		return err
	}
	begin := c.Start.Add(warmUp)
	if !quiet {
		c.Falls = t.plan(seed, begin, weeks)
	}
	for _, f := range c.Falls {
		t.incidents = append(t.incidents, backtest.Incident{Kind: "store", ID: f.StoreID, From: f.From, To: f.To})
	}
	t.sizes, t.weeks = c.Falls, float64(weeks)
	answers, err := simulate.NewAnswers(c)
	if err != nil {
		return err
	}
	truth := answers.Truth()
	zone := time.UTC
	if truth.Real != nil {
		if zone, err = time.LoadLocation(c.Real.Zone); err != nil {
			return err
		}
	}
	memory := backtest.NewMemory(c.Start)
	for _, w := range t.watches {
		rules := ruleset.Default()
		rules.FalseAlerts, rules.Scopes, rules.Silent.Scopes = w.falseAlerts, []string{dimension.All, "store"}, []string{dimension.All, "store"}
		rules.Off = []string{ruleset.ChurnRise, ruleset.ValueAtRisk, ruleset.CustomerTrouble, ruleset.ComplaintSurge, ruleset.RecoverySlow, ruleset.PromiseBreach}
		if truth.Real != nil {
			rules.SpecialDays = slices.Clone(truth.Real.ClosedDays)
			for _, day := range truth.Real.PayDays {
				rules.SpecialDays = append(rules.SpecialDays, day+" "+dimension.All)
			}
		}
		w.watch = watch.NewWatch(&rules, memory, nil)
		w.watch.Zone = zone
	}
	t.bound = newBound(1, 4*time.Hour)
	t.bound.begin(truth, zone)
	s := &surveyed{rivals: t.rivals, zone: zone}
	for i := range truth.Stores {
		s.scopes, s.hours = append(s.scopes, watch.Scope{Kind: "store", ID: truth.Stores[i].StoreID}), append(s.hours, &hourly{})
	}
	var a simulate.Answer
	ids, terminals := make([]string, c.Stores), make([][4]string, c.Stores)
	for i := range ids {
		ids[i] = truth.Stores[i].StoreID
		for n := range terminals[i] {
			terminals[i][n] = fmt.Sprintf("%s/%d", ids[i], n)
		}
	}
	next := begin
	for answers.Next(&a) {
		for !a.At.Before(next) {
			if err := t.at(ctx, memory, s, c.Start, next); err != nil {
				return err
			}
			next = next.Add(alert.Step)
		}
		if t.events++; t.events%100_000 == 0 {
			progress(t.events, c.Events)
		}
		for _, scope := range []watch.Scope{{Kind: "store", ID: ids[a.Store]}, {Kind: dimension.All}} {
			if a.Terminal > 0 {
				memory.AddOf(scope, a.At, a.Grade, terminals[a.Store][a.Terminal], true)
			} else {
				memory.AddOf(scope, a.At, a.Grade, strconv.Itoa(a.Customer), false)
			}
		}
	}
	if r := answers.Truth().Real; r != nil {
		t.children = map[string][]simulate.Child{}
		for i := range r.Stores {
			t.children[r.Stores[i].StoreID] = r.Stores[i].Children
		}
	}
	return nil
}

// ofChildren reports whether an alert came within five hours of a child that pressed buttons.
func (t *trial) ofChildren(a *alert.Alert) bool {
	return slices.ContainsFunc(t.children[a.ID], func(c simulate.Child) bool {
		return !a.Fired.Before(c.From) && a.Fired.Before(c.To.Add(5*time.Hour))
	})
}

// at lets all ways evaluate at a time.
func (t *trial) at(ctx context.Context, memory *backtest.Memory, s *surveyed, first, now time.Time) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(2)
	for _, w := range t.watches {
		g.Go(func() error {
			changed, err := w.watch.At(ctx, now)
			for _, a := range changed {
				if !a.Fired.Equal(now) {
					continue
				}
				if slices.ContainsFunc(w.fired, func(o alert.Alert) bool {
					return o.Rule == a.Rule && o.Kind == a.Kind && o.ID == a.ID && now.Sub(o.Fired) < 24*time.Hour
				}) {
					w.flaps++
				}
				w.fired = append(w.fired, a)
			}
			return err
		})
	}
	g.Go(func() error {
		s.at(memory, now, first)
		t.bound.at(memory, now)
		return nil
	})
	return g.Wait()
}

// rulesOf counts alerts by rule.
func rulesOf(alerts []alert.Alert) string {
	n := map[string]int{}
	for _, a := range alerts {
		kind := a.Kind
		if kind == dimension.All {
			kind = "the whole chain"
		}
		n["`"+a.Rule+"` of "+kind]++
	}
	if len(n) == 0 {
		return "none"
	}
	var list []string
	for name, k := range n {
		list = append(list, fmt.Sprintf("%s %d", name, k))
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}
