package clickhouse

import (
	"crypto/rand"
	"fmt"
	"regexp"
	"sync"
)

// running has the running statements by their clients' query ids. The engine has ids of its own, so a KILL QUERY is rewritten
// to find a statement by its tag.
type running struct {
	mu     sync.Mutex
	tags   map[string]string
	killed map[string]bool // tags: the engine may end the result of a killed statement as if it were complete
}

// begin notes a statement; end must be called when it is over. Like a server, it refuses an id in use.
func (r *running) begin(id, tag string) (end func(), err error) {
	if id == "" {
		return func() {}, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.tags[id]; ok {
		return nil, newException(codeSameID, "Query with id = %s is already running. (QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING)", id)
	}
	if r.tags == nil {
		r.tags, r.killed = map[string]string{}, map[string]bool{}
	}
	r.tags[id] = tag
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.tags, id)
		delete(r.killed, tag)
	}, nil
}

var (
	killText = regexp.MustCompile(leading + `KILL\s+QUERY\b`)
	idText   = regexp.MustCompile(`\bquery_id\s*=\s*'([^'\\]*)'`)
)

// translate rewrites a KILL QUERY with clients' ids for the engine; it returns other statements unchanged.
func (r *running) translate(query string) string {
	if !killText.MatchString(query) {
		return query
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return idText.ReplaceAllStringFunc(query, func(condition string) string {
		if tag, ok := r.tags[idText.FindStringSubmatch(condition)[1]]; ok {
			r.killed[tag] = true
			return "startsWith(query, " + quoteText(tag) + ")"
		}
		return condition
	})
}

// whole returns an error for a statement that was killed but ended without one.
func (r *running) whole(tag string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.killed[tag] {
		return newException(codeCancelled, "Query was cancelled. (QUERY_WAS_CANCELLED)")
	}
	return nil
}

// newID is a random query id, in the form of a UUID.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
