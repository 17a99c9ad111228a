package kafka

import (
	"context"
	"log/slog"
	"sync"

	"csatflow/pipeline"
)

const batchesQueued = 2 // per partition, all topics together

// feed fetches one partition of every topic, with a fetcher each.
type feed struct {
	batches  chan pipeline.Batch
	cancel   context.CancelFunc
	fetchers sync.WaitGroup
	once     sync.Once
	mu       sync.Mutex
	err      error
}

func openFeed(ctx context.Context, conn *Connection, topics TopicNames, partition int, next [pipeline.Topics]int64, log *slog.Logger) *feed {
	return startFeed(ctx, func(hand func(pipeline.Batch) error) (list []*fetcher) {
		for topic, name := range topics.Read() {
			list = append(list, newFetcher(conn, name, topic, partition, next[topic], log, hand))
		}
		return list
	})
}

// startFeed runs fetchers that deliver to the feed.
func startFeed(ctx context.Context, fetchers func(hand func(pipeline.Batch) error) []*fetcher) *feed {
	ctx, cancel := context.WithCancel(ctx)
	f := &feed{batches: make(chan pipeline.Batch, batchesQueued), cancel: cancel}
	for _, one := range fetchers(func(b pipeline.Batch) error {
		select {
		case f.batches <- b:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}) {
		f.fetchers.Go(func() {
			if err := one.run(ctx); err != nil {
				f.fail(err)
			}
		})
	}
	go func() {
		f.fetchers.Wait()
		close(f.batches)
	}()
	return f
}

func (f *feed) Batches() <-chan pipeline.Batch { return f.batches }

func (f *feed) Err() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

func (f *feed) fail(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
	}
	f.cancel()
}

// Close stops the fetchers and waits for them.
func (f *feed) Close() {
	f.once.Do(func() {
		f.cancel()
		for range f.batches { // a fetcher may be waiting to deliver one
		}
	})
}
