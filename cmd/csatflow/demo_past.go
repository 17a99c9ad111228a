package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"csatflow/cmd/csatflow/output"
	"csatflow/deploy/simulate"
	"csatflow/pipeline/dimension"
	"csatflow/pipeline/kafka"
	"csatflow/pipeline/pls"
	"csatflow/sinks/clickhouse"
	"csatflow/sinks/insight/improvement"
	"csatflow/sinks/insight/report"
	"csatflow/sinks/insight/report/document"
)

// Of the past of a demo alerts are looked for in its last days; the index model has so many bootstrap samples.
const (
	demoLookBack = 30 * time.Hour
	demoSamples  = 100
	// Nobody looks at the tables meanwhile, and rows that are written once cost less than those written again each second.
	pastFlush = 5 * time.Second
)

// layPast sends the time before the demo is live, computes it, and adds what people would have done in it: an index model, and an improvement
// that was checked. What is there already is not made again.
func (d *demo) layPast(ctx context.Context) error {
	if d.Quiet || d.Laid {
		return nil
	}
	fmt.Fprintf(d.sys.stdout, "laying down the chain's past, %s to %s\n", d.plan.Start.Format(time.DateOnly), d.plan.Live.Format(time.DateOnly))
	if err := d.sendPast(ctx); err != nil {
		return topicsError(err)
	}
	c := *d.config
	c.Flush.Interval = pastFlush
	s := &service{config: &c, log: d.log, untilEnd: true}
	defer s.showProgress(d.sys.stderr)()
	if err := s.run(ctx); err != nil {
		return err
	}
	store, err := openStore(&d.config.ClickHouse)
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	if err := d.lookBack(ctx, store); err != nil {
		return err
	}
	if err := d.improve(ctx, store); err != nil {
		return err
	}
	if err := d.index(ctx, store); err != nil {
		return err
	}
	d.Laid = true
	return d.keep(d.data)
}

// sendPast sends the events of the past that are not in the topics yet.
func (d *demo) sendPast(ctx context.Context) error {
	done, finish := output.Bar(d.sys.stderr, "hours", int64(d.plan.Live.Sub(d.plan.Start)/time.Hour))
	defer finish()
	return d.send(ctx, func(e *simulate.Event, _ *kafka.Sender) (bool, error) {
		done(int64(e.At.Sub(d.plan.Start) / time.Hour))
		return e.At.Before(d.plan.Live), nil
	})
}

// lookBack looks for alerts in the last days of the past.
func (d *demo) lookBack(ctx context.Context, store *clickhouse.Store) error {
	const parts = 100
	done, finish := output.Bar(d.sys.stderr, "alerts", parts)
	defer finish()
	r, err := newRunner(d.config, store, d.log)
	if err != nil {
		return err
	}
	r.CatchUp = demoLookBack
	return r.LookBack(ctx, func(share float64) { done(int64(parts * share)) })
}

// improve adds the improvement of the past, and checks it.
func (d *demo) improve(ctx context.Context, store *clickhouse.Store) error {
	log := &improvement.Log{Conn: store.Conn(), Database: d.config.ClickHouse.Database}
	p := &improvement.Plan{ID: "refund-at-the-till", Name: "Refund at the till, no questions asked", Measure: "mean_grade", Method: "pdca", ScopeKind: dimension.Store, ScopeID: d.plan.Improved,
		Target: .3, PlannedAt: d.plan.Changed.AddDate(0, 0, -7), ChangedAt: &d.plan.Changed}
	if err := log.Add(ctx, p); err != nil && !errors.Is(err, improvement.ErrTwice) {
		return err
	}
	e, err := log.Check(ctx, p, 14)
	if err != nil {
		return fmt.Errorf("checking the improvement of the past: %w", err)
	}
	p.Take(e, d.plan.Live)
	return log.Put(ctx, p)
}

// index estimates the index model of the past.
func (d *demo) index(ctx context.Context, store *clickhouse.Store) error {
	zone, err := d.config.Zone()
	if err != nil {
		return err
	}
	dimensions, err := d.config.Dimensions()
	if err != nil {
		return err
	}
	words, err := d.config.Vocabulary()
	if err != nil {
		return err
	}
	o := &report.Options{Database: d.config.ClickHouse.Database, Dimensions: dimensions, Words: words, Zone: zone, From: d.plan.Start, To: d.plan.Live.Truncate(time.Hour)}
	b, _, err := document.Index(ctx, store.Conn(), o, demoSamples)
	if pls.Undetermined(err) {
		d.log.Warn("the demo has no index model", "why", err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("estimating the index model of the past: %w", err)
	}
	return document.Keep(ctx, store.Conn(), o, b, d.plan.Live)
}
