package main

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"text/tabwriter"
	"time"

	"csatflow/cmd/csatflow/config"
	"csatflow/sinks/clickhouse"
	"csatflow/sinks/insight/improvement"
)

type improvementCommand struct {
	Add   improvementAddCommand   `cmd:"" help:"Add an improvement (plan, do)."`
	List  improvementListCommand  `cmd:"" help:"List improvements and their effects."`
	Check improvementCheckCommand `cmd:"" help:"Compare before and after with untreated scopes (check)."`
	Close improvementCloseCommand `cmd:"" help:"Note the decision (act)."`
}

func (improvementCommand) Help() string {
	return improvementExample
}

const improvementExample = `Example:
  csatflow improvement add --config csatflow.yaml --name "Two more at the tills" --scope store=store-011 \
    --measure mean_grade --target 0.3 --change 2026-03-16
  csatflow improvement check --config csatflow.yaml two-more-at-the-tills --days 28
  csatflow improvement close --config csatflow.yaml two-more-at-the-tills --outcome adopted
`

// withLog opens the improvements of the configured database.
func withLog(sys *system, f *configFlag, do func(*improvement.Log, *config.Config, *clickhouse.Store) error) error {
	c, err := f.checked(sys)
	if err != nil {
		return err
	}
	store, err := openAnswering(sys, &c.ClickHouse)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	err = do(&improvement.Log{Conn: store.Conn(), Database: c.ClickHouse.Database}, c, store)
	if errors.Is(err, improvement.ErrNone) || errors.Is(err, improvement.ErrTwice) {
		return usage(err)
	}
	return err
}

type improvementAddCommand struct {
	configFlag
	Name    string  `required:"" help:"What is done."`
	ID      string  `name:"id" placeholder:"ID" help:"Short name of letters, digits and dashes. Default: made from --name."`
	Measure string  `default:"mean_grade" help:"The measure to change: a column of the views satisfaction or recovery (${default})."`
	Scope   string  `required:"" placeholder:"KIND=ID" help:"Where, like store=store-011."`
	New     bool    `help:"The scope is still to come: it has no response and no complaint yet."`
	Target  float64 `help:"By how much the measure should change."`
	Method  string  `default:"pdca" enum:"pdca,six_sigma" help:"pdca or six_sigma (${default})."`
	Planned string  `placeholder:"TIME" help:"When it was planned. Default: now."`
	Change  string  `required:"" placeholder:"TIME" help:"When the change begins: a day of the configured time zone, like 2026-03-16, a time, or 14d (before the end of the known events)."`
	Note    string  `help:"Anything else."`
}

func (improvementAddCommand) Help() string { return improvementExample }

var (
	notInID = regexp.MustCompile(`[^a-z0-9]+`)
	goodID  = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)
)

func (cmd *improvementAddCommand) Run(sys *system) error {
	return withLog(sys, &cmd.configFlag, func(log *improvement.Log, c *config.Config, store *clickhouse.Store) error {
		p := &improvement.Plan{ID: cmd.ID, Name: cmd.Name, Measure: cmd.Measure, Method: cmd.Method, Target: cmd.Target, Note: cmd.Note, PlannedAt: time.Now().UTC().Truncate(time.Second)}
		if p.ID == "" {
			p.ID = strings.Trim(notInID.ReplaceAllString(strings.ToLower(cmd.Name), "-"), "-")
		}
		if !goodID.MatchString(p.ID) {
			return usage(fmt.Errorf("--id must be 1 to 64 small letters, digits and dashes, is %q", p.ID))
		}
		var found bool
		if p.ScopeKind, p.ScopeID, found = strings.Cut(cmd.Scope, "="); !found || p.ScopeID == "" {
			return usage(fmt.Errorf("--scope must be KIND=ID, like store=store-011, is %q: it is compared with the other scopes of the kind", cmd.Scope))
		}
		switch err := log.Seen(sys.ctx, p.ScopeKind, p.ScopeID); {
		case errors.Is(err, improvement.ErrUnseen) && !cmd.New:
			return usage(fmt.Errorf("--scope %s: %w (with --new it is planned for one that is still to come)", cmd.Scope, err))
		case errors.Is(err, improvement.ErrKind):
			return usage(fmt.Errorf("--scope %s: %w", cmd.Scope, err))
		case err != nil && !errors.Is(err, improvement.ErrUnseen):
			return err
		}
		zone, err := c.Zone()
		if err != nil {
			return usage(err)
		}
		_, end, err := store.Known(sys.ctx)
		if err != nil {
			return err
		}
		change, err := instantOf("--change", cmd.Change, zone, end)
		if err != nil {
			return usage(err)
		}
		change = change.UTC()
		p.ChangedAt = &change
		if cmd.Planned != "" {
			planned, err := instantOf("--planned", cmd.Planned, zone, end)
			if err != nil {
				return usage(err)
			}
			p.PlannedAt = planned.UTC()
		}
		if err := log.Add(sys.ctx, p); err != nil {
			return usage(err)
		}
		fmt.Fprintf(sys.stdout, "planned %s: %s in %s %s from %s on\n", p.ID, p.Measure, p.ScopeKind, p.ScopeID, change.Format(time.RFC3339))
		return nil
	})
}

type improvementListCommand struct{ configFlag }

func (improvementListCommand) Help() string { return improvementExample }

