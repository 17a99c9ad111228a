package api

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// cache keeps answers until an event is applied, so that many viewers cost as much as one. A slow question is asked
// again only now and then: until then its old answer is given, marked stale.
type cache struct {
	mu      sync.Mutex
	kept    map[string]*kept
	flights singleflight.Group
}

type kept struct {
	answer  *Answer
	version uint64    // events that were applied before it was asked
	at      time.Time // when it arrived
	took    time.Duration
}

const (
	freshAtMost = 3 * time.Second // alerts and the like come without an event
	slow        = 250 * time.Millisecond
	staleAtMost = 5 * time.Minute
	mostKept    = 500
)

// get returns an answer as of a version, or an older one marked stale.
func (c *cache) get(ctx context.Context, key string, version uint64, ask func(context.Context) (*Answer, error)) (*Answer, error) {
	c.mu.Lock()
	k := c.kept[key]
	c.mu.Unlock()
	fetch := func() <-chan singleflight.Result {
		return c.flights.DoChan(key, func() (any, error) {
			// The client that asked first may leave while others wait.
			return c.fetch(context.WithoutCancel(ctx), key, version, ask)
		})
	}
	if k != nil {
		age := time.Since(k.at)
		if k.version == version && age < max(freshAtMost, 4*k.took) {
			return k.answer, nil
		}
		if k.took > slow && age < staleAtMost {
			if age >= 3*k.took {
				fetch()
			}
			stale := *k.answer
			stale.Stale = true
			return &stale, nil
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

func (c *cache) fetch(ctx context.Context, key string, version uint64, ask func(context.Context) (*Answer, error)) (*Answer, error) {
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
	c.kept[key] = &kept{answer: a, version: version, at: time.Now(), took: time.Since(begun)}
	return a, nil
}

// drop forgets old answers; the caller holds the lock.
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
