package api

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// Bounds keep visitors from taking what the processor needs; 0 is the default.
type Bounds struct {
	Questions int // put to ClickHouse at once; each may take [questionMemory] of its memory
	Streams   int // of one client, that is, one address
}

// Defaults of [Bounds].
const (
	DefaultQuestions = 4
	DefaultStreams   = 50
)

const (
	questionMemory = 2 << 30
	// waitingEach is how many questions may wait for each that is put.
	waitingEach = 8
	// smallestShare is how many of those that are put or wait may be of one address at the least: a view asks about as many. The
	// share is half of them otherwise, so that nobody takes all.
	smallestShare = 12
	// longestWait is how long one of them waits.
	longestWait = 10 * time.Second
	// comeBack is when a client that was turned away is told to ask again.
	comeBack = 2 * time.Second
)

// errBusy turns a question away: more are under way than the page may put to ClickHouse.
var errBusy = errors.New("too many questions are under way")

// admission lets so many questions be put at once, and a few wait.
type admission struct {
	places      *semaphore.Weighted
	most, share int // that are put or wait, of all and of one address

	mu   sync.Mutex
	all  int
	from map[string]int
}

func newAdmission(questions int) *admission {
	if questions <= 0 {
		questions = DefaultQuestions
	}
	most := questions + waitingEach*questions
	return &admission{places: semaphore.NewWeighted(int64(questions)), most: most, share: max(most/2, smallestShare), from: map[string]int{}}
}

// client is the key of a context's value: the address of who asks.
type client struct{}

func (a *admission) take(from string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.all >= a.most || a.from[from] >= a.share {
		return false
	}
	a.all++
	a.from[from]++
	return true
}

func (a *admission) give(from string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all--
	if a.from[from]--; a.from[from] == 0 {
		delete(a.from, from)
	}
}

// enter waits for a place; it gives errBusy when too many wait already, or for too long.
func (a *admission) enter(ctx context.Context) (leave func(), err error) {
	from, _ := ctx.Value(client{}).(string)
	if !a.take(from) {
		return nil, errBusy
	}
	waiting, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()
	err = a.places.Acquire(waiting, 1)
	if err == nil {
		return func() {
			a.places.Release(1)
			a.give(from)
		}, nil
	}
	a.give(from)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return nil, errBusy
}
