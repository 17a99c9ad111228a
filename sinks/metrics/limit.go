package metrics

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// Other is the label value under which all is counted beyond the limit of label sets.
const Other = "other"

// place is the label values of a store, region and source, and the counters that each of their responses counts up: to look
// them up by their labels for each was an eighth of the pipeline's time.
type place struct {
	labels []string

	once                                       sync.Once
	responses, gradeSum, satisfied, discontent prometheus.Counter
}

// limiter bounds how many label sets there are: the first ones keep their names.
type limiter struct {
	mu   sync.Mutex
	most int
	sets map[string]*place
	rest *place
	key  []byte
}

func newLimiter(most int) *limiter {
	return &limiter{most: most, sets: map[string]*place{}, rest: &place{labels: []string{Other, Other, Other}}}
}

// place gives the place of a store, region and source.
func (l *limiter) place(store, region []byte, source string) *place {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.key = append(append(append(append(append(l.key[:0], store...), 0), region...), 0), source...)
	if set, found := l.sets[string(l.key)]; found {
		return set
	}
	if len(l.sets) >= l.most {
		return l.rest
	}
	set := &place{labels: []string{string(store), string(region), source}}
	l.sets[string(l.key)] = set
	return set
}