func (cmd *improvementListCommand) Run(sys *system) error {
	return withLog(sys, &cmd.configFlag, func(log *improvement.Log, _ *config.Config, _ *clickhouse.Store) error {
		list, err := log.List(sys.ctx)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			fmt.Fprintln(sys.stdout, "no improvement yet: csatflow improvement add --help")
			return nil
		}
		w := tabwriter.NewWriter(sys.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ID\tSTATE\tSCOPE\tMEASURE\tTARGET\tCHANGED\tEFFECT\t95 %\tOUTCOME")
		for i := range list {
			p := &list[i]
			changed, effect, interval := "", "", ""
			if p.ChangedAt != nil {
				changed = p.ChangedAt.Format(time.DateOnly)
			}
			if p.Effect != nil {
				effect, interval = fmt.Sprintf("%+.3f", *p.Effect), fmt.Sprintf("%+.3f to %+.3f", *p.Low, *p.High)
			}
			fmt.Fprintf(w, "%s\t%s\t%s %s\t%s\t%+.3g\t%s\t%s\t%s\t%s\n", p.ID, p.State, p.ScopeKind, p.ScopeID, p.Measure, p.Target, changed, effect, interval, p.Outcome)
		}
		return w.Flush()
	})
}

type improvementCheckCommand struct {
	configFlag
	ID   string `arg:"" help:"The improvement."`
	Days int    `default:"28" help:"How many days before and after the change to compare, at most (${default})."`
}

func (improvementCheckCommand) Help() string {
	return improvementExample + `
The effect is how much more the measure changed in the scope than in scopes of the same kind in which nothing was changed:
the synthetic difference in differences (Arkhangelsky et al. 2021), which weights scopes and days so that they run in parallel
before the change. First comes the placebo share: how many of all scopes would show as large an effect if the change had been
theirs. It and the interval hold if days are correlated and scopes have trends of their own; not if the scope was chosen for
its past, which is warned of. Exit code 1 if there is too little to compare.`
}

func (cmd *improvementCheckCommand) Run(sys *system) error {
	if cmd.Days < 3 || cmd.Days > 366 {
		return usage(fmt.Errorf("--days must be 3 to 366, is %d", cmd.Days))
	}
	return withLog(sys, &cmd.configFlag, func(log *improvement.Log, _ *config.Config, _ *clickhouse.Store) error {
		p, err := log.Find(sys.ctx, cmd.ID)
		if err != nil {
			return err
		}
		e, err := log.Check(sys.ctx, p, cmd.Days)
		if errors.Is(err, improvement.ErrTooLittle) {
			return answerNo(err)
		}
		if err != nil {
			return err
		}
		p.Take(e, time.Now().UTC().Truncate(time.Second))
		if err := log.Put(sys.ctx, p); err != nil {
			return err
		}
		sayEffect(sys.stdout, p, e)
		return nil
	})
}

// sayEffect writes a check for people, what assumes least first.
func sayEffect(w io.Writer, p *improvement.Plan, e *improvement.Effect) {
	fmt.Fprintf(w, "as large without a change in %.0f %% of the scopes (placebo share)\n", 100*e.Placebo)
	fmt.Fprintf(w, "effect %+.3f, 95 %% interval %+.3f to %+.3f, by %s; target %+.3g\n", e.Effect, e.Low, e.High, e.Method, p.Target)
	fmt.Fprintf(w, "%s in %s %s: %.3f before (%d days), %.3f after (%d days)\n", p.Measure, p.ScopeKind, p.ScopeID, e.Before, e.DaysBefore, e.After, e.DaysAfter)
	fmt.Fprintf(w, "%d untreated scopes: %.3f before, %.3f after; plain difference in differences %+.3f\n", e.Controls, e.ControlBefore, e.ControlAfter, e.Difference)
	if len(e.Gaps) > 0 {
		fmt.Fprintf(w, "less the untreated, by day: %s\n", e.Drawn())
		fmt.Fprintf(w, "trend against them before the change: %+.4f a day, as large in %.0f %% of the scopes\n", e.Trend.Slope, 100*e.Trend.Placebo)
		fmt.Fprintf(w, "by regression to the mean alone: %+.3f\n", e.Extreme.Regression)
	}
	for _, warning := range e.Warnings() {
		fmt.Fprintln(w, warning)
	}
}

type improvementCloseCommand struct {
	configFlag
	ID      string `arg:"" help:"The improvement."`
	Outcome string `required:"" enum:"adopted,adjusted,dropped" help:"What was decided: adopted, adjusted or dropped."`
	Note    string `help:"Why."`
}

func (improvementCloseCommand) Help() string { return improvementExample }

func (cmd *improvementCloseCommand) Run(sys *system) error {
	return withLog(sys, &cmd.configFlag, func(log *improvement.Log, _ *config.Config, _ *clickhouse.Store) error {
		p, err := log.Find(sys.ctx, cmd.ID)
		if err != nil {
			return err
		}
		now := time.Now().UTC().Truncate(time.Second)
		p.ClosedAt, p.Outcome = &now, cmd.Outcome
		if cmd.Note != "" {
			p.Note = cmd.Note
		}
		if err := log.Put(sys.ctx, p); err != nil {
			return err
		}
		fmt.Fprintf(sys.stdout, "closed %s: %s\n", p.ID, p.Outcome)
		return nil
	})
}
