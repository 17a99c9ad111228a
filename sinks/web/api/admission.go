package api

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
)

// Bounds keep visitors from taking what the processor needs. A field left 0 has its default.
type Bounds struct {
	Questions int // run by ClickHouse at once; each may take [questionMemory] of its memory
	Streams   int // of one client, which is one address
}

// Defaults of [Bounds].
const (
	DefaultQuestions = 4
	DefaultStreams   = 50
)

const (
	questionMemory = 2 << 30
	// waitingEach is how many questions may wait for each that runs.
	waitingEach = 8
	// smallestShare is the least number of questions, running or waiting, that one address may have: about as many as a view
	// asks. Otherwise an address may have half of all, so that nobody takes everything.
	smallestShare = 12
	// longestWait is how long a question waits.
	longestWait = 10 * time.Second
	// comeBack is after how long a rejected client is told to ask again.
	comeBack = 2 * time.Second
)

// errBusy rejects a question: too many are running or waiting.
var errBusy = errors.New("too many questions are under way")

// admission bounds how many questions run at once, and how many wait.
type admission struct {
	running     *semaphore.Weighted
	most, share int // running or waiting: of all, and of one address

	mu   sync.Mutex
	all  int
	from map[string]int
}

func newAdmission(questions int) *admission {
	if questions <= 0 {
		questions = DefaultQuestions
	}
	most := questions + waitingEach*questions
	return &admission{running: semaphore.NewWeighted(int64(questions)), most: most, share: max(most/2, smallestShare), from: map[string]int{}}
}

// client is a context key; its value is the client's address.
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

// enter waits for its turn; it returns errBusy when too many wait already, or after longestWait.
func (a *admission) enter(ctx context.Context) (leave func(), err error) {
	from, _ := ctx.Value(client{}).(string)
	if !a.take(from) {
		return nil, errBusy
	}
	waiting, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()
	err = a.running.Acquire(waiting, 1)
	if err == nil {
		return func() {
			a.running.Release(1)
			a.give(from)
		}, nil
	}
	a.give(from)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return nil, errBusy
}
