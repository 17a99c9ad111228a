package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"csatflow/cmd/csatflow/config"
	"csatflow/cmd/csatflow/output"
	"csatflow/pipeline/churn"
	"csatflow/pipeline/churn/calibration"
	"csatflow/pipeline/customer"
	"csatflow/sinks/clickhouse"
)

type churnCommand struct {
	Fit      churnFitCommand      `cmd:"" help:"Learn the weights from stored histories and from who left, and write them to a file."`
	Evaluate churnEvaluateCommand `cmd:"" help:"Measure how well weights tell who leaves."`
}

func (churnCommand) Help() string {
	return "Example:\n  csatflow churn fit --config csatflow.yaml --output churn-weights.yaml --plot calibration.svg\n  csatflow churn evaluate --config csatflow.yaml --weights churn-weights.yaml"
}

// churnFlags choose the examples.
type churnFlags struct {
	configFlag
	Horizon int     `default:"30" placeholder:"DAYS" help:"A customer counts as leaving if they leave within this many days (${default})."`
	Step    int     `default:"7" placeholder:"DAYS" help:"Days between two looks at the customers (${default})."`
	Labels  string  `placeholder:"FILE" help:"Who left, as lines customer_id,time (or the truth.json of simulate). Default: who made no purchase within --horizon, or departed."`
	Plot    string  `placeholder:"FILE" help:"Draw the calibration to a .svg, .png or .pdf file."`
	Split   float64 `default:"0.6" placeholder:"SHARE" help:"Learn from this first part of the time, judge by the rest (${default})."`
}

type churnFitCommand struct {
	churnFlags
	L2     float64 `name:"l2" default:"1" placeholder:"PENALTY" help:"Penalty on the squares of the weights, for inputs scaled to a standard deviation of 1 (${default})."`
	Output string  `short:"o" default:"churn-weights.yaml" placeholder:"FILE" help:"Where to write the weights (${default})."`
}

func (churnFitCommand) Help() string {
	return `Example:
  csatflow churn fit --config csatflow.yaml --horizon 30 --output churn-weights.yaml --plot calibration.svg

Its examples are customers with a purchase, as they were known every --step days, and whether they made none (or departed)
within the --horizon after. With --labels, whoever the file says left. Beside the weights it measures what is simple: one risk for
all, recency, frequency, the overdue purchase, RFM and BG/NBD, learnt from the same examples. It learns from the first part of the time (--split), whose horizons end before the second part begins, and judges by the second. Set
measures.churn_weights_file to the file.

Exit code 0 when weights were written, 1 when nobody left or everybody did, 2 for usage or configuration, 3 when ClickHouse
cannot be reached.`
}

type churnEvaluateCommand struct {
	churnFlags
	Weights []string `placeholder:"FILE" help:"Files of weights to judge, from churn fit. Default: the configured weights."`
}

func (churnEvaluateCommand) Help() string {
	return `Examples:
  csatflow churn evaluate --config csatflow.yaml
  csatflow churn evaluate --config csatflow.yaml --weights churn-weights.yaml --plot calibration.svg

It judges by the same part of the time as churn fit (the last 40 %, see --split), so that weights are not judged by the
examples from which they were learnt.`
}

const churnDay = 24 * time.Hour

// churnData has the examples of both parts of the time.
type churnData struct {
	learn, judge []churn.Example
	config       *config.Config
	tiers        [3]float64
}

// data reads the histories and makes the examples.
func (f *churnFlags) data(sys *system) (*churnData, error) {
	switch {
	case f.Horizon < 1 || f.Step < 1:
		return nil, usage(fmt.Errorf("--horizon and --step must be at least a day, are %d and %d", f.Horizon, f.Step))
	case !(f.Split > 0 && f.Split < 1):
		return nil, usage(fmt.Errorf("--split must be a share above 0 and below 1, is %v", f.Split))
	}
	c, err := f.checked(sys)
	if err != nil {
		return nil, err
	}
	store, err := openAnswering(sys, &c.ClickHouse)
	if err != nil {
		return nil, err
	}
	defer func() { _ = store.Close() }()
	d := &churnData{config: c}
	if err := f.read(sys, store, d); err != nil {
		return nil, err
	}
	return d, nil
}

