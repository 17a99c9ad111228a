package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"csatflow/deploy/simulate"
)

// latencies are times from append to view.
type latencies []time.Duration

func (l latencies) quantile(q float64) time.Duration {
	if len(l) == 0 {
		return 0
	}
	return l[min(int(q*float64(len(l))), len(l)-1)]
}

const latencyFor = 20 * time.Second

// latency feeds a running service for a while and sees when the views have each event: when all rows up to its offset are
// written, which the last row of a flush says (table positions).
func (a *arena) latency(ctx context.Context, like *feed, rate int) (_ latencies, err error) {
	f, err := a.fill(ctx, shape{Events: 1000, Customers: 1000, Stores: 10, Employees: 100, Partitions: like.partitions})
	if err != nil {
		return nil, err
	}
	l, err := a.configure(f, true, "flush: {interval: 1s}")
	if err != nil {
		return nil, err
	}
	if out, err := a.command(ctx, "migrate", "--config", l.file); err != nil {
		return nil, fmt.Errorf("migrate: %w: %s", err, out)
	}
	cmd := exec.CommandContext(ctx, a.binary, "run", "--config", l.file)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, cmd.Process.Signal(syscall.SIGTERM), cmd.Wait()) }()
	for a.next(ctx, l, f, nil) != nil { // it has to start, and to apply what is there
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		time.Sleep(100 * time.Millisecond)
	}
	w := &waiting{waits: map[int32][]appended{}}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	watched := make(chan error, 1)
	go func() { watched <- a.watch(watching, l, w) }()
	if err := a.trickle(ctx, f, rate, w); err != nil {
		return nil, err
	}
	time.Sleep(5 * time.Second)
	stop()
	if err := <-watched; err != nil {
		return nil, err
	}
	slices.Sort(w.seen)
	if n := w.left(); n > 0 {
		return nil, fmt.Errorf("%d events were not in the views 5 s after the last", n)
	}
	return w.seen, nil
}

// appended is a record that Kafka has.
type appended struct {
	offset int64
	at     time.Time
}

// waiting are the records that the views do not have yet.
type waiting struct {
	mu    sync.Mutex
	waits map[int32][]appended
	seen  latencies
}

func (w *waiting) left() (n int) {
	for _, list := range w.waits {
		n += len(list)
	}
	return n
}

// passed takes out the records below next.
func (w *waiting) passed(partition int32, next int64, at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waits[partition] = slices.DeleteFunc(w.waits[partition], func(r appended) bool {
		if r.offset >= next {
			return false
		}
		w.seen = append(w.seen, at.Sub(r.at))
		return true
	})
}

// trickle sends responses at a rate.
func (a *arena) trickle(ctx context.Context, f *feed, rate int, w *waiting) error {
	client, err := kgo.NewClient(kgo.SeedBrokers(a.broker.Addr), kgo.ProducerBatchCompression(kgo.Lz4Compression()), kgo.ProducerLinger(5*time.Millisecond))
	if err != nil {
		return err
	}
	defer client.Close()
	c := simulate.Default()
	c.Seed, c.Events, c.Duration, c.Start = 2, rate*int(latencyFor/time.Second), 2*time.Hour, time.Now().UTC().Add(-2*time.Hour)
	c.Customers, c.Stores, c.Employees, c.BadShare = 200_000, 500, 5000, 0
	source, err := simulate.New(c)
	if err != nil {
		return err
	}
	var e simulate.Event
	began, n := time.Now(), 0
	for source.Next(&e) {
		if e.Complaint {
			continue
		}
		n++
		if ahead := time.Duration(float64(n)/float64(rate)*float64(time.Second)) - time.Since(began); ahead > 10*time.Millisecond {
			time.Sleep(ahead)
		}
		client.Produce(ctx, &kgo.Record{Topic: f.topics[0], Key: append([]byte(nil), e.Key...), Value: append([]byte(nil), e.Value...)}, func(r *kgo.Record, err error) {
			if err != nil {
				return // Flush tells
			}
			w.mu.Lock()
			w.waits[r.Partition] = append(w.waits[r.Partition], appended{r.Offset, time.Now()})
			w.mu.Unlock()
		})
	}
	return client.Flush(ctx)
}

// watch asks again and again how far the rows are.
func (a *arena) watch(ctx context.Context, l *life, w *waiting) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(20 * time.Millisecond):
		}
		if err := a.next(ctx, l, nil, w); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// next asks how far the rows of responses are. With a feed it is an error if not all its partitions have rows.
func (a *arena) next(ctx context.Context, l *life, f *feed, w *waiting) error {
	rows, err := a.conn.Query(ctx, "SELECT partition, max(next) FROM "+l.database+".positions WHERE topic = 'responses' GROUP BY partition")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // Err says it
	n := 0
	for rows.Next() {
		var partition uint32
		var next int64
		if err := rows.Scan(&partition, &next); err != nil {
			return err
		}
		n++
		if w != nil {
			w.passed(int32(partition), next, time.Now())
		}
	}
	if f != nil && n < f.partitions {
		return fmt.Errorf("%d partitions of %d have rows", n, f.partitions)
	}
	return rows.Err()
}
