package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"csatflow/sinks/alert"
	"csatflow/sinks/alert/backtest"
)

type alertsCommand struct {
	Quiet int    `default:"4" help:"Quiet weeks, after four to learn from."`
	Weeks int    `default:"4" help:"Weeks with incidents, after four to learn from."`
	Seed  uint64 `default:"1" help:"Seed of the chains."`
	Out   string `default:"deploy/bench" placeholder:"DIR" help:"Where alerts.md is written."`
}

func (alertsCommand) Help() string {
	return `Example:
  go run ./cmd/bench alerts

It simulates chains of 100 stores, kind and with real life in them, quiet and with incidents, and runs all rules that look at responses over
them, beside the usual methods of surveillance at all of their thresholds, and a test that knows the truth. Some half an hour.`
}

// levels are those of false_alerts that are tried.
var levels = []float64{1, 5}

// pair is a chain in quiet weeks and in weeks with incidents, for the same ways of alerting.
type pair struct{ quiet, incidents *trial }

func (cmd *alertsCommand) Run(ctx context.Context) error {
	var pairs []*pair
	for _, feed := range feeds {
		p := &pair{quiet: newTrial(feed), incidents: newTrial(feed)}
		for _, t := range []struct {
			name  string
			trial *trial
			seed  uint64
			weeks int
		}{{"quiet weeks", p.quiet, cmd.Seed, cmd.Quiet}, {"weeks with incidents", p.incidents, cmd.Seed + 1, cmd.Weeks}} {
			began := time.Now()
			err := t.trial.run(ctx, t.seed, t.weeks, t.trial == p.quiet, func(done, total int) {
				fmt.Fprintf(os.Stderr, "\r%s, %s: %s of %s events ", feed.name, t.name, number(float64(done), 0), number(float64(total), 0))
			})
			if err != nil {
				return err
			}
			fmt.Fprintf(os.Stderr, "\r%s, %s: %s events in %s\n", feed.name, t.name, number(float64(t.trial.events), 0), time.Since(began).Round(time.Second))
		}
		pairs = append(pairs, p)
	}
	return write(filepath.Join(cmd.Out, "alerts.md"), alertsText(pairs))
}

func newTrial(feed feedKind) *trial {
	t := &trial{feed: feed, rivals: newRivals()}
	for _, l := range levels {
		t.watches = append(t.watches, &watched{falseAlerts: l})
	}
	return t
}

// way is a way of alerting with its results.
type way struct {
	name      string
	falseRate float64 // per 100 stores and quiet week
	flaps     string
	score     *backtest.Score
}

func (p *pair) weekly(n int) float64 {
	return float64(n) / p.quiet.weeks / float64(storesOfRate*len(storeRates)) * 100
}

func (p *pair) way(name string, quiet, fired []alert.Alert) way {
	s := backtest.Judge(fired, p.incidents.incidents)
	return way{name: name, falseRate: p.weekly(len(quiet)), flaps: "–", score: &s}
}

func (p *pair) watch(i int) way {
	w := p.way(fmt.Sprintf("csatflow, `false_alerts: %g`", levels[i]), p.quiet.watches[i].fired, p.incidents.watches[i].fired)
	w.flaps = strconv.Itoa(p.quiet.watches[i].flaps)
	return w
}

// mostFalse is what the tuned ways may raise in 100 stores and a quiet week.
const mostFalse = 1

// tuned is the way that finds most falls of a grade for four hours with at most mostFalse false alerts.
func (p *pair) tuned(family string, n int, at func(j int) way) way {
	best, found := way{}, false
	for j := range n {
		if w := at(j); w.falseRate <= mostFalse && (!found || p.clear(&w).Recall(0) > p.clear(&best).Recall(0)) {
			best, found = w, true
		}
	}
	if !found {
		return way{name: family + ": no threshold has so few false alerts"}
	}
	best.name = family
	return best
}

func (p *pair) rival(i int) way {
	q, f := p.quiet.rivals[i], p.incidents.rivals[i]
	return p.tuned(q.family, len(q.thresholds), func(j int) way { return p.way(q.family, q.fired[j], f.fired[j]) })
}

// bound is the test that knows the truth; children at buttons are no falls to it.
func (p *pair) bound() way {
	q, f := p.quiet.bound, p.incidents.bound
	return p.tuned("likelihood ratio that knows the truth", len(q.thresholds), func(j int) way {
		quiet := slices.DeleteFunc(slices.Clone(q.fired[j]), func(a alert.Alert) bool { return p.quiet.ofChildren(&a) })
		return p.way("", quiet, f.fired[j])
	})
}

// clear are the falls of a grade for four hours.
func (p *pair) clear(w *way) *backtest.Score { return p.of(w.score, 0, 1, 4*time.Hour) }

// of returns the score of incidents with a rate of the store, a size and a length; 0 is any.
func (p *pair) of(s *backtest.Score, rate int, size float64, length time.Duration) *backtest.Score {
	some := &backtest.Score{}
	for i, f := range s.Found {
		n, _ := strconv.Atoi(strings.TrimPrefix(f.ID, "store-")) // the simulator's own names
		if (rate == 0 || rateOf(n-1) == rate) && (size == 0 || p.incidents.sizes[i].Grades == size) && (length == 0 || f.To.Sub(f.From) == length) {
			some.Found = append(some.Found, f)
		}
	}
	return some
}

func minutes(d time.Duration, found bool) string {
	switch {
	case !found:
		return "–"
	case d >= 3*time.Hour:
		return fmt.Sprintf("%.0f h", d.Hours())
	}
	return fmt.Sprintf("%.0f min", d.Minutes())
}

func share(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	return fmt.Sprintf("%.0f %%", 100*v)
}
