// Package web is the HTTP server of a process: the page at /, its API below /api, /metrics, /healthz and /readyz.
package web

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/exporter-toolkit/web"

	"csatflow/sinks/web/api"
)

// Options configure the server.
type Options struct {
	Listen string
	// WebConfig is a file of certificates and users in the format of Prometheus's exporter-toolkit
	// (https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md); "" for plain HTTP without
	// passwords.
	WebConfig string
	// PageURL is where people reach the page, and Hosts are further names under which it answers; other names are refused.
	PageURL string
	Hosts   []string
	// Unready says why the process is not ready, "" if it is; may be nil.
	Unready func() string
	api.Options
}

// answerTime is how long an answer may take, from the question to its last byte: more than a question may wait and run.
// Streams have a deadline for each event.
var answerTime = time.Minute

// mostScrapes is how many requests /metrics answers at once; others are told to come back.
const mostScrapes = 10

// bodyTime is how long a request body may take, which no path here needs.
const bodyTime = 5 * time.Second

// Server is the HTTP server of a process.
type Server struct {
	Options
	listener net.Listener
	server   *http.Server
	api      *api.Server
	ready    atomic.Bool
}

// Listen opens the address and begins to serve; /readyz answers 503 until Ready.
func Listen(o Options) (*Server, error) {
	if err := web.Validate(o.WebConfig); err != nil {
		return nil, fmt.Errorf("web_config_file: %w", err)
	}
	l, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("listening on %s (listen): %w", o.Listen, err)
	}
	s := &Server{Options: o, listener: bound(l, mostConnections, mostOfClient), api: api.New(o.Options)}
	s.server = &http.Server{Handler: secured(hostsOf(o.Listen, o.PageURL, o.Hosts).only(patient(s.routes()))), ReadHeaderTimeout: 5 * time.Second, WriteTimeout: answerTime, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10}
	go func() {
		if err := s.serve(); !errors.Is(err, http.ErrServerClosed) {
			o.Log.Error("serving HTTP ended", "err", err)
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

// Ready sets whether the process does its work.
func (s *Server) Ready(ready bool) { s.ready.Store(ready) }

// Warm asks the questions of the first view, so that the first visitor does not wait.
func (s *Server) Warm(ctx context.Context) { s.api.Warm(ctx) }

// Close stops serving.
func (s *Server) Close() error {
	s.api.Close() // or its streams would delay the end
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	return s.server.Shutdown(ctx)
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	metrics := promhttp.HandlerFor(s.Gatherer, promhttp.HandlerOpts{EnableOpenMetrics: true, MaxRequestsInFlight: mostScrapes})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		s.Tick()
		metrics.ServeHTTP(w, r)
	})
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if !s.ready.Load() {
			answer(w, http.StatusServiceUnavailable, "no partition has been assigned yet\n")
			return
		}
		if s.Unready != nil {
			if why := s.Unready(); why != "" {
				answer(w, http.StatusServiceUnavailable, why+"\n")
				return
			}
		}
		answer(w, http.StatusOK, "ready\n")
	})
	s.api.Register(mux)
	mux.Handle("GET /", static(s.api.Names))
	return mux
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // a client that has gone needs no answer
}

// patient gives a request with a body little time to send it.
func patient(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 {
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTime)) // a connection without deadlines has other bounds
		}
		next.ServeHTTP(w, r)
	})
}

func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", built().policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}
