package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"csatflow/deploy/simulate"
)

// warmup is how long the feed goes before events are marked.
const warmup = 5 * time.Second

// latencyAtHalf measures the time from append to view at half a rate, and describes it.
func (a *testbed) latencyAtHalf(ctx context.Context, s feedConfig, highest float64, during time.Duration) (string, error) {
	seen, rate, err := a.latency(ctx, s, highest/2, during)
	if err != nil {
		return "", err
	}
	slices.Sort(seen)
	p := func(q float64) string { return number(quantile(seen, q)*1000, 0) }
	return fmt.Sprintf("From the append to Kafka to the row that the view `satisfaction` reads, at %s events/s (half the highest rate is %s), flush.interval 1s, events as they occur: p50 %s ms, p99 %s ms, most %s ms of %d marked events.\n",
		number(rate, 0), number(highest/2, 0), p(0.5), p(0.99), p(1), len(seen)), nil
}

// latency feeds a running service for a while as events occur, with some marked events, and returns for each how long it
// took until ClickHouse had its row, seconds, and the rate of the feed.
func (a *testbed) latency(ctx context.Context, s feedConfig, rate float64, during time.Duration) (seen []float64, held float64, err error) {
	client, err := a.producer(5 * time.Millisecond)
	if err != nil {
		return nil, 0, err
	}
	defer client.Close()
	t, err := a.makeTopics(ctx, client, s.Partitions)
	if err != nil {
		return nil, 0, err
	}
	l, err := a.migrated(ctx, t, false, "flush: {interval: 1s}")
	if err != nil {
		return nil, 0, err
	}
	p, err := a.start(ctx, "run", "--config", l.file)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	if err := ready(ctx, p, l.listen); err != nil {
		return nil, 0, err
	}
	s.Events = int(rate * (during + warmup).Seconds())
	source, err := simulate.New(s.of(2, time.Now().UTC(), during+warmup))
	if err != nil {
		return nil, 0, err
	}
	feeding, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	feed := &paced{client: client, topics: t, rate: rate, during: during + warmup}
	fed := make(chan error, 1)
	go func() {
		err := feed.send(feeding, source)
		if err != nil {
			stop(err)
		}
		fed <- err
	}()
	m := &marks{client: client, topics: t, database: l.database, conn: a.conn, process: p, appended: map[string]time.Time{}}
	err = m.follow(feeding, warmup, during)
	stop(nil)
	if err = errors.Join(err, <-fed); err != nil {
		return nil, 0, err
	}
	return m.seen, feed.held(), nil
}

// ready waits until the service has its partitions.
func ready(ctx context.Context, p *process, listen string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+listen+"/readyz", nil)
	if err != nil {
		return fmt.Errorf("asking whether csatflow is ready: %w", err)
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		if res, err := http.DefaultClient.Do(req); err == nil {
			_ = res.Body.Close() // only the status matters
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-p.done:
			return errors.Join(errors.New("csatflow ended before it was ready"), p.err)
		case <-time.After(50 * time.Millisecond):
		}
	}
	return errors.New("csatflow is not ready after a minute")
}
