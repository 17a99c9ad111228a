package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"csatflow/deploy/simulate"
)

// paced sends a feed at a rate for a time.
type paced struct {
	client *kgo.Client
	topics *topics
	rate   float64 // events a second
	during time.Duration
	sent   int
	took   time.Duration
}

// send returns at the end of the time or of the context, which is no error.
func (p *paced) send(ctx context.Context, source *simulate.Feed) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	began := time.Now()
	defer func() { p.took = time.Since(began) }()
	var e simulate.Event
	for ctx.Err() == nil && time.Since(began) < p.during && source.Next(&e) {
		p.client.Produce(ctx, p.topics.record(&e), func(_ *kgo.Record, err error) {
			if err != nil && !errors.Is(err, context.Canceled) {
				cancel(fmt.Errorf("sending: %w", err))
			}
		})
		p.sent++
		if ahead := time.Duration(float64(p.sent)/p.rate*float64(time.Second)) - time.Since(began); ahead > 5*time.Millisecond {
			select {
			case <-ctx.Done():
			case <-time.After(ahead):
			}
		}
	}
	if err := context.Cause(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// held is the rate that was reached.
func (p *paced) held() float64 { return float64(p.sent) / p.took.Seconds() }
