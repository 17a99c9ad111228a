package watch_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
	"csatflow/sinks/alert/watch"
)

// history is a source with a watermark per partition.
type history struct {
	watch.Source
	mu    sync.Mutex
	first time.Time
	known map[uint32]time.Time
}

func (h *history) Known(context.Context) (map[uint32]time.Time, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	known := map[uint32]time.Time{}
	for p, at := range h.known {
		known[p] = at
	}
	return known, nil
}

func (h *history) First(context.Context) (time.Time, error) { return h.first, nil }

func (h *history) come(partition uint32, until time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.known[partition] = until
}

// book keeps alerts as the table does: the row with the highest version of each, the last of those with the same version.
type book struct {
	mu      sync.Mutex
	rows    map[string]alert.Alert
	noted   alert.Coverage
	notes   []time.Time
	limit   int // of notes, after which writes fail; 0 for none
	touched []alert.Alert
}

func newBook() *book { return &book{rows: map[string]alert.Alert{}} }

var errFull = errors.New("the book is full")

func version(a *alert.Alert) int64 {
	v := a.Seen.Unix() * 2
	if !a.Resolved.IsZero() {
		v++
	}
	return v
}

func (b *book) Write(_ context.Context, list []alert.Alert) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range list {
		if was, found := b.rows[a.Key()]; !found || version(&a) >= version(&was) {
			b.rows[a.Key()] = a
		}
		b.touched = append(b.touched, a)
	}
	return nil
}

func (b *book) Read(_ context.Context, since time.Time) (firing, resolved []alert.Alert, err error) {
	for _, a := range b.list() {
		switch {
		case a.Resolved.IsZero():
			a.Seen = a.Fired
			firing = append(firing, a)
		case !a.Resolved.Before(since) || a.Untold == alert.EndUntold:
			resolved = append(resolved, a)
		}
	}
	return firing, resolved, nil
}

func (b *book) NoteRisk(context.Context, time.Time) error { return nil }

func (b *book) Evaluated(context.Context) (alert.Coverage, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.noted, nil
}

func (b *book) NoteEvaluated(_ context.Context, c alert.Coverage) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.limit > 0 && len(b.notes) == b.limit {
		return errFull
	}
	b.noted = c
	b.notes = append(b.notes, c.Until)
	return nil
}

// looked returns the end of the evaluated time, and how often it was noted.
func (b *book) looked() (alert.Coverage, int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.noted, len(b.notes)
}

func until(s *service) time.Time {
	noted, _ := s.book.looked()
	return noted.Until
}

// list returns the alerts in the order in which they were found.
func (b *book) list() (list []alert.Alert) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, a := range b.rows {
		list = append(list, a)
	}
	slices.SortFunc(list, func(a, b alert.Alert) int { return strings.Compare(a.Fired.String()+a.Key(), b.Fired.String()+b.Key()) })
	return list
}

// ear is a channel that remembers what it was told.
type ear struct{ heard, fires []alert.Alert }

func (e *ear) Tell(_ context.Context, changed, firing []alert.Alert) error {
	e.heard, e.fires = append(e.heard, changed...), firing
	return nil
}

// states returns what was told, as rule, scope and state.
func (e *ear) states() (list []string) {
	for i := range e.heard {
		list = append(list, e.heard[i].Rule+" "+e.heard[i].Scope()+" "+e.heard[i].State())
	}
	return list
}

// service is a runner with all its surroundings.
type service struct {
	*watch.Runner
	history *history
	book    *book
	ear     *ear
	log     *bytes.Buffer
}

func serve(source watch.Source, rules *ruleset.Rules, first time.Time, b *book) *service {
	s := &service{history: &history{Source: source, first: first, known: map[uint32]time.Time{}}, book: b, ear: &ear{}, log: &bytes.Buffer{}}
	s.Runner = &watch.Runner{Rules: rules, Views: s.history, Log: b, Logger: slog.New(slog.NewTextHandler(s.log, nil)), CatchUp: 28 * 24 * time.Hour, Channels: []alert.Channel{s.ear}}
	return s
}

// runs runs it for a while.
func (s *service) runs(t *testing.T, during func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { s.Run(ctx); close(done) }()
	during()
	cancel()
	<-done
}

// passes lets time pass.
func passes(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// stood returns alerts without what only the table has.
var stood = cmp.Options{cmpopts.IgnoreFields(alert.Alert{}, "Untold", "Seen"), cmpopts.SortSlices(func(a, b alert.Alert) bool { return a.Key() < b.Key() })}
