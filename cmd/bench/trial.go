package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"golang.org/x/sync/errgroup"

	"csatflow/deploy/simulate"
	"csatflow/pipeline/event"
	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
	"csatflow/sinks/alert/backtest"
	"csatflow/sinks/alert/watch"
)

// trial is a simulated chain over weeks: its incidents, and the alerts that each way of alerting raised.
type trial struct {
	incidents []backtest.Incident
	sizes     []simulate.Fall // of the incidents
	watches   []*watched
	rivals    []*backtest.Rival
	events    int
	weeks     float64 // watched weeks
}

// watched is a watch at one level of false_alerts.
type watched struct {
	falseAlerts float64
	watch       *watch.Watch
	fired       []alert.Alert
}

// Rates of a trial's stores, equally many of each: responses an hour between 9 and 20 o'clock.
var storeRates = []int{5, 20, 50, 150, 500}

var (
	dropSizes = []float64{.3, .5, 1, 1.5}
	dropTimes = []time.Duration{15 * time.Minute, time.Hour, 4 * time.Hour, 48 * time.Hour}
)

const (
	storesOfRate = 20
	warmUp       = 28 * 24 * time.Hour
	// openShare is the mean of a day's hours over the mean of the hours from 9 to 20 o'clock (deploy/simulate/curve.go).
	openShare = 0.514
)

func rateOf(i int) int { return storeRates[i%len(storeRates)] }

// plan draws incidents: in each store one every two and a half days on average, with all sizes and lengths equally often.
func plan(seed uint64, from time.Time, weeks int) (falls []simulate.Fall) {
	rnd := rand.New(rand.NewPCG(seed, 7))
	end := from.AddDate(0, 0, 7*weeks)
	for i := range storesOfRate * len(storeRates) {
		combination := rnd.IntN(len(dropSizes) * len(dropTimes))
		for at := from.Add(time.Duration(rnd.Int64N(int64(48 * time.Hour)))); ; combination++ {
			at = at.Truncate(24 * time.Hour).Add(11*time.Hour + time.Duration(rnd.Int64N(int64(6*time.Hour))))
			size, length := dropSizes[combination/len(dropTimes)%len(dropSizes)], dropTimes[combination%len(dropTimes)]
			if at.Add(length).After(end) {
				break
			}
			falls = append(falls, simulate.Fall{StoreID: fmt.Sprintf("store-%03d", i+1), From: at, To: at.Add(length), Grades: size})
			at = at.Add(length + 36*time.Hour + time.Duration(rnd.Int64N(int64(24*time.Hour))))
		}
	}
	return falls
}

// run feeds a chain through all ways of alerting, and watches it for this many weeks after the warm-up.
func (t *trial) run(ctx context.Context, seed uint64, weeks int, quiet bool, progress func(done, total int)) error {
	c := simulate.Default()
	stores := storesOfRate * len(storeRates)
	c.Seed, c.Stores, c.Employees, c.Customers, c.Story, c.ComplaintShare = seed, stores, 10*stores, 300_000, false, 0
	c.Duration = warmUp + time.Duration(weeks)*7*24*time.Hour
	total := 0.
	for i := range stores {
		c.Weights = append(c.Weights, rateOf(i))
		total += float64(rateOf(i))
	}
	c.Events = int(total * openShare * c.Duration.Hours() / .96)
	begin := c.Start.Add(warmUp)
	if !quiet {
		c.Falls = plan(seed, begin, weeks)
	}
	for _, f := range c.Falls {
		t.incidents = append(t.incidents, backtest.Incident{Kind: "store", ID: f.StoreID, From: f.From, To: f.To})
	}
	t.sizes, t.weeks = c.Falls, float64(weeks)
	feed, err := simulate.New(c)
	if err != nil {
		return err
	}
	memory := backtest.NewMemory(c.Start)
	for _, w := range t.watches {
		rules := ruleset.Default()
		rules.FalseAlerts, rules.Scopes, rules.Silent.Scopes = w.falseAlerts, []string{"store"}, nil
		for _, name := range ruleset.Names() {
			if name != ruleset.SatisfactionDrop {
				rules.Off = append(rules.Off, name)
			}
		}
		w.watch = watch.NewWatch(&rules, memory, nil)
	}
	var d event.Decoder
	var e simulate.Event
	next := begin
	for feed.Next(&e) {
		for !e.At.Before(next) {
			if err := t.at(ctx, memory, next); err != nil {
				return err
			}
			next = next.Add(alert.Step)
		}
		if t.events++; t.events%100_000 == 0 {
			progress(t.events, c.Events)
		}
		if e.Complaint || e.Duplicate {
			continue
		}
		r, err := d.Response(e.Value)
		if err != nil {
			return err
		}
		if len(r.StoreID) == 0 || r.Survey != event.SurveyInstant || len(r.Brand) > 0 {
			continue
		}
		at := time.UnixMilli(r.OccurredAt).UTC()
		memory.Add(watch.Scope{Kind: "store", ID: string(r.StoreID)}, at, int(r.Grade))
	}
	return nil
}

// at lets all ways evaluate at a time.
func (t *trial) at(ctx context.Context, memory *backtest.Memory, now time.Time) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(2)
	for _, w := range t.watches {
		g.Go(func() error {
			changed, err := w.watch.At(ctx, now)
			for _, a := range changed {
				if a.Fired.Equal(now) {
					w.fired = append(w.fired, a)
				}
			}
			return err
		})
	}
	g.Go(func() error {
		for _, r := range t.rivals {
			r.At(memory, now)
		}
		return nil
	})
	return g.Wait()
}
