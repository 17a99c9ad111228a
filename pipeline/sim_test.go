package pipeline_test

import (
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// seeds returns the seeds to try: CSATFLOW_TEST_SEEDS is how many, else few. CSATFLOW_TEST_SEED=n tries only that one.
func seeds(t *testing.T, few int) (from, to uint64) {
	t.Helper()
	number := func(name string, otherwise int) int {
		text := os.Getenv(name)
		if text == "" {
			return otherwise
		}
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return n
	}
	if one := number("CSATFLOW_TEST_SEED", -1); one >= 0 {
		return uint64(one), uint64(one) + 1
	}
	if testing.Short() {
		few /= 10
	}
	return 0, uint64(number("CSATFLOW_TEST_SEEDS", few))
}

// total sums the results of many simulations.
type total struct {
	mu     sync.Mutex
	runs   int
	calls  int
	failed int
	counts map[string]int
}

func (s *total) add(r result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs++
	s.calls += r.calls
	if r.err != nil {
		s.failed++
	}
	for name, n := range r.counts {
		s.counts[name] += n
	}
}

// eachSeed runs seeds on all cores until f stops it.
func eachSeed(t *testing.T, from, to uint64, f func(t *testing.T, seed uint64) (goOn bool)) {
	t.Helper()
	var next atomic.Uint64
	next.Store(from)
	var stopped atomic.Bool
	t.Run("seeds", func(t *testing.T) {
		for core := range runtime.GOMAXPROCS(0) {
			t.Run(fmt.Sprint("core ", core), func(t *testing.T) {
				t.Parallel()
				for !stopped.Load() {
					seed := next.Add(1) - 1
					if seed >= to {
						return
					}
					if !f(t, seed) {
						stopped.Store(true)
					}
				}
			})
		}
	})
}

// TestSimulation lets anything go wrong at random, and compares the tables with those of one undisturbed run over the
// logs. A quarter of the seeds end with topics that were recreated, truncated, or given more partitions.
func TestSimulation(t *testing.T) {
	from, to := seeds(t, 1000)
	sum := total{counts: map[string]int{}}
	eachSeed(t, from, to, func(t *testing.T, seed uint64) bool {
		p := plan{rules: rules{commitsNotFenced: seed%5 == 0}}
		if seed%4 == 3 {
			p.ending = topicRemade + ending(seed/4%3)
		}
		r := simulate(t, seed, p)
		sum.add(r)
		if r.err != nil {
			if to-from == 1 {
				t.Log(strings.Join(r.trace, "\n"))
			}
			t.Errorf("seed %d: %v\nreplay it, with all that happened, by CSATFLOW_TEST_SEED=%d go test ./pipeline -run '^TestSimulation$'", seed, r.err, seed)
		}
		return r.err == nil
	})
	t.Logf("%d seeds, %d calls, %d wrong", sum.runs, sum.calls, sum.failed)
	for _, name := range slices.Sorted(maps.Keys(sum.counts)) {
		t.Logf("%7d %s", sum.counts[name], name)
	}
	if wanted := 17; to-from >= 500 && len(sum.counts) < wanted {
		t.Errorf("only %d kinds of faults happened, of at least %d", len(sum.counts), wanted)
	}
}

// TestACrashAtEveryCall kills the process that makes the k-th call to Kafka or ClickHouse, before or after the call,
// for k from 1 until the run has no such call.
func TestACrashAtEveryCall(t *testing.T) {
	from, to := seeds(t, 40)
	sum := total{counts: map[string]int{}}
	eachSeed(t, from, min(to, from+100), func(t *testing.T, seed uint64) bool {
		for k := 1; ; k++ {
			r := simulate(t, seed, plan{quiet: true, crash: k})
			sum.add(r)
			if r.err != nil {
				t.Errorf("seed %d, crash at call %d: %v", seed, k, r.err)
				return false
			}
			if r.counts["process killed before a call"]+r.counts["process killed after a call"] == 0 {
				return true
			}
		}
	})
	t.Logf("%d runs, %d calls, %d wrong", sum.runs, sum.calls, sum.failed)
}

func TestASeedIsTheSameRunEachTime(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector, for which the short form is, shuffles goroutines that are ready at one instant")
	}
	for seed := range uint64(50) {
		a, b := simulate(t, seed, plan{}), simulate(t, seed, plan{})
		if !slices.Equal(a.trace, b.trace) {
			t.Errorf("seed %d: %d calls, then %d (-then, +now):\n%s", seed, a.calls, b.calls, cmp.Diff(a.trace, b.trace))
		}
	}
}

// TestEachRuleIsNeeded breaks the rules one by one: some seed must then fail, or the simulation proves nothing.
func TestEachRuleIsNeeded(t *testing.T) {
	if testing.Short() {
		t.Skip("looks through thousands of seeds")
	}
	const enough = 8000
	// The first seed, where few show that a rule is needed.
	rare := map[rule]uint64{vouching: 2500}
	for _, broken := range []rule{flushOrder, positionOrder, churnOrder, marks, versions, readOrder, oneSnapshot, oneTopicASum, madeAgain, vouching, deadLettersFirst} {
		t.Run(string(broken), func(t *testing.T) {
			sum := total{counts: map[string]int{}}
			eachSeed(t, rare[broken], enough, func(t *testing.T, seed uint64) bool {
				r := simulate(t, seed, plan{rules: rules{broken: broken}})
				if r.err != nil {
					if whole := simulate(t, seed, plan{}); whole.err != nil {
						t.Errorf("seed %d is wrong with all rules in force: %v", seed, whole.err)
					}
				}
				sum.add(r)
				return r.err == nil
			})
			if sum.failed == 0 {
				t.Errorf("without the rule %q none of %d seeds ended wrong", broken, sum.runs)
			}
			t.Logf("without the rule %q seed number %d ended wrong", broken, sum.runs)
		})
	}
}
