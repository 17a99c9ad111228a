package clickhouse

import (
	"net/url"
	"strconv"
	"sync"
	"time"
)

const (
	maxSessions          = 100
	defaultSessionTime   = time.Minute
	longestSessionTime   = time.Hour
	codeSessionNotFound  = 372
	codeSessionIsLocked  = 373
	codeTooManySessions  = 202
	codeInvalidParameter = 374
)

// sessions are the sessions that HTTP requests name: a session keeps its settings, database and temporary tables between
// requests, until it has been idle for some time.
type sessions struct {
	mu     sync.Mutex
	named  map[string]*namedSession
	closed bool
}

type namedSession struct {
	*session
	busy  bool
	idle  time.Duration
	timer *time.Timer
}

// take returns the session of a request, for it alone, and makes it if need be. The request returns it by done.
func (s *sessions) take(e *engine, p url.Values) (session *session, done func(usable bool), err error) {
	id, idle := p.Get("session_id"), defaultSessionTime
	if v := p.Get("session_timeout"); v != "" {
		seconds, err := strconv.Atoi(v)
		if idle = time.Duration(seconds) * time.Second; err != nil || seconds < 0 || idle > longestSessionTime {
			return nil, nil, newException(codeInvalidParameter, "Session timeout '%s' is larger than max_session_timeout: %d. Maximum session timeout could be modified in configuration file. (INVALID_SESSION_TIMEOUT)", v, int(longestSessionTime.Seconds()))
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.named[id]
	switch {
	case s.closed:
		return nil, nil, newException(codeSessionNotFound, "The server is about to stop. (SESSION_NOT_FOUND)")
	case n != nil && n.busy:
		return nil, nil, newException(codeSessionIsLocked, "Session %s is locked by a concurrent client. (SESSION_IS_LOCKED)", id)
	case n == nil && p.Get("session_check") == "1":
		return nil, nil, newException(codeSessionNotFound, "Session %s not found. (SESSION_NOT_FOUND)", id)
	case n == nil && len(s.named) >= maxSessions:
		return nil, nil, newException(codeTooManySessions, "Too many sessions over HTTP: %d. (TOO_MANY_SIMULTANEOUS_QUERIES)", maxSessions)
	case n == nil:
		opened, err := e.open("")
		if err != nil {
			return nil, nil, err
		}
		n = &namedSession{session: opened}
		if s.named == nil {
			s.named = map[string]*namedSession{}
		}
		s.named[id] = n
	default:
		n.timer.Stop()
	}
	n.busy, n.idle = true, idle
	ends := p.Get("close_session") == "1"
	return n.session, func(usable bool) { s.give(id, n, usable && !ends) }, nil
}

// give returns a session to the pool, or closes it.
func (s *sessions) give(id string, n *namedSession, keep bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n.busy = false
	if !keep || s.closed {
		delete(s.named, id)
		n.close()
		return
	}
	n.timer = time.AfterFunc(n.idle, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.named[id] == n && !n.busy {
			delete(s.named, id)
			n.close()
		}
	})
}

// close ends all idle sessions; those in use end when they are returned.
func (s *sessions) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for id, n := range s.named {
		if !n.busy {
			n.timer.Stop()
			delete(s.named, id)
			n.close()
		}
	}
}
