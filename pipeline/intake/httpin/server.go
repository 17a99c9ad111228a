// Package httpin is the HTTP server of the intake: it takes events in csatflow's own form and in the forms of feeds, and answers 202
// once Kafka has them. Start at [Listen]; handle.go follows a request, items.go splits a body into events, access.go knows who may
// send, openapi.go describes all of it. It knows no Kafka client: an [intake.Producer] is handed in.
package httpin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/exporter-toolkit/web"
	"golang.org/x/net/netutil"

	"csatflow/pipeline/event"
	"csatflow/pipeline/intake"
)

// Options configure the server.
type Options struct {
	Listen    string
	WebConfig string // file of certificates, in the format of Prometheus's exporter-toolkit; "" for plain HTTP
	Feeds     intake.Feeds
	Access    map[string]Access // by feed; "" is csatflow's own form
	Words     event.Words       // that the owner adds to the enumerations of events
	Origins   []string          // that may send from a browser
	MaxBody   int               // bytes of a body, unpacked
	Memory    int               // bytes of all bodies at a time
	Requests  int               // at a time
	Timeout   time.Duration     // for Kafka
	Producer  intake.Producer
	Clock     *intake.Clock // nil takes events of any time
	Unready   func() string // why the process is not ready, "" if it is; may be nil
	Registry  *prometheus.Registry
	Log       *slog.Logger
	Now       func() time.Time // nil for the clock; signatures are only good for some minutes
}

// Bounds that nobody needs to set.
const (
	mostConnections = 2000
	headerTime      = 5 * time.Second
	bodyTime        = 30 * time.Second
	endTime         = 8 * time.Second // for requests under way when the server ends
)

// Server is the HTTP server of the intake.
type Server struct {
	Options
	decoders sync.Pool // of events, for many goroutines
	listener net.Listener
	server   *http.Server
	metrics  *metrics
	memory   budget
	slots    chan struct{}
	ending   atomic.Bool
	ended    chan struct{}
}

// Listen opens the address and begins to serve.
func Listen(o Options) (*Server, error) {
	if err := web.Validate(o.WebConfig); err != nil {
		return nil, fmt.Errorf("intake.web_config_file: %w", err)
	}
	l, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("listening on %s (intake.listen): %w", o.Listen, err)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{Options: o, listener: netutil.LimitListener(l, mostConnections), memory: budget{most: int64(o.Memory)}, slots: make(chan struct{}, o.Requests), ended: make(chan struct{})}
	s.metrics = newMetrics(o.Registry, s)
	s.server = &http.Server{Handler: s.routes(), ReadHeaderTimeout: headerTime, ReadTimeout: bodyTime, WriteTimeout: bodyTime + o.Timeout + 5*time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug)}
	go func() {
		defer close(s.ended)
		if err := s.serve(); !errors.Is(err, http.ErrServerClosed) {
			o.Log.Error("serving the intake ended", "err", err)
		}
	}()
	return s, nil
}

func (s *Server) serve() error {
	if s.WebConfig == "" {
		return s.server.Serve(s.listener)
	}
	return web.Serve(s.listener, s.server, &web.FlagConfig{WebListenAddresses: &[]string{}, WebSystemdSocket: new(bool), WebConfigFile: &s.WebConfig}, s.Log)
}

// Addr is the address that the server listens on.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Ended is closed when the server serves no more.
func (s *Server) Ended() <-chan struct{} { return s.ended }

// Close stops taking requests, and answers those under way: within 8 s, or not at all.
func (s *Server) Close() error {
	s.ending.Store(true)
	ctx, cancel := context.WithTimeout(context.Background(), endTime)
	defer cancel()
	if err := s.server.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("requests were still under way: they have no answer and are to be sent again: %w", err), s.server.Close())
	}
	return nil
}
