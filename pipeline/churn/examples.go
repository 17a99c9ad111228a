package churn

import (
	"context"
	"fmt"
	"slices"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/customer"
	"csatflow/pipeline/pane"
	"csatflow/pipeline/value"
)

// Source is where histories are stored.
type Source interface {
	Histories(ctx context.Context, partition int, topic pipeline.Topic, each func(pipeline.HistoryRow) error) error
}

// Options choose the examples.
type Options struct {
	Settings *pipeline.Settings
	Horizon  time.Duration // a customer at an instant counts as leaving if they leave within it
	Step     time.Duration // between instants
	From, To time.Time     // of the instants; knowledge ends at To + Horizon
	// Left is when customers are known to have left.
	Left map[string]time.Time
	// Silent asks everybody who has bought whether they buy within the horizon: who does not counts as leaving, as do those
	// who are known to have left in it. Without it only Left counts.
	Silent bool
}

// Example is a customer as known at an instant.
type Example struct {
	At       int64 // ms
	Customer string
	Inputs   [customer.Inputs]float64
	Buyer    value.Buyer // its Age is 0 for those who never bought
	Bought   bool
	Left     bool // within the horizon after it
}

// features are the inputs of a model with those that grow with time, which b computes.
func (e *Example) features(b *customer.Buying) []float64 {
	x := e.Inputs[:]
	buying := e.buying(b)
	return append(x[:len(x):len(x)], buying[:]...)
}

func (e *Example) buying(b *customer.Buying) (x [len(customer.BuyingInputs)]float64) {
	if e.Bought {
		x = b.Inputs(&e.Buyer)
	}
	return x
}

// Collect returns the examples of a partition: each customer at each instant at which something is known of them and
// they have not left. With Silent, an instant before the latest 32 purchases is left out: what was known then is no longer kept.
func Collect(ctx context.Context, source Source, partition int, o *Options) ([]Example, error) {
	customers := map[string]*person{}
	registry := pane.NewRegistry(o.Settings.Kinds)
	codec := customer.NewCodec(registry, func(b []byte) string { return string(b) })
	for _, topic := range []pipeline.Topic{pipeline.Responses, pipeline.Complaints, pipeline.Purchases} {
		err := source.Histories(ctx, partition, topic, func(row pipeline.HistoryRow) error {
			if row.Terminal {
				return nil
			}
			p := customers[row.ID]
			if p == nil {
				p = &person{customer.NewResponses(), customer.NewComplaints(), customer.NewPurchases()}
				customers[row.ID] = p
			}
			return p.read(codec, topic, row)
		})
		if err != nil {
			return nil, fmt.Errorf("reading histories of %s, partition %d: %w", topic, partition, err)
		}
	}
	var list []Example
	ids := make([]string, 0, len(customers))
	for id := range customers {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		list = o.examples(list, id, customers[id])
	}
	return list, nil
}

type person struct {
	responses  *customer.Responses
	complaints *customer.Complaints
	purchases  *customer.Purchases
}

func (p *person) read(codec *customer.Codec, topic pipeline.Topic, row pipeline.HistoryRow) (err error) {
	switch topic {
	case pipeline.Responses:
		err = codec.ReadResponses([]byte(row.History), p.responses)
	case pipeline.Complaints:
		err = codec.ReadComplaints([]byte(row.History), p.complaints)
	default:
		err = codec.ReadPurchases([]byte(row.History), p.purchases)
	}
	if err != nil {
		return fmt.Errorf("customer %q: %w", row.ID, err)
	}
	return nil
}

// leaves returns when a customer is known to have left, ms; Never if they have not.
func (o *Options) leaves(id string, p *person) int64 {
	if at, known := o.Left[id]; known && at.UnixMilli() >= p.purchases.Last {
		return at.UnixMilli()
	}
	return customer.Never
}

const dayMS = float64(24 * time.Hour / time.Millisecond)

func (o *Options) examples(list []Example, id string, p *person) []Example {
	horizon := o.Horizon.Milliseconds()
	left := o.leaves(id, p)
	for at := o.From.UnixMilli(); at <= o.To.UnixMilli(); at += o.Step.Milliseconds() {
		if left != customer.Never && left <= at {
			break
		}
		buys, bought := p.purchases.Known(at)
		if o.Silent && !bought {
			continue
		}
		e := Example{At: at, Customer: id, Bought: bought, Left: left != customer.Never && left <= at+horizon}
		if bought {
			e.Buyer = value.Buyer{Repeat: float64(buys.Count - 1), Last: float64(buys.Last-buys.First) / dayMS, Age: float64(at-buys.First) / dayMS, Spend: buys.Mean / 100}
		}
		if o.Silent {
			e.Left = e.Left || buys.Next == customer.Never || buys.Next > at+horizon
		}
		if o.inputs(&e, p) {
			list = append(list, e)
		}
	}
	return list
}

// inputs sets the inputs from what was known at the instant; false if nothing was.
func (o *Options) inputs(e *Example, p *person) bool {
	r, c, b := p.responses.Until(e.At), p.complaints.Until(e.At), p.purchases.Until(e.At, o.Settings.Zone)
	if len(r.Moments)+len(c.List)+len(b.Sales) == 0 {
		return false
	}
	summaries := make([]customer.Summary, 0, len(c.List))
	for i := range c.List {
		summaries = append(summaries, customer.Summarise(&c.List[i], o.Settings.PromiseOf))
	}
	none := customer.Model{TierSpend: o.Settings.Model.TierSpend}
	s := none.ScoreAt(r, summaries, c, b, e.At)
	e.Inputs = s.Inputs
	return true
}
