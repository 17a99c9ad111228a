package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"csatflow/cmd/csatflow/config"
	"csatflow/cmd/csatflow/output"
	"csatflow/pipeline/dimension"
	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
	"csatflow/sinks/alert/backtest"
	"csatflow/sinks/alert/watch"
	"csatflow/sinks/insight/sweep"
)

type backtestCommand struct {
	configFlag
	From      string    `placeholder:"TIME" help:"Begin: 2026-03-02 (a day of the configured time zone), 2026-03-02T08:00:00Z, or 7d (w, d or h before the end of the known events). Default: four weeks after the first event, or the middle of a shorter history."`
	To        string    `placeholder:"TIME" help:"End, exclusive. Default: the end of the known events."`
	Incidents string    `placeholder:"FILE" type:"existingfile" help:"Known incidents to compare alerts with: one JSON object a line, {\"scope_kind\":\"store\",\"scope_id\":\"store-016\",\"from\":TIME,\"to\":TIME}, or the truth.json of a simulated feed."`
	Rules     []string  `placeholder:"NAME" help:"Only these rules."`
	Sweep     []float64 `placeholder:"N" help:"Run at each of these levels of alerts.rules.false_alerts, like 0.1,1,10, and compare."`
	Plot      string    `placeholder:"FILE.svg" help:"Draw recall by false alerts over the levels of --sweep (with --incidents)."`
	Format    string    `enum:"text,json" default:"text" help:"text, or json: one alert a line."`
}

func (backtestCommand) Help() string {
	return `Examples:
  csatflow backtest --config csatflow.yaml --from 2026-03-02 --to 2026-04-01
  csatflow backtest --config csatflow.yaml --incidents incidents.jsonl --sweep 0.1,1,10 --plot sweep.svg

It runs the configured rules over stored history, as if every five minutes of it were now, and prints the alerts that they
would have raised; it raises none. At each time it uses only earlier events; late events count at their own time. Rules about
single customers and their risk are left out, since the tables have only their present state.

Exit code 0 when it ran, 1 when there is no history in that time, 2 for usage or configuration, 3 when ClickHouse cannot be reached.`
}

func (cmd *backtestCommand) Run(sys *system) error {
	c, err := cmd.checked(sys)
	if err != nil {
		return err
	}
	if cmd.Plot != "" && (len(cmd.Sweep) == 0 || cmd.Incidents == "") {
		return usage(errors.New("--plot draws levels by known incidents: give --sweep and --incidents too"))
	}
	rules := *c.Alerts.Rules.OfThePast()
	for _, name := range cmd.Rules {
		if !slices.Contains(ruleset.Names(), name) {
			return usage(fmt.Errorf("--rules: no rule %q: one of %s", name, strings.Join(ruleset.Names(), ", ")))
		}
	}
	for _, name := range ruleset.Names() {
		if len(cmd.Rules) > 0 && !slices.Contains(cmd.Rules, name) {
			rules.Off = append(rules.Off, name)
		}
	}
	var incidents []backtest.Incident
	if cmd.Incidents != "" {
		if incidents, err = backtest.ReadIncidents(cmd.Incidents); err != nil {
			return usage(fmt.Errorf("--incidents: %w", err))
		}
	}
	store, err := openAnswering(sys, &c.ClickHouse)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	known, last, err := knownTime(sys, store)
	if err != nil {
		return err
	}
	from, to, err := cmd.period(c, known, last)
	if err != nil {
		return usage(err)
	}
	incidents = slices.DeleteFunc(incidents, func(i backtest.Incident) bool { return i.From.Before(from) || !i.From.Before(to) })
	if cmd.Incidents != "" && len(incidents) == 0 {
		return answerNo(fmt.Errorf("%s has no incident that begins between %s and %s", cmd.Incidents, from.Format(time.RFC3339), to.Format(time.RFC3339)))
	}
	model, err := tablesFor(c)
	if err != nil {
		return err
	}
	kinds, err := c.ScopeKinds()
	if err != nil {
		return usage(err)
	}
	zone, err := c.Zone()
	if err != nil {
		return usage(err)
	}
	over := history{alertViews(store.Conn(), model), watch.Explainer(store.Conn(), c.ClickHouse.Database, kinds.Set()), kinds.Set(), zone, from, to, incidents}
	levels := cmd.Sweep
	if len(levels) == 0 {
		levels = []float64{rules.FalseAlerts}
	}
	swept := make([]backtest.Level, len(levels))
	for i, level := range levels {
		set := rules
		set.FalseAlerts = level
		if err := set.Check(kinds.Names()); err != nil {
			return usage(fmt.Errorf("--sweep: %w", err))
		}
		if swept[i], err = cmd.level(sys, &set, &over); err != nil {
			return err
		}
	}
	if err := cmd.tell(sys.stdout, swept, incidents, from, to); err != nil {
		return err
	}
	if cmd.Plot != "" {
		return sweep.Plot(cmd.Plot, swept)
	}
	return nil
}

