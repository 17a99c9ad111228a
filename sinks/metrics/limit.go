package metrics

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Other is the label value under which all is counted beyond the limit of label sets.
const Other = "other"

// Series bounds the label sets of the domain metrics.
type Series struct {
	Most   int              // of one metric; of named stores as many again
	Stores []string         // names that always have a place
	Idle   time.Duration    // label sets that nothing has counted up for so long leave when others need their place; 0 is [DefaultIdle]
	Now    func() time.Time // nil is time.Now
}

// DefaultIdle is the default of [Series].
const DefaultIdle = time.Hour

// place is the label values of a store, region and source, and the counters that each of their responses counts up: to look
// them up by their labels for each was an eighth of the pipeline's time.
type place struct {
	labels []string
	named  bool // of a store that always has a place
	used   time.Time

	once                                       sync.Once
	responses, gradeSum, satisfied, discontent prometheus.Counter
}

// limiter bounds how many label sets there are. The first ones keep their names, until they are idle and others come.
type limiter struct {
	Series
	named  map[string]bool
	forget func(labels []string) // takes the series of a label set out of the metrics

	mu   sync.Mutex
	sets map[string]*place
	held [2]int       // label sets, of stores that are not named and of those that are
	look [2]time.Time // until then none of them can be idle
	rest *place
	key  []byte
}

func newLimiter(s Series, forget func(labels []string)) *limiter {
	if s.Idle <= 0 {
		s.Idle = DefaultIdle
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	l := &limiter{Series: s, named: map[string]bool{}, forget: forget, sets: map[string]*place{}, rest: &place{labels: []string{Other, Other, Other}}}
	for _, store := range s.Stores {
		l.named[store] = true
	}
	return l
}

// place gives the place of a store, region and source.
func (l *limiter) place(store, region []byte, source string) *place {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.Now()
	l.key = append(append(append(append(append(l.key[:0], store...), 0), region...), 0), source...)
	if set, found := l.sets[string(l.key)]; found {
		set.used = now
		return set
	}
	set := &place{named: l.named[string(store)], used: now}
	if !l.room(set.named, now) {
		return l.rest
	}
	set.labels = []string{string(store), string(region), source}
	l.sets[string(l.key)] = set
	l.held[kind(set.named)]++
	return set
}

func kind(named bool) int {
	if named {
		return 1
	}
	return 0
}

// room says whether there is a place for one more, and makes some where label sets are idle.
func (l *limiter) room(named bool, now time.Time) bool {
	k := kind(named)
	if l.held[k] < l.Most {
		return true
	}
	if now.Before(l.look[k]) {
		return false
	}
	oldest := now
	for key, set := range l.sets {
		if set.named != named {
			continue
		}
		if now.Sub(set.used) < l.Idle {
			if set.used.Before(oldest) {
				oldest = set.used
			}
			continue
		}
		l.forget(set.labels)
		delete(l.sets, key)
		l.held[k]--
	}
	l.look[k] = oldest.Add(l.Idle)
	return l.held[k] < l.Most
}
