package churn

import (
	"context"
	"fmt"
	"slices"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/customer"
	"csatflow/pipeline/pane"
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
	// Left is when customers are known to have left. With Gaps, customers without a purchase for three times their
	// usual gap have left too: when that time is over, if it is by To + Horizon.
	Left map[string]time.Time
	Gaps bool
}

// Example is a customer as known at an instant.
type Example struct {
	At     int64 // ms
	Inputs [customer.Inputs]float64
	Left   bool // within the horizon after it
}

// gapsUntilGone is after how many usual gaps without a purchase a customer has left (schemas/DOMAIN.md, section 5).
const gapsUntilGone = 3

// Collect returns the examples of a partition: each customer at each instant at which something is known of them and
// they have not left.
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

// leaves returns when a customer left, ms; Never if they have not.
func (o *Options) leaves(id string, p *person, end int64) int64 {
	if at, known := o.Left[id]; known && at.UnixMilli() >= p.purchases.Last {
		return at.UnixMilli()
	}
	if usual := p.purchases.Rhythm().UsualGap; o.Gaps && usual > 0 {
		if at := p.purchases.Last + gapsUntilGone*usual; at <= end {
			return at
		}
	}
	return customer.Never
}

func (o *Options) examples(list []Example, id string, p *person) []Example {
	horizon := o.Horizon.Milliseconds()
	left := o.leaves(id, p, o.To.UnixMilli()+horizon)
	var none customer.Model
	var summaries []customer.Summary
	for at := o.From.UnixMilli(); at <= o.To.UnixMilli(); at += o.Step.Milliseconds() {
		if left != customer.Never && left <= at {
			break
		}
		r, c, b := p.responses.Until(at), p.complaints.Until(at), p.purchases.Until(at, o.Settings.Zone)
		if len(r.Moments)+len(c.List)+len(b.Sales) == 0 {
			continue
		}
		summaries = summaries[:0]
		for i := range c.List {
			summaries = append(summaries, customer.Summarise(&c.List[i], o.Settings.PromiseOf))
		}
		model := none
		model.TierSpend = o.Settings.Model.TierSpend
		s := model.ScoreAt(r, summaries, c, b, at)
		list = append(list, Example{At: at, Inputs: s.Inputs, Left: left != customer.Never && left <= at+horizon})
	}
	return list
}
