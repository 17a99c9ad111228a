package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// news is an event of the stream: how far the tables are, and how far this process is behind the log.
type news struct {
	Version string  `json:"version"` // changes with whatever answers depend on; "" if it is not known
	Events  uint64  `json:"events"`  // that the tables have absorbed
	Latest  string  `json:"latest"`  // start of the latest minute with an event; "" before the first
	Behind  float64 `json:"behind"`  // records in the log that are not applied, of the partitions of this process
	Waiting float64 `json:"waiting"` // longest time for which records of a partition have waited without any being applied, seconds
	Failure string  `json:"failure"` // why the tables cannot be read; "" when they can
}

const (
	liveEvery   = 500 * time.Millisecond
	beatEvery   = 5 * time.Second // after twice that without a word, a client takes the server for gone
	mostClients = 500
	// takes is how long a client may take to receive an event.
	takes = 10 * time.Second
)

// live looks twice a second for news while there are listeners, and sends it to all of them.
type live struct {
	server *Server
	ctx    context.Context
	end    context.CancelFunc

	mu      sync.Mutex
	clients map[chan []byte]bool
	streams map[string]int // of each address
	latest  []byte
	looking bool
}

func newLive(s *Server) *live {
	l := &live{server: s, clients: map[chan []byte]bool{}, streams: map[string]int{}}
	l.ctx, l.end = context.WithCancel(context.Background())
	return l
}

func (l *live) close() { l.end() }

// serve answers /api/v1/live with server-sent events: "news" when something is new, comments in between.
func (l *live) serve(w http.ResponseWriter, r *http.Request) {
	heard := make(chan []byte, 1)
	from, most := host(r), l.server.Streams
	if most <= 0 {
		most = DefaultStreams
	}
	l.mu.Lock()
	switch {
	case len(l.clients) >= mostClients:
		l.mu.Unlock()
		fail(w, http.StatusServiceUnavailable, fmt.Sprintf("%d clients listen already", mostClients), "")
		return
	case l.streams[from] >= most:
		l.mu.Unlock()
		busy(w, fmt.Sprintf("%d streams of this address are open already (page.streams)", most))
		return
	}
	l.clients[heard] = true
	l.streams[from]++
	if l.latest != nil {
		heard <- l.latest
	}
	if !l.looking {
		l.looking = true
		go l.look()
	}
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		delete(l.clients, heard)
		if l.streams[from]--; l.streams[from] == 0 {
			delete(l.streams, from)
		}
		l.mu.Unlock()
	}()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	out := http.NewResponseController(w)
	send := func(format string, args ...any) error {
		// The server's deadline is for answers that end: a stream has a deadline for each event.
		if err := out.SetWriteDeadline(time.Now().Add(takes)); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, format, args...); err != nil {
			return err
		}
		return out.Flush()
	}
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	err := send("retry: 1000\n\n")
	for err == nil {
		select {
		case text := <-heard:
			err = send("event: news\ndata: %s\n\n", text)
		case <-beat.C:
			err = send("event: beat\ndata:\n\n")
		case <-r.Context().Done():
			return
		case <-l.ctx.Done():
			return
		}
	}
}

// host is the address of a client, without its port.
func host(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// look runs until nobody listens any more.
func (l *live) look() {
	tick := time.NewTicker(liveEvery)
	defer tick.Stop()
	for {
		text, err := json.Marshal(l.read())
		if err != nil {
			l.server.Log.Error("writing what is new", "err", err)
			return
		}
		if !l.tell(text) {
			return
		}
		select {
		case <-tick.C:
		case <-l.ctx.Done():
			return
		}
	}
}

// tell sends a text to all if it is new, and reports whether anybody listens.
func (l *live) tell(text []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.clients) == 0 {
		l.looking, l.latest = false, nil
		return false
	}
	if string(text) == string(l.latest) {
		return true
	}
	l.latest = text
	for c := range l.clients {
		select {
		case <-c: // it has not received the one before, which is old now
		default:
		}
		c <- text
	}
	return true
}

func (l *live) read() (n news) {
	ctx, cancel := context.WithTimeout(l.ctx, timeout)
	defer cancel()
	f, err := l.server.freshness(ctx)
	switch {
	case err != nil:
		if l.ctx.Err() == nil {
			l.server.Log.Warn("looking for what is new", "err", err)
		}
		n.Failure = "ClickHouse does not answer"
	case !f.latest.IsZero():
		n.Latest = f.latest.Format(time.RFC3339)
	}
	if err == nil {
		n.Version = f.String()
	}
	n.Events = f.events
	families, err := l.server.gather()
	if err != nil {
		l.server.Log.Warn("gathering metrics", "err", err)
		return n
	}
	for _, f := range families {
		for _, s := range f.Samples {
			switch f.Name {
			case "csatflow_lag_records":
				n.Behind += s.Value
			case "csatflow_lag_seconds":
				n.Waiting = max(n.Waiting, s.Value)
			}
		}
	}
	return n
}
