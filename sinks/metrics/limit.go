package metrics

import "sync"

// Other is the label value under which all is counted beyond the limit of label sets.
const Other = "other"

// limiter bounds how many label sets there are: the first ones keep their names.
type limiter struct {
	mu   sync.Mutex
	most int
	sets map[string][]string
	rest []string
	key  []byte
}

func newLimiter(most int) *limiter {
	return &limiter{most: most, sets: map[string][]string{}, rest: []string{Other, Other, Other}}
}

// place gives the label values for a store, region and source.
func (l *limiter) place(store, region []byte, source string) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.key = append(append(append(append(append(l.key[:0], store...), 0), region...), 0), source...)
	if set, found := l.sets[string(l.key)]; found {
		return set
	}
	if len(l.sets) >= l.most {
		return l.rest
	}
	set := []string{string(store), string(region), source}
	l.sets[string(l.key)] = set
	return set
}
