package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"csatflow/cmd/csatflow/config"
	"csatflow/cmd/csatflow/output"
	"csatflow/pipeline/dimension"
	"csatflow/sinks/clickhouse"
	"csatflow/sinks/insight/explain"
	"csatflow/sinks/insight/report"
	"csatflow/sinks/insight/report/document"
)

type reportCommand struct {
	configFlag
	From     string        `placeholder:"TIME" help:"Begin of the period: 2026-03-02 (a day of the configured time zone), 2026-03-02T08:00:00Z, or 7d (w, d or h before the end of the known events). Default: a week before --to."`
	To       string        `placeholder:"TIME" help:"End of the period, exclusive. Default: the end of the known events."`
	Scope    string        `placeholder:"KIND=ID" help:"Report on this scope only, like store=store-011."`
	Baseline time.Duration `default:"168h" placeholder:"TIME" help:"Length of the time before the period to compare with (${default})."`
	Format   string        `placeholder:"html|markdown" help:"Format: html, a self-contained page, or markdown. Default: by the extension of --output, else markdown." enum:",html,markdown" default:""`
	Output   string        `short:"o" placeholder:"FILE" help:"Where to write it, instead of standard output."`
	Language string        `name:"lang" default:"en" enum:"en,zh" help:"Language: en or zh (${default})."`
}

func (reportCommand) Help() string {
	return `Examples:
  csatflow report --config csatflow.yaml --from 2026-03-02 --to 2026-03-09 --output report.html
  csatflow report --config csatflow.yaml --scope store=store-011 --lang zh --output report.md

It says where satisfaction fell, since when and by how much; which parts carry the fall; what moved with it; importance
against performance; what to improve; and the satisfaction index of the comprehensive survey. If no scope fell by more
than chance explains, it says that nothing happened. It reads the views and events as received (clickhouse.raw_tables).

Exit code 0 when it was written, 1 when there is no response in the period, 2 for usage or configuration, 3 when
ClickHouse cannot be reached.`
}

func (cmd *reportCommand) Run(sys *system) error {
	c, err := cmd.checked(sys)
	if err != nil {
		return err
	}
	store, err := openAnswering(sys, &c.ClickHouse)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	from, to, err := knownTime(sys, store)
	if err != nil {
		return err
	}
	o, err := cmd.options(c, from, to)
	if err != nil {
		return usage(err)
	}
	out, err := output.Open(sys.stdout, cmd.Output)
	if err != nil {
		return usage(err)
	}
	defer out.Discard()
	r, err := document.Make(sys.ctx, store.Conn(), *o)
	if errors.Is(err, report.ErrNothing) {
		return answerNo(fmt.Errorf("%w (%s to %s; events are known from %s to %s)", err, o.From.UTC().Format(time.RFC3339), o.To.UTC().Format(time.RFC3339), from.Format(time.RFC3339), to.Format(time.RFC3339)))
	}
	if err != nil {
		return err
	}
	write := r.Markdown
	if cmd.Format == "html" || cmd.Format == "" && strings.EqualFold(filepath.Ext(cmd.Output), ".html") {
		write = r.HTML
	}
	if err = write(out); err == nil {
		err = out.Keep()
	}
	if err != nil {
		return usage(fmt.Errorf("writing the report: %w", err))
	}
	return nil
}

// knownTime returns the period of the known events; without events it answers no.
func knownTime(sys *system, store *clickhouse.Store) (from, to time.Time, err error) {
	from, to, err = store.Known(sys.ctx)
	if err == nil && from.IsZero() {
		err = answerNo(errors.New("no responses and purchases are stored yet: csatflow run reads them"))
	}
	return from, to, err
}

// options reads the flags. Events are known from knownFrom to knownTo.
func (cmd *reportCommand) options(c *config.Config, knownFrom, knownTo time.Time) (*report.Options, error) {
	zone, err := c.Zone()
	if err != nil {
		return nil, err
	}
	dimensions, err := c.Dimensions()
	if err != nil {
		return nil, err
	}
	words, err := c.Vocabulary()
	if err != nil {
		return nil, err
	}
	o := &report.Options{Database: c.ClickHouse.Database, Dimensions: dimensions, Words: words, Zone: zone, Chinese: cmd.Language == "zh", Before: cmd.Baseline.Truncate(time.Hour)}
	o.To = knownTo.Add(time.Hour - 1).Truncate(time.Hour)
	if cmd.To != "" {
		if o.To, err = instantOf("--to", cmd.To, zone, knownTo); err != nil {
			return nil, err
		}
	}
	o.From = o.To.AddDate(0, 0, -7)
	if cmd.From != "" {
		if o.From, err = instantOf("--from", cmd.From, zone, knownTo); err != nil {
			return nil, err
		}
	} else if o.From.Before(knownFrom) {
		o.From = knownFrom.Truncate(time.Hour)
	}
	switch {
	case !o.From.Before(o.To):
		return nil, fmt.Errorf("--from (%s) must be before --to (%s)", o.From.Format(time.RFC3339), o.To.Format(time.RFC3339))
	case o.To.Sub(o.From) > 370*24*time.Hour || o.Before < 0 || o.Before > 370*24*time.Hour:
		return nil, errors.New("the period and --baseline must be at most a year each")
	case o.To.Sub(o.From) < time.Hour:
		return nil, errors.New("the period must be at least an hour")
	}
	if cmd.Scope != "" {
		var found bool
		if o.Kind, o.ID, found = strings.Cut(cmd.Scope, "="); !found || o.ID == "" {
			return nil, fmt.Errorf("--scope must be KIND=ID, like store=store-011, is %q", cmd.Scope)
		}
		if !explain.HasKind(dimensions, o.Kind) {
			return nil, fmt.Errorf("--scope: %w", dimension.Unknown("kind of scope", o.Kind, explain.Kinds(dimensions)))
		}
	}
	return o, nil
}

// instantOf parses a day of the zone, an instant, or a time before the end of the known events, like 7d, rounded to the hour.
func instantOf(flag, text string, zone *time.Location, end time.Time) (time.Time, error) {
	if before, ok := ago(text); ok {
		if end.IsZero() {
			return end, fmt.Errorf("%s: %s is a time before the end of the events, and there are none yet", flag, text)
		}
		return end.Add(-before).Truncate(time.Hour), nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		if t, err = time.Parse(time.RFC3339, text); err != nil {
			return t, fmt.Errorf("%s: %q is neither a day like 2026-03-02, nor a time like 2026-03-02T08:00:00Z, nor a time before the end of the events like 7d or 36h", flag, text)
		}
	}
	return t.Truncate(time.Hour), nil
}

// ago reads a number of weeks, days or hours, like 2w, 7d and 36h.
func ago(text string) (before time.Duration, ok bool) {
	if text == "" {
		return 0, false
	}
	unit, known := map[byte]time.Duration{'w': 7 * 24 * time.Hour, 'd': 24 * time.Hour, 'h': time.Hour}[text[len(text)-1]]
	n, err := strconv.ParseUint(text[:len(text)-1], 10, 16)
	return time.Duration(n) * unit, known && err == nil
}