func (f *churnFlags) read(sys *system, store *clickhouse.Store, d *churnData) error {
	set, err := d.config.Settings(1)
	if err != nil {
		return usage(err)
	}
	from, to, err := knownTime(sys, store)
	if err != nil {
		return err
	}
	horizon := time.Duration(f.Horizon) * churnDay
	if to.Sub(from) < 2*horizon {
		return usage(fmt.Errorf("events are known from %s to %s: learning and judging need at least two horizons of %d days. Choose a shorter --horizon, or wait", from.Format(time.DateOnly), to.Format(time.DateOnly), f.Horizon))
	}
	if d.tiers, err = store.TierSpend(sys.ctx); err != nil {
		return err
	}
	if set.Model.TierSpend == ([3]float64{}) {
		set.Model.TierSpend = d.tiers
	}
	o := &churn.Options{Settings: set, Horizon: horizon, Step: time.Duration(f.Step) * churnDay, From: from.Add(time.Duration(f.Step) * churnDay), To: to.Add(-horizon), Silent: f.Labels == ""}
	if f.Labels != "" {
		if o.Left, err = churn.ReadLabels(f.Labels); err != nil {
			err = usage(err)
		}
	} else {
		o.Left, err = store.Departures(sys.ctx)
	}
	if err != nil {
		return err
	}
	partitions, err := store.HistoryPartitions(sys.ctx)
	if err != nil {
		return err
	}
	slices.Sort(partitions)
	learnt := from.Add(time.Duration(f.Split * float64(to.Sub(from)-2*horizon)))
	judged := learnt.Add(horizon)
	bar := output.Partitions(sys.stderr, len(partitions))
	defer bar.Finish()
	for _, p := range partitions {
		list, err := churn.Collect(sys.ctx, store, p, o)
		if err != nil {
			return err
		}
		for _, e := range list {
			switch at := time.UnixMilli(e.At); {
			case !at.Before(judged):
				d.judge = append(d.judge, e)
			case !at.After(learnt):
				d.learn = append(d.learn, e)
			}
		}
		bar.Step()
	}
	if len(d.learn) == 0 || len(d.judge) == 0 {
		return answerNo(fmt.Errorf("no look at customers who had bought falls into the time to learn from, %s to %s, or none into that to judge by, %s to %s: choose a shorter --step (%d days) or --horizon (%d days)",
			o.From.Format(time.DateOnly), learnt.Format(time.DateOnly), judged.Format(time.DateOnly), o.To.Format(time.DateOnly), f.Step, f.Horizon))
	}
	return nil
}

func (cmd *churnFitCommand) Run(sys *system) error {
	d, err := cmd.data(sys)
	if err != nil {
		return err
	}
	set, err := d.config.Settings(1)
	if err != nil {
		return usage(err)
	}
	like := set.Model
	like.TierSpend = d.tiers
	horizon := time.Duration(cmd.Horizon) * churnDay
	if cmd.Labels != "" {
		horizon = 0
	}
	fitted, err := churn.Fit(d.learn, cmd.L2, horizon, &like)
	if err != nil {
		return answerNo(fmt.Errorf("the part of the time to learn from (--split): %w", err))
	}
	text, err := fitted.YAML()
	if err != nil {
		return err
	}
	curves := []calibration.Curve{{Name: "configuration", Model: &set.Model}, {Name: "fitted", Model: fitted}}
	if err := d.tell(sys.stdout, cmd.Horizon, curves); err != nil {
		return err
	}
	tellWeights(sys.stdout, &set.Model, fitted)
	head := fmt.Sprintf("# Weights of the churn score, learnt by csatflow churn fit from %d examples, %d days ahead.\n# Put this file into the configuration as measures.churn_weights_file.\n", len(d.learn), cmd.Horizon)
	if err := os.WriteFile(cmd.Output, append([]byte(head), text...), 0o644); err != nil {
		return usage(fmt.Errorf("writing the weights: %w", err))
	}
	fmt.Fprintf(sys.stdout, "\nwrote %s\n", cmd.Output)
	return cmd.draw(sys, d, curves)
}

