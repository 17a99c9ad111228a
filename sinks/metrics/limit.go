package metrics

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Other is the label value for everything beyond the limit of label sets.
const Other = "other"

// Series bounds the label sets of the domain metrics.
type Series struct {
	Most   int              // of one metric; for named stores, as many again
	Stores []string         // names that always keep their label sets
	Idle   time.Duration    // a label set unchanged for this long gives way when another needs room; 0 is [DefaultIdle]
	Now    func() time.Time // nil is time.Now
}

// DefaultIdle is the default of [Series].
const DefaultIdle = time.Hour

// labelSet has the label values of a store, region and source, with the counters of its responses: looking them up for each
// response took an eighth of the pipeline's time.
type labelSet struct {
	labels []string
	named  bool // of a named store
	used   time.Time

	once                                       sync.Once
	responses, gradeSum, satisfied, discontent prometheus.Counter
}

// limiter bounds the number of label sets. The first keep their names until they are idle and others come.
type limiter struct {
	Series
	named  map[string]bool
	forget func(labels []string) // removes the series of a label set from the metrics

	mu   sync.Mutex
	sets map[string]*labelSet
	held [2]int       // number of label sets: of other stores, of named stores
	look [2]time.Time // before this time none of them can be idle
	rest *labelSet
	key  []byte
}

func newLimiter(s Series, forget func(labels []string)) *limiter {
	if s.Idle <= 0 {
		s.Idle = DefaultIdle
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	l := &limiter{Series: s, named: map[string]bool{}, forget: forget, sets: map[string]*labelSet{}, rest: &labelSet{labels: []string{Other, Other, Other}}}
	for _, store := range s.Stores {
		l.named[store] = true
	}
	return l
}

// labelSet returns the label set of a store, region and source.
func (l *limiter) labelSet(store, region []byte, source string) *labelSet {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.Now()
	l.key = append(append(append(append(append(l.key[:0], store...), 0), region...), 0), source...)
	if set, found := l.sets[string(l.key)]; found {
		set.used = now
		return set
	}
	set := &labelSet{named: l.named[string(store)], used: now}
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

// room reports whether one more label set fits; if need be it removes idle ones.
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
