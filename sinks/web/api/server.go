package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	chgo "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/klauspost/compress/gzhttp"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/singleflight"

	"csatflow/pipeline/dimension"
	"csatflow/pipeline/vocabulary"
	"csatflow/schemas"
	"csatflow/sinks/deadletter"
)

// Options say from what questions are answered.
type Options struct {
	Conn     driver.Conn // of the database with the views
	Database string
	Zone     *time.Location // of days
	Currency string
	// Dimensions are those of the events; nil for the built-in ones.
	Dimensions *dimension.Set
	// Words are what the owner adds to the enumerations of events; nil for none.
	Words *vocabulary.Set
	// Finest is the length of the shortest panes of the kinds of scopes that have none of minutes.
	Finest map[string]time.Duration
	// Labels are names for people of scopes; nil shows ids.
	Labels dimension.Labels
	// Pseudonyms replace customers' ids; nil shows ids and what customers wrote.
	Pseudonyms *Pseudonyms
	Gatherer   prometheus.Gatherer
	Tick       func() // called before metrics are gathered
	// DeadLetters returns the newest messages that could not be applied; nil if they cannot be read.
	DeadLetters func(ctx context.Context, most int) ([]deadletter.Letter, error)
	Log         *slog.Logger
	Bounds
}

// Server answers questions. Many goroutines may use it.
type Server struct {
	Options
	questions Questions
	cache     cache[*Answer]
	views     cache[*together]
	live      *live
	fresh     atomic.Pointer[freshness]
	held      atomic.Pointer[heldLetters]
	looks     singleflight.Group
	admit     *admission
}

// New makes a server; Close ends its streams.
func New(o Options) *Server {
	if o.Dimensions == nil {
		o.Dimensions = dimension.Usual()
	}
	s := &Server{Options: o, questions: QuestionsOf(o.Dimensions), cache: newCache[*Answer](mostKept), views: newCache[*together](mostViews), admit: newAdmission(o.Questions)}
	s.live = newLive(s)
	return s
}

// Close ends the streams.
func (s *Server) Close() { s.live.close() }

// Register adds the paths below /api.
func (s *Server) Register(mux *http.ServeMux) {
	for pattern, handle := range map[string]http.HandlerFunc{"GET /api/v1/{question}": s.answer, "GET /api/v1/answers": s.answers, "GET /api/v1/names": s.names, "GET /api/v1/pipeline": s.pipeline,
		"GET /api/v1/deadletters": s.deadLetters, "GET /api/openapi.json": s.serveOpenAPI} {
		mux.Handle(pattern, gzhttp.GzipHandler(handle))
	}
	mux.HandleFunc("GET /api/v1/live", s.live.serve) // small, and each event at once
}

// db is the quoted database, for the name of a view.
func (s *Server) db() string {
	if s.Database == strings.ToLower(s.Database) && !strings.ContainsFunc(s.Database, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9') }) {
		return s.Database
	}
	return schemas.QuoteName(s.Database)
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	q := s.questions.Of(r.PathValue("question"))
	if q == nil {
		ids := make([]string, len(s.questions))
		for i := range s.questions {
			ids[i] = s.questions[i].ID
		}
		slices.Sort(ids)
		fail(w, http.StatusNotFound, "there is no such question: one of "+strings.Join(ids, ", "), "")
		return
	}
	sent, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		fail(w, http.StatusBadRequest, "the part of the address after ? cannot be read: "+err.Error(), "")
		return
	}
	format := sent.Get("format")
	if sent.Has("format") && format != "json" && format != "csv" {
		fail(w, http.StatusBadRequest, "format: must be json or csv", "format")
		return
	}
	a, err := s.ask(context.WithValue(r.Context(), client{}, host(r)), q, sent)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	if format == "csv" {
		writeCSV(w, a, s.Zone)
		return
	}
	writeJSON(w, http.StatusOK, a)
}

// ask answers a question from the cache or from ClickHouse.
func (s *Server) ask(ctx context.Context, q *Question, sent map[string][]string) (*Answer, error) {
	f, err := s.freshness(ctx)
	if err != nil {
		return nil, err
	}
	b, key, err := s.bind(q, sent, f)
	if err != nil {
		return nil, err
	}
	a, again, err := s.cache.get(ctx, key, f.version, false, func(ctx context.Context) (*Answer, error) { return s.put(ctx, b) })
	if err != nil || again == 0 {
		return a, err
	}
	stale := *a
	stale.Stale = true
	return &stale, nil
}

// bind parses what a client sent; key is that of the cache.
func (s *Server) bind(q *Question, sent map[string][]string, f freshness) (b *bound, key string, err error) {
	b, err = q.bind(sent, s.db(), f.now(), s.Zone, s.Finest)
	if err != nil {
		return nil, "", err
	}
	if err := s.reveal(b); err != nil {
		return nil, "", err
	}
	key = q.ID
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		if name != "format" {
			key += "\x00" + name + "\x00" + sent[name][0]
		}
	}
	return b, key, nil
}

// refuse answers with what is wrong, and logs what clients need not know.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // the client has gone
	}
	status, said := s.wrong(r.URL.Path, err)
	if status == http.StatusTooManyRequests {
		busy(w, said.Error)
		return
	}
	writeJSON(w, status, said)
}

// wrong returns what a client is told of an error, and logs what clients need not know.
func (s *Server) wrong(what string, err error) (status int, said failure) {
	var bad *badRequest
	var against *contradiction
	var nobody *unknown
	var exception *chgo.Exception
	switch {
	case errors.As(err, &bad):
		return http.StatusBadRequest, failure{bad.Error(), bad.parameter}
	case errors.As(err, &against):
		return http.StatusUnprocessableEntity, failure{against.Error(), against.parameter}
	case errors.As(err, &nobody):
		return http.StatusNotFound, failure{nobody.Error(), nobody.parameter}
	case errors.Is(err, errBusy):
		return http.StatusTooManyRequests, failure{Error: "too many questions are under way: ask again in a moment"}
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &exception) && (exception.Code == tooSlow || exception.Code == tooMuch):
		status, said.Error = http.StatusGatewayTimeout, "the question takes too much: ask for a shorter period or a smaller scope"
	case errors.As(err, &exception) && (exception.Code == unknownTable || exception.Code == unknownDatabase):
		status, said.Error = http.StatusServiceUnavailable, "ClickHouse lacks a view of this release: csatflow migrate makes it"
	default:
		status, said.Error = http.StatusServiceUnavailable, "ClickHouse does not answer; the log of csatflow says more"
	}
	s.Log.Warn("answering "+what, "err", err)
	return status, said
}

// Error codes of ClickHouse.
const (
	unknownTable    = 60
	unknownDatabase = 81
	tooSlow         = 159
	tooMuch         = 241 // memory
)

// failure is the body of every answer that reports an error.
type failure struct {
	Error     string `json:"error"`
	Parameter string `json:"parameter,omitempty"`
}

// busy rejects a client, and asks it to come back.
func busy(w http.ResponseWriter, text string) {
	w.Header().Set("Retry-After", strconv.Itoa(int(comeBack/time.Second)))
	fail(w, http.StatusTooManyRequests, text, "")
}

func fail(w http.ResponseWriter, status int, text, parameter string) {
	writeJSON(w, status, failure{text, parameter})
}

// writeChanged answers with v, or that it is still what the client has: what tells is all that may change in it.
func writeChanged(w http.ResponseWriter, r *http.Request, tells, v any) {
	sum := sha256.Sum256(encoded(tells))
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	writeJSON(w, http.StatusOK, v)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(encoded(v)) // a client that has gone needs no answer
}