func (cmd *churnEvaluateCommand) Run(sys *system) error {
	d, err := cmd.data(sys)
	if err != nil {
		return err
	}
	set, err := d.config.Settings(1)
	if err != nil {
		return usage(err)
	}
	var curves []calibration.Curve
	for _, file := range cmd.Weights {
		m, err := customer.LoadModel(file)
		if err != nil {
			return usage(err)
		}
		curves = append(curves, calibration.Curve{Name: file, Model: &m})
	}
	if len(curves) == 0 {
		curves = []calibration.Curve{{Name: "configuration", Model: &set.Model}}
	}
	if err := d.tell(sys.stdout, cmd.Horizon, curves); err != nil {
		return err
	}
	return cmd.draw(sys, d, curves)
}

func (f *churnFlags) draw(sys *system, d *churnData, curves []calibration.Curve) error {
	if f.Plot == "" {
		return nil
	}
	if err := calibration.Plot(f.Plot, d.judge, curves); err != nil {
		return usage(err)
	}
	fmt.Fprintf(sys.stdout, "drew %s\n", f.Plot)
	return nil
}

// tell prints how well each model does on the second part, after what is simple.
func (d *churnData) tell(w io.Writer, horizon int, curves []calibration.Curve) error {
	rivals, err := churn.Baselines(d.learn, time.Duration(horizon)*churnDay)
	if errors.Is(err, churn.ErrOneKind) {
		return answerNo(fmt.Errorf("the part of the time to learn from (--split): %w", err))
	}
	if err != nil {
		return err
	}
	for _, c := range curves {
		rivals = append(rivals, churn.Rival{Name: c.Name, Risk: func(e *churn.Example) float64 { return churn.Risk(c.Model, e) }})
	}
	for i, r := range rivals {
		q, err := churn.Measure(r.Risk, d.judge)
		if errors.Is(err, churn.ErrOneKind) {
			return answerNo(fmt.Errorf("the part of the time to judge by (--split): %w", err))
		}
		if err != nil {
			return err
		}
		if i == 0 {
			fmt.Fprintf(w, "learnt from %d examples, judged by %d later ones of %d customers, of which %d left (%.1f %%)\n\n", len(d.learn), q.Examples, q.Customers, q.Left, 100*float64(q.Left)/float64(q.Examples))
		}
		fmt.Fprintf(w, "%s: AUC %.3f ± %.3f, Brier score %.4f (the same risk for all: %.4f), skill %.3f, log loss %.4f, calibration slope %.2f and intercept %.2f, lift of the top tenth %.2f\n", r.Name, q.AUC, 1.96*q.AUCError, q.Brier, q.BaseBrier, q.Skill(), q.LogLoss, q.Slope, q.Intercept, q.Lift)
		if i < len(rivals)-len(curves) {
			continue
		}
		fmt.Fprintf(w, "  %10s %10s %10s %10s\n", "examples", "risk", "left", "from risk")
		for _, b := range q.Calibration {
			fmt.Fprintf(w, "  %10d %10.3f %10.3f %10.3f\n", b.Examples, b.Risk, b.Observed(), b.From)
		}
	}
	return nil
}

func tellWeights(w io.Writer, before, after *customer.Model) {
	fmt.Fprintf(w, "\n  %-22s %14s %10s\n  %-22s %14.3f %10.3f\n", "weight", "configuration", "fitted", "bias", before.Bias, after.Bias)
	for i, name := range customer.InputNames() {
		fmt.Fprintf(w, "  %-22s %14.3f %10.3f\n", name, before.Weights[i], after.Weights[i])
	}
	for i, name := range customer.BuyingInputs {
		fmt.Fprintf(w, "  %-22s %14.3f %10.3f\n", name, before.Buying.Weights[i], after.Buying.Weights[i])
	}
}
