package api

import (
	"context"
	"errors"
	"sync/atomic"
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
	// longestWait is how long one of them waits.
	longestWait = 10 * time.Second
	// comeBack is when a client that was turned away is told to ask again.
	comeBack = 2 * time.Second
)

// errBusy turns a question away: more are under way than the page may put to ClickHouse.
var errBusy = errors.New("too many questions are under way")

// admission lets so many questions be put at once, and a few wait.
type admission struct {
	places  *semaphore.Weighted
	waiting atomic.Int64
	most    int64 // that wait
}

func newAdmission(questions int) *admission {
	if questions <= 0 {
		questions = DefaultQuestions
	}
	return &admission{places: semaphore.NewWeighted(int64(questions)), most: int64(waitingEach * questions)}
}

// enter waits for a place; it gives errBusy when too many wait already, or for too long.
func (a *admission) enter(ctx context.Context) (leave func(), err error) {
	leave = func() { a.places.Release(1) }
	if a.places.TryAcquire(1) {
		return leave, nil
	}
	defer a.waiting.Add(-1)
	if a.waiting.Add(1) > a.most {
		return nil, errBusy
	}
	waiting, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()
	switch err := a.places.Acquire(waiting, 1); {
	case err == nil:
		return leave, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	}
	return nil, errBusy
}
