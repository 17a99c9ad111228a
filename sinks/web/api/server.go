package api

import (
	"context"
	"encoding/json"
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
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/singleflight"

	"csatflow/pipeline/dimension"
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
	cache     cache
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
	s := &Server{Options: o, questions: QuestionsOf(o.Dimensions), cache: cache{kept: map[string]*kept{}}, admit: newAdmission(o.Questions)}
	s.live = newLive(s)
	return s
}

// Close ends the streams.
func (s *Server) Close() { s.live.close() }

// Register adds the paths below /api.
func (s *Server) Register(mux *http.ServeMux) {
	mux.HandleFunc("GET /api/v1/{question}", s.answer)
	mux.HandleFunc("GET /api/v1/names", s.names)
	mux.HandleFunc("GET /api/v1/live", s.live.serve)
	mux.HandleFunc("GET /api/v1/pipeline", s.pipeline)
	mux.HandleFunc("GET /api/v1/deadletters", s.deadLetters)
	mux.HandleFunc("GET /api/openapi.json", s.serveOpenAPI)
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
	if format != "" && format != "json" && format != "csv" {
		fail(w, http.StatusBadRequest, "format: must be json or csv", "format")
		return
	}
	a, err := s.ask(context.WithValue(r.Context(), client{}, host(r)), q, sent)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	if format == "csv" {
		writeCSV(w, a)
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
	now := time.Now().UTC()
	if !f.latest.IsZero() {
		now = f.latest.Add(time.Minute)
	}
	b, err := q.bind(sent, s.db(), now, s.Zone)
	if err != nil {
		return nil, err
	}
	if err := s.reveal(b); err != nil {
		return nil, err
	}
	key := q.ID
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		if name != "format" {
			key += "\x00" + name + "\x00" + sent[name][0]
		}
	}
	return s.cache.get(ctx, key, f.events, func(ctx context.Context) (*Answer, error) { return s.put(ctx, b) })
}

// freshness is how far the tables are.
type freshness struct {
	events uint64    // number of events applied
	latest time.Time // start of the latest minute with an event; zero before the first
	at     time.Time // when it was read
}

// lookEvery is the least time between two reads of it.
const lookEvery = 300 * time.Millisecond

// freshness returns how far the tables are, read at most lookEvery ago.
func (s *Server) freshness(ctx context.Context) (freshness, error) {
	if f := s.fresh.Load(); f != nil && time.Since(f.at) < lookEvery {
		return *f, nil
	}
	read, err, _ := s.looks.Do("freshness", func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
		defer cancel()
		f := &freshness{at: time.Now()}
		var latest *time.Time
		if err := s.Conn.QueryRow(ctx, "SELECT assumeNotNull(events), latest_minute FROM "+s.db()+".freshness").Scan(&f.events, &latest); err != nil {
			return nil, err
		}
		if latest != nil {
			f.latest = latest.UTC()
		}
		s.fresh.Store(f)
		return f, nil
	})
	if err != nil {
		return freshness{}, err
	}
	return *read.(*freshness), nil
}

// refuse answers with what is wrong, and logs what clients need not know.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var bad *badRequest
	var exception *chgo.Exception
	switch {
	case errors.As(err, &bad):
		fail(w, http.StatusBadRequest, bad.Error(), bad.parameter)
		return
	case errors.Is(err, errBusy):
		busy(w, "too many questions are under way: ask again in a moment")
		return
	case r.Context().Err() != nil:
		return // the client has gone
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &exception) && (exception.Code == tooSlow || exception.Code == tooMuch):
		fail(w, http.StatusGatewayTimeout, "the question takes too much: ask for a shorter period or a smaller scope", "")
	case errors.As(err, &exception) && (exception.Code == unknownTable || exception.Code == unknownDatabase):
		fail(w, http.StatusServiceUnavailable, "ClickHouse lacks a view of this release: csatflow migrate makes it", "")
	default:
		fail(w, http.StatusServiceUnavailable, "ClickHouse does not answer; the log of csatflow says more", "")
	}
	s.Log.Warn("answering "+r.URL.Path, "err", err)
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

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // a client that has gone needs no answer
}
