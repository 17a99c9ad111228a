package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"csatflow/sinks/alert/backtest"
)

type alertsCommand struct {
	Quiet int    `default:"10" help:"Quiet weeks, after four to learn from."`
	Weeks int    `default:"20" help:"Weeks with incidents, after four to learn from."`
	Seed  uint64 `default:"1" help:"Seed of the chains."`
	Out   string `default:"deploy/bench" placeholder:"DIR" help:"Where alerts.md and alerts.svg are written."`
}

func (alertsCommand) Help() string {
	return `Example:
  go run ./cmd/bench alerts

It simulates a chain of 100 stores twice, quiet and with incidents, and runs the rule satisfaction_drop at several levels, a fixed
threshold and a z-score over it, event by event. Some ten minutes.`
}

var levels = []float64{.1, .3, 1, 3, 10, 30}

// both are a quiet trial and a trial with incidents, for the same ways of alerting.
type both struct {
	quiet, incidents *trial
	rivals           []way // in the order of the trials' rivals
}

func (cmd *alertsCommand) Run(ctx context.Context) error {
	b := both{quiet: newTrial(), incidents: newTrial()}
	for _, t := range []struct {
		name  string
		trial *trial
		seed  uint64
		weeks int
	}{{"quiet weeks", b.quiet, cmd.Seed, cmd.Quiet}, {"weeks with incidents", b.incidents, cmd.Seed + 1, cmd.Weeks}} {
		began := time.Now()
		err := t.trial.run(ctx, t.seed, t.weeks, t.trial == b.quiet, func(done, total int) {
			fmt.Fprintf(os.Stderr, "\r%s: %s of %s events ", t.name, number(float64(done), 0), number(float64(total), 0))
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "\r%s: %s events in %s\n", t.name, number(float64(t.trial.events), 0), time.Since(began).Round(time.Second))
	}
	for i := range b.incidents.rivals {
		b.rivals = append(b.rivals, b.rival(i))
	}
	if err := b.plot(filepath.Join(cmd.Out, "alerts.svg")); err != nil {
		return err
	}
	return write(filepath.Join(cmd.Out, "alerts.md"), b.text())
}

func newTrial() *trial {
	t := &trial{}
	for _, l := range levels {
		t.watches = append(t.watches, &watched{falseAlerts: l})
	}
	for _, hold := range []time.Duration{0, 10 * time.Minute, 30 * time.Minute} {
		for below := 1.2; below < 5; below += .2 {
			t.rivals = append(t.rivals, backtest.Fixed(below, hold))
		}
	}
	for _, window := range []time.Duration{15 * time.Minute, time.Hour, 4 * time.Hour} {
		for beyond := 2.; beyond <= 7; beyond += .5 {
			t.rivals = append(t.rivals, backtest.ZScore(window, beyond))
		}
	}
	return t
}

// way is a way of alerting with its results.
type way struct {
	name      string
	falseRate float64 // per 100 stores and quiet week
	precision float64
	score     *backtest.Score
}

func (b *both) weekly(n int) float64 {
	return float64(n) / b.quiet.weeks / float64(storesOfRate*len(storeRates)) * 100
}

func (b *both) watch(i int) way {
	s := backtest.Judge(b.incidents.watches[i].fired, b.incidents.incidents)
	return way{name: fmt.Sprintf("csatflow, false_alerts %g", levels[i]), falseRate: b.weekly(len(b.quiet.watches[i].fired)), precision: s.Precision(), score: &s}
}

func (b *both) rival(i int) way {
	s := backtest.Judge(b.incidents.rivals[i].Fired, b.incidents.incidents)
	return way{name: b.incidents.rivals[i].Name, falseRate: b.weekly(len(b.quiet.rivals[i].Fired)), precision: s.Precision(), score: &s}
}

// best is the rival of a family that finds most, with no more false alerts than most.
func (b *both) best(family string, most float64) (best way, found bool) {
	for _, w := range b.rivals {
		if !strings.HasPrefix(w.name, family) {
			continue
		}
		if w.falseRate <= most && (!found || w.score.Recall(0) > best.score.Recall(0)) {
			best, found = w, true
		}
	}
	return best, found
}

// of returns the score of incidents with a rate of the store, a size and a length; 0 is any.
func (b *both) of(s *backtest.Score, rate int, size float64, length time.Duration) *backtest.Score {
	some := &backtest.Score{}
	for i, f := range s.Found {
		n, _ := strconv.Atoi(strings.TrimPrefix(f.ID, "store-")) // the simulator's own names
		if (rate == 0 || rateOf(n-1) == rate) && (size == 0 || b.incidents.sizes[i].Grades == size) && (length == 0 || f.To.Sub(f.From) == length) {
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

func share(v float64) string { return fmt.Sprintf("%.0f %%", 100*v) }

const alertsNotes = `# Alerts on simulated incidents

Made by ` + "`go run ./cmd/bench alerts`" + `. A chain of 100 stores, 20 of each rate (responses an hour between 9 and 20 o'clock), event by event in order of
arrival, 2 %% of them late by minutes to days; four weeks to learn from, then %[1]g quiet weeks in one chain, and in another %[2]g weeks with %[3]s incidents
(each store about every two and a half days, so that the past is full of them), beginning between 11 and 17 o'clock. A fall of a grade means that what is
perceived falls so far; grades end at 1. An incident counts as found by an alert of its store while it lasts or within an hour of its end; a
delay runs from its begin, and what was missed counts as never ("–" where that quantile was missed).
`

func (b *both) text() string {
	var t strings.Builder
	fmt.Fprintf(&t, alertsNotes, b.quiet.weeks, b.incidents.weeks, number(float64(len(b.incidents.incidents)), 0))
	t.WriteString("\n## Side by side\n\nThe usual ways tuned as well as they can be: of all their thresholds, holds and windows the one that finds most with no more false alerts than csatflow's default, and with ten times as many.\n\n")
	t.WriteString("| way | false alerts per 100 stores and quiet week | of its alerts right | found | found of 1 grade for 4 h or more | within 30 min |\n|---|--:|--:|--:|--:|--:|\n")
	at := slices.Index(levels, 1)
	ways := []way{b.watch(at)}
	var none []string
	for _, most := range []float64{1, 10} {
		for _, family := range []string{"mean of 5 minutes", "z of"} {
			if w, found := b.best(family, most); found {
				ways = append(ways, w)
			} else {
				none = append(none, fmt.Sprintf("No threshold of %q has at most %g.", family, most))
			}
		}
	}
	for _, w := range ways {
		clear := b.of(w.score, 0, 1, 4*time.Hour)
		clear.Found = append(clear.Found, b.of(w.score, 0, 1, 48*time.Hour).Found...)
		fmt.Fprintf(&t, "| %s | %.2f | %s | %s | %s | %s |\n", w.name, w.falseRate, share(w.precision), share(w.score.Recall(0)), share(clear.Recall(0)), share(clear.Recall(30*time.Minute)))
	}
	own := ways[0]
	if len(none) > 0 {
		t.WriteString("\n" + strings.Join(none, " ") + "\n")
	}
	t.WriteString("\n## Delay by rate and size, of incidents of 4 h and more\n\nMedian, and what 95 % are found within.\n\n| responses an hour |")
	for _, size := range dropSizes {
		fmt.Fprintf(&t, " %g grades: median | 95 %% | within 30 min |", size)
	}
	t.WriteString("\n|--:|" + strings.Repeat("--:|--:|--:|", len(dropSizes)) + "\n")
	for _, rate := range storeRates {
		fmt.Fprintf(&t, "| %d |", rate)
		for _, size := range dropSizes {
			s := b.of(own.score, rate, size, 4*time.Hour)
			s.Found = append(s.Found, b.of(own.score, rate, size, 48*time.Hour).Found...)
			fmt.Fprintf(&t, " %s | %s | %s |", minutes(s.Delay(.5)), minutes(s.Delay(.95)), share(s.Recall(30*time.Minute)))
		}
		t.WriteByte('\n')
	}
	t.WriteString("\n## Found by rate, size and length\n\n| responses an hour | length |")
	for _, size := range dropSizes {
		fmt.Fprintf(&t, " %g grades |", size)
	}
	t.WriteString("\n|--:|--:|" + strings.Repeat("--:|", len(dropSizes)) + "\n")
	for _, rate := range storeRates {
		for _, length := range dropTimes {
			fmt.Fprintf(&t, "| %d | %s |", rate, minutes(length, true))
			for _, size := range dropSizes {
				s := b.of(own.score, rate, size, length)
				fmt.Fprintf(&t, " %s of %d |", share(s.Recall(0)), len(s.Found))
			}
			t.WriteByte('\n')
		}
	}
	t.WriteString("\n## Over levels\n\n![recall against false alerts](alerts.svg)\n\n| false_alerts | seen per 100 stores and quiet week | alerts right | found | within 30 min |\n|--:|--:|--:|--:|--:|\n")
	for i := range levels {
		w := b.watch(i)
		fmt.Fprintf(&t, "| %g | %.2f | %s | %s | %s |\n", levels[i], w.falseRate, share(w.precision), share(w.score.Recall(0)), share(w.score.Recall(30*time.Minute)))
	}
	t.WriteString(boundNotes())
	return t.String()
}
