package api

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// version is what answers may depend on: two answers of one version are as of the same instant.
type version struct {
	events  uint64 // that were applied
	decided uint64 // a hash of what is written without an event: alerts, until when they were looked for, actions, improvements, indices
}

// String is how clients see it.
func (v version) String() string { return fmt.Sprintf("%d-%x", v.events, v.decided) }

// cache keeps what was asked as long as its version lasts, so that many viewers cost as much as one. What takes long is asked
// again only now and then: until then what was kept is given, as stale.
type cache[A any] struct {
	most    int // entries
	mu      sync.Mutex
	kept    map[string]*kept[A]
	flights singleflight.Group
}

type kept[A any] struct {
	answer  A
	version version // before it was asked
	at      time.Time
	took    time.Duration
}

const (
	freshAtMost = time.Minute // nothing that an answer holds should change within a version; if it does, this bounds it
	slow        = 250 * time.Millisecond
	staleAtMost = 5 * time.Minute
	// shownAtMost is how old what is shown first may be, to those who do not wait: they take it for the present.
	shownAtMost = 20 * time.Second
	// mostKept is how many answers are kept, and mostViews how many views.
	mostKept  = 500
	mostViews = 50
)

func newCache[A any](most int) cache[A] { return cache[A]{most: most, kept: map[string]*kept[A]{}} }

// get returns an answer as of a version, or an older one with the time after which to ask again. Who is patient waits for what can be asked now.
func (c *cache[A]) get(ctx context.Context, key string, v version, patient bool, ask func(context.Context) (A, error)) (answer A, again time.Duration, err error) {
	k := c.at(key)
	if k == nil {
		answer, err = c.fresh(ctx, key, v, ask)
		return answer, 0, err
	}
	age := time.Since(k.at)
	if k.version == v && age < max(freshAtMost, 4*k.took) {
		return k.answer, 0, nil
	}
	early := age < rest(k.took)
	if k.took > slow && (early && age < staleAtMost || !patient && age < shownAtMost) {
		if !early {
			c.fetch(ctx, key, v, ask)
		}
		return k.answer, c.after(k, age, patient), nil
	}
	answer, err = c.fresh(ctx, key, v, ask)
	return answer, 0, err
}

// after is when to ask again for what is stale: when it may be asked, or, for who does not wait, when it will have been answered.
func (c *cache[A]) after(k *kept[A], age time.Duration, patient bool) time.Duration {
	wait := max(rest(k.took)-age, time.Millisecond)
	if !patient {
		wait += k.took
	}
	return wait
}

// rest is how long what took so long is not asked again: as long, and up to four times as long from eight seconds on.
func rest(took time.Duration) time.Duration {
	return time.Duration(float64(took) * min(max(took.Seconds()/2, 1), 4))
}

// fresh returns an answer as of a version and none that is older.
func (c *cache[A]) fresh(ctx context.Context, key string, v version, ask func(context.Context) (A, error)) (answer A, err error) {
	if k := c.at(key); k != nil && k.version == v && time.Since(k.at) < freshAtMost {
		return k.answer, nil
	}
	select {
	case r := <-c.fetch(ctx, key, v, ask):
		if r.Err != nil {
			return answer, r.Err
		}
		return r.Val.(A), nil
	case <-ctx.Done():
		return answer, context.Cause(ctx)
	}
}

func (c *cache[A]) at(key string) *kept[A] {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept[key]
}

// fetch asks once for all who ask at the same time for the same version.
func (c *cache[A]) fetch(ctx context.Context, key string, v version, ask func(context.Context) (A, error)) <-chan singleflight.Result {
	return c.flights.DoChan(v.String()+" "+key, func() (any, error) {
		begun := time.Now()
		// The client that asked first may leave while others wait.
		a, err := ask(context.WithoutCancel(ctx))
		if err != nil {
			return nil, err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if len(c.kept) >= c.most {
			c.drop()
		}
		c.kept[key] = &kept[A]{answer: a, version: v, at: time.Now(), took: time.Since(begun)}
		return a, nil
	})
}

// drop forgets old answers; the caller holds the lock.
func (c *cache[A]) drop() {
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
	if len(c.kept) >= c.most {
		delete(c.kept, oldest)
	}
}
