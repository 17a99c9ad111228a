package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	// DefaultMemoryBytes is the engine's memory limit: a statement that needs more fails with code 241.
	DefaultMemoryBytes = 2 << 30
	maxClients         = 256
	closeTime          = 8 * time.Second // for running statements to end
)

// Options of [Serve].
type Options struct {
	Library     string // path of libchdb.so
	Data        string // data directory, created if absent; the engine does not share it with another process
	NativeAddr  string // host:port of the native protocol; port 0 takes a free one
	HTTPAddr    string // host:port of HTTP; "" serves none
	User        string // "" admits everybody
	Password    string
	MemoryBytes int64 // limit on the engine's memory, DefaultMemoryBytes if 0
	Confined    bool  // the kernel keeps this process to its data directory
	Log         *slog.Logger
	Ready       func(Addrs) // called once when clients can connect; may be nil
}

// Addrs are the addresses that a server listens on.
type Addrs struct{ Native, HTTP string }

// ListenError says which interface could not listen.
type ListenError struct {
	Interface string // "native" or "http"
	Addr      string
	Err       error
}

func (e *ListenError) Error() string {
	return fmt.Sprintf("listening for ClickHouse's %s protocol on %s: %v", e.Interface, e.Addr, e.Err)
}

func (e *ListenError) Unwrap() error { return e.Err }

// server is what all connections share.
type server struct {
	engine         *engine
	log            *slog.Logger
	user, password string

	running  running
	sessions sessions

	mu      sync.Mutex
	clients map[net.Conn]struct{}
	closing bool
	wg      sync.WaitGroup // native connections
	web     sync.WaitGroup // HTTP requests
}

// Serve runs the engine and its interfaces until ctx ends; then it stops running statements and closes the data in order. It
// can be called once in a process.
func Serve(ctx context.Context, o Options) (err error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.MemoryBytes == 0 {
		o.MemoryBytes = DefaultMemoryBytes
	}
	// Ports first: a wrong one shows before the engine touches the data.
	native, err := net.Listen("tcp", o.NativeAddr)
	if err != nil {
		return &ListenError{"native", o.NativeAddr, err}
	}
	defer func() { _ = native.Close() }() // an orderly end has closed it before
	addrs := Addrs{Native: native.Addr().String()}
	var web net.Listener
	if o.HTTPAddr != "" {
		if web, err = net.Listen("tcp", o.HTTPAddr); err != nil {
			return &ListenError{"http", o.HTTPAddr, err}
		}
		defer func() { _ = web.Close() }() // an orderly end has closed it before
		addrs.HTTP = web.Addr().String()
	}
	e, err := startEngine(o)
	if err != nil {
		return err
	}
	s := &server{engine: e, log: o.Log, user: o.User, password: o.Password, clients: map[net.Conn]struct{}{}}
	stopped := make(chan error, 2)
	go func() { stopped <- s.accept(native) }()
	httpServer := &http.Server{
		Handler: http.HandlerFunc(s.serveHTTP), ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelWarn),
	}
	if web != nil {
		go func() { stopped <- httpServer.Serve(web) }()
	}
	if o.Ready != nil {
		o.Ready(addrs)
	}
	select {
	case <-ctx.Done():
	case err = <-stopped:
		err = fmt.Errorf("accepting connections: %w", err)
	}
	_ = native.Close() // its accept loop ends
	if !s.shutdown(httpServer) {
		return errors.Join(err, errors.New("a statement did not end in time: the engine was not closed"))
	}
	e.close()
	return err
}

func (s *server) accept(l net.Listener) error {
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		if !s.admit(c) {
			_ = c.Close() // one client too many
			continue
		}
		go func() {
			defer s.leave(c)
			s.serveNative(c)
		}()
	}
}

func (s *server) admit(c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing || len(s.clients) >= maxClients {
		s.log.Warn("native connection refused", "client", c.RemoteAddr().String(), "connections", len(s.clients))
		return false
	}
	s.clients[c] = struct{}{}
	s.wg.Add(1)
	return true
}

func (s *server) leave(c net.Conn) {
	s.mu.Lock()
	delete(s.clients, c)
	s.mu.Unlock()
	s.wg.Done()
}

// shutdown ends all connections. It returns false if one hangs: then the engine must not be closed.
func (s *server) shutdown(web *http.Server) bool {
	s.mu.Lock()
	s.closing = true
	for c := range s.clients {
		_ = c.Close() // ends its reads, and its watch stops its statement
	}
	s.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		ctx, cancel := context.WithTimeout(context.Background(), closeTime/4)
		defer cancel()
		if err := web.Shutdown(ctx); err != nil {
			_ = web.Close() // a client that sends its rows slowly
		}
		s.wg.Wait()
		s.web.Wait()
		s.sessions.close()
	}()
	late := time.After(closeTime)
	for {
		if _, _, err := s.engine.base.Query("KILL QUERY WHERE 1 ASYNC", "Null"); err != nil {
			s.log.Warn("stopping the running statements", "err", err)
		}
		select {
		case <-done:
			return true
		case <-late:
			return false
		case <-time.After(closeTime / 40):
		}
	}
}