// history is the stored history of a backtest.
type history struct {
	source    watch.Source
	explain   watch.Explain
	of        *dimension.Set
	zone      *time.Location
	from, to  time.Time
	incidents []backtest.Incident
}

func (cmd *backtestCommand) level(sys *system, rules *ruleset.Rules, over *history) (l backtest.Level, err error) {
	done, finish := output.Bar(sys.stderr, fmt.Sprintf("%s to %s", over.from.Format(time.DateOnly), over.to.Format(time.DateOnly)), int64(over.to.Sub(over.from)/alert.Step))
	defer finish()
	alerts, err := backtest.Run(sys.ctx, rules, over.of, over.zone, &watch.Ahead{Source: over.source}, over.explain, over.from, over.to, func(at time.Time) { done(int64(at.Sub(over.from) / alert.Step)) })
	if err != nil {
		return l, err
	}
	return backtest.Level{FalseAlerts: rules.FalseAlerts, Alerts: alerts, Score: backtest.Judge(alerts, over.incidents)}, nil
}

// period reads the flags; events are known from first to last.
func (cmd *backtestCommand) period(c *config.Config, first, last time.Time) (from, to time.Time, err error) {
	zone, err := c.Zone()
	if err != nil {
		return from, to, err
	}
	from, to = first.AddDate(0, 0, 28), last
	if !from.Before(last) {
		from = first.Add(last.Sub(first) / 2)
	}
	if cmd.From != "" {
		if from, err = instantOf("--from", cmd.From, zone, last); err != nil {
			return from, to, err
		}
	}
	if cmd.To != "" {
		if to, err = instantOf("--to", cmd.To, zone, last); err != nil {
			return from, to, err
		}
	}
	from, to = from.UTC().Truncate(time.Hour), to.UTC().Truncate(alert.Step)
	switch {
	case !from.Before(to):
		err = fmt.Errorf("--from (%s) must be before --to (%s)", from.Format(time.RFC3339), to.Format(time.RFC3339))
	case !from.Before(last):
		err = fmt.Errorf("--from (%s) must be before the end of the known events (%s)", from.Format(time.RFC3339), last.Format(time.RFC3339))
	}
	return from, to, err
}

func (cmd *backtestCommand) tell(to io.Writer, levels []backtest.Level, incidents []backtest.Incident, from, until time.Time) error {
	if cmd.Format == "json" {
		e := json.NewEncoder(to)
		for i := range levels {
			for _, a := range levels[i].Alerts {
				if err := e.Encode(a); err != nil {
					return err
				}
			}
		}
		return nil
	}
	for i := range levels {
		l := &levels[i]
		fmt.Fprintf(to, "%s to %s, false_alerts %g: %d alerts", from.Format(time.RFC3339), until.Format(time.RFC3339), l.FalseAlerts, len(l.Alerts))
		if len(incidents) > 0 {
			found := l.Score.Recall(0) * float64(len(incidents))
			fmt.Fprintf(to, ", %d of %d incidents found, precision %.0f %%", int(found+.5), len(incidents), 100*l.Score.Precision())
			if d, ok := l.Score.Delay(.5); ok {
				fmt.Fprintf(to, ", median delay %s", d.Round(time.Minute))
			}
		}
		fmt.Fprintln(to)
		if len(levels) > 1 {
			continue
		}
		t := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "found\tsince\tuntil\trule\tscope\tvalue\texpected\tcases")
		for j := range l.Alerts {
			a := &l.Alerts[j]
			end := "firing"
			if !a.Resolved.IsZero() {
				end = a.Resolved.Format(shortTime)
			}
			scope := a.Scope()
			if a.Part != "" {
				scope += " " + a.Part
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%.2f\t%.2f\t%d\n", a.Fired.Format(shortTime), a.Start.Format(shortTime), end, a.Rule, scope, a.Value, a.Expected, a.Cases)
		}
		if err := t.Flush(); err != nil {
			return err
		}
		for _, f := range l.Score.Found {
			if f.Alert == nil {
				fmt.Fprintf(to, "missed: %s %s, %s to %s %s\n", f.Kind, f.ID, f.From.Format(shortTime), f.To.Format(shortTime), f.Note)
			}
		}
	}
	return nil
}

const shortTime = "2006-01-02 15:04"
