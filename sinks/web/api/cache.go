package api

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// cache keeps answers for four times as long as they took, so that many viewers cost as much as one and a slow question is
// put now and then only. An answer that took long is given once more, as of then, while a new one is fetched.
type cache struct {
	mu      sync.Mutex
	kept    map[string]*kept
	flights singleflight.Group
}

type kept struct {
	answer *Answer
	at     time.Time // when it was there
	took   time.Duration
}

const (
	freshAtLeast = 500 * time.Millisecond
	freshAtMost  = 30 * time.Second
	slow         = 250 * time.Millisecond
	staleAtMost  = 5 * time.Minute
	mostKept     = 500
)

func (c *cache) get(ctx context.Context, key string, ask func(context.Context) (*Answer, error)) (*Answer, error) {
	c.mu.Lock()
	k := c.kept[key]
	c.mu.Unlock()
	fetch := func() <-chan singleflight.Result {
		return c.flights.DoChan(key, func() (any, error) {
			// Who asked first may go away while others wait.
			return c.fetch(context.WithoutCancel(ctx), key, ask)
		})
	}
	if k != nil {
		age := time.Since(k.at)
		if age < min(max(4*k.took, freshAtLeast), freshAtMost) {
			return k.answer, nil
		}
		if k.took > slow && age < staleAtMost {
			fetch()
			return k.answer, nil
		}
	}
	select {
	case r := <-fetch():
		if r.Err != nil {
			return nil, r.Err
		}
		return r.Val.(*Answer), nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (c *cache) fetch(ctx context.Context, key string, ask func(context.Context) (*Answer, error)) (*Answer, error) {
	begun := time.Now()
	a, err := ask(ctx)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.kept) >= mostKept {
		c.drop()
	}
	c.kept[key] = &kept{answer: a, at: time.Now(), took: time.Since(begun)}
	return a, nil
}

// drop forgets what is old; the caller holds the lock.
func (c *cache) drop() {
	var oldest string
	for key, k := range c.kept {
		if time.Since(k.at) > staleAtMost {
			delete(c.kept, key)
			continue
		}
		if oldest == "" || k.at.Before(c.kept[oldest].at) {
			oldest = key
		}
	}
	if len(c.kept) >= mostKept {
		delete(c.kept, oldest)
	}
}
