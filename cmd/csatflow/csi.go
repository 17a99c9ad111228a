package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"csatflow/pipeline/pls"
	servicemodel "csatflow/schemas/service"
	"csatflow/sinks/insight/report/document"
)

type csiCommand struct {
	configFlag
	From    string `placeholder:"TIME" help:"Begin of the survey, like 2026-03-01. Default: a year before --to."`
	To      string `placeholder:"TIME" help:"End of the survey, exclusive. Default: the end of the known events."`
	Scope   string `placeholder:"KIND=ID" help:"Only the answers of this scope, like region=north."`
	Samples int    `default:"200" help:"Bootstrap samples for the intervals (${default})."`
	DryRun  bool   `help:"Print the model and write nothing."`
}

func (csiCommand) Help() string {
	return `Example:
  csatflow csi --config csatflow.yaml --from 2025-03-01 --to 2026-03-01

It estimates the satisfaction index from the comprehensive survey: six latent variables and the paths between them (PLS path
model, Mode A, path scheme), with 95 % bootstrap intervals. The view csi has the newest estimate of each period.

Exit code 0 when the model was estimated, 1 when the answers do not determine it, 2 for usage or configuration, 3 when
ClickHouse cannot be reached.`
}

func (cmd *csiCommand) Run(sys *system) error {
	c, err := cmd.checked(sys)
	if err != nil {
		return err
	}
	store, err := openAnswering(sys, &c.ClickHouse)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	knownFrom, knownTo, err := knownTime(sys, store)
	if err != nil {
		return err
	}
	if cmd.Samples < 2 || cmd.Samples > 100_000 {
		return usage(fmt.Errorf("--samples must be 2 to 100000, is %d", cmd.Samples))
	}
	flags := reportCommand{From: cmd.From, To: cmd.To, Scope: cmd.Scope}
	if cmd.From == "" {
		flags.From = knownFrom.Format(time.RFC3339)
		if yearBefore := knownTo.AddDate(-1, 0, 0); yearBefore.After(knownFrom) {
			flags.From = yearBefore.Format(time.RFC3339)
		}
	}
	o, err := flags.options(c, knownFrom, knownTo)
	if err != nil {
		return usage(err)
	}
	b, model, err := document.Index(sys.ctx, store.Conn(), o, cmd.Samples)
	if pls.Undetermined(err) {
		return answerNo(fmt.Errorf("the comprehensive survey from %s to %s: %w", o.From.Format(time.DateOnly), o.To.Format(time.DateOnly), err))
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(sys.stdout, "%d complete answers (%d left out), %s to %s\n\n", b.Fit.Rows, b.Fit.Missing, o.From.Format(time.DateOnly), o.To.Format(time.DateOnly))
	if err := tellIndex(sys.stdout, b, model); err != nil {
		return err
	}
	if cmd.DryRun {
		return nil
	}
	return document.Keep(sys.ctx, store.Conn(), o, b, time.Now())
}

func tellIndex(out io.Writer, b *pls.Bootstrap, model *servicemodel.Questionnaire) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "VARIABLE\tINDEX\t95 %\tR²\tALPHA\tRHO\tAVE")
	for i, l := range b.Fit.Latents {
		v := b.Index[i]
		fmt.Fprintf(w, "%s\t%.1f\t%.1f to %.1f\t%.3f\t%.3f\t%.3f\t%.3f\n", l.ID, v.Estimate, v.Low, v.High, l.R2, l.Alpha, l.Rho, l.AVE)
	}
	fmt.Fprintln(w, "\nPATH\tCOEFFICIENT\t95 %")
	for i, p := range b.Fit.Paths {
		v := b.Paths[i]
		fmt.Fprintf(w, "%s -> %s\t%.3f\t%.3f to %.3f\n", p.From, p.To, v.Estimate, v.Low, v.High)
	}
	fmt.Fprintln(w, "\nQUESTION\tLOADING\t95 %\tWEIGHT\tMEAN\t")
	for i, q := range b.Fit.Indicators {
		text := ""
		for _, asked := range model.Questions {
			if asked.ID == q.ID {
				text = asked.Text.English
			}
		}
		v := b.Loadings[i]
		fmt.Fprintf(w, "%s\t%.3f\t%.3f to %.3f\t%.3f\t%.2f\t%s\n", q.ID, v.Estimate, v.Low, v.High, q.Weight, q.Mean, text)
	}
	return w.Flush()
}
