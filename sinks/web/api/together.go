package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// mostTogether is how many questions may be asked together.
	mostTogether = 40
	// atOnce is how many of them wait for ClickHouse at a time: a view leaves room for others.
	atOnce = DefaultQuestions
	// quick is what may be asked twice.
	quick = time.Second
)

// together are answers to the questions of a view, as of one version.
type together struct {
	version version
	parts   []part
	tag     string // of what is answered, whenever it was asked
	moved   bool   // something has changed meanwhile, so that answers may be as of different instants
	took    time.Duration
}

// part is one of several questions, with its answer or why there is none.
type part struct {
	asked string
	tag   string
	text  []byte // the line of the answer
	err   error
}

// asking is a question that is asked with others.
type asking struct {
	path  string
	key   string
	bound *bound
	err   error // what is wrong with it
}

// incomplete is not kept: some questions have no answer.
type incomplete struct{ *together }

func (incomplete) Error() string { return "some questions have no answer" }

// line is one line of an answer to several questions; the last has no question.
type line struct {
	Asked   string   `json:"asked,omitempty"`
	Tag     string   `json:"tag,omitempty"` // the same for what is the same
	Answer  *Answer  `json:"answer,omitempty"`
	Status  int      `json:"status,omitempty"` // of a question that has no answer
	Failure *failure `json:"failure,omitempty"`
	Version string   `json:"version,omitempty"`
	Moved   bool     `json:"moved,omitempty"`
	Again   int64    `json:"again_ms,omitempty"`
}

// answers answers /api/v1/answers?ask=grades%3Frange%3D24h&ask=…: several questions as of the same instant, a line each in the order asked.
func (s *Server) answers(w http.ResponseWriter, r *http.Request) {
	sent, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		fail(w, http.StatusBadRequest, "the part of the address after ? cannot be read: "+err.Error(), "")
		return
	}
	ctx := context.WithValue(r.Context(), client{}, host(r))
	f, err := s.freshness(ctx)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	list, err := s.askings(sent, f)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	o := outcome{server: s, w: w, sent: sent, list: list, version: f.version}
	if known := r.Header.Get("If-None-Match"); known != "" {
		o.whole(ctx, r, known)
		return
	}
	o.stream(ctx, r)
}

// askings parses the questions that are asked together.
func (s *Server) askings(sent url.Values, f freshness) ([]asking, error) {
	for name := range sent {
		if name != "ask" {
			return nil, &badRequest{name, "there is no such parameter: it takes ask, several times"}
		}
	}
	if n := len(sent["ask"]); n < 1 || n > mostTogether {
		return nil, &badRequest{"ask", "give 1 to " + strconv.Itoa(mostTogether) + " questions, like ask=grades%3Frange%3D24h"}
	}
	list := make([]asking, len(sent["ask"]))
	for i, path := range sent["ask"] {
		a := &list[i]
		a.path = path
		id, query, _ := strings.Cut(path, "?")
		q := s.questions.Of(id)
		if q == nil {
			return nil, &badRequest{"ask", strconv.Quote(id) + " is no question"}
		}
		params, err := url.ParseQuery(query)
		if err != nil || params.Has("format") {
			a.err = &badRequest{"ask", strconv.Quote(path) + " is no question with its parameters; format is not one of them"}
			continue
		}
		a.bound, a.key, a.err = s.bind(q, params, f)
	}
	return list, nil
}

// read asks what is not known, a few at a time. If something has changed meanwhile it asks again, once and only if that is quick: answers
// that take longer than events are apart could not be had otherwise.
func (s *Server) read(ctx context.Context, o *outcome) (*together, error) {
	t, err := s.once(ctx, o.list, o.version)
	if err != nil || !t.moved || t.took > quick {
		return t, err
	}
	f, err := s.freshness(ctx)
	if err != nil {
		return nil, err
	}
	list, err := s.askings(o.sent, f) // a period may end later now
	if err != nil {
		return nil, err
	}
	return s.once(ctx, list, f.version)
}

func (s *Server) once(ctx context.Context, list []asking, v version) (*together, error) {
	begun := time.Now()
	t := &together{version: v, parts: make([]part, len(list))}
	var all errgroup.Group
	all.SetLimit(atOnce)
	for i := range list {
		all.Go(func() error {
			t.parts[i] = s.part(ctx, &list[i], v)
			return nil
		})
	}
	_ = all.Wait() // parts have the errors
	now, err := s.look(ctx)
	t.moved = err != nil || now.events != v.events
	t.took = time.Since(begun)
	sum := sha256.New()
	failed := false
	for i := range t.parts {
		sum.Write([]byte(t.parts[i].tag + "\n"))
		failed = failed || t.parts[i].err != nil
	}
	if t.tag = `"` + hex.EncodeToString(sum.Sum(nil)[:12]) + `"`; failed {
		return nil, incomplete{t}
	}
	return t, nil
}

// part asks one of several questions.
func (s *Server) part(ctx context.Context, a *asking, v version) part {
	p := part{asked: a.path, err: a.err}
	if p.err == nil {
		var answer *Answer
		if answer, p.err = s.cache.fresh(ctx, a.key, v, func(ctx context.Context) (*Answer, error) { return s.put(ctx, a.bound) }); p.err == nil {
			p.tag = answer.tag
			p.text = encoded(line{Asked: p.asked, Tag: p.tag, Answer: answer})
			return p
		}
	}
	status, said := s.wrong(a.path, p.err)
	p.tag = said.Error
	p.text = encoded(line{Asked: p.asked, Status: status, Failure: &said})
	return p
}

func encoded(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // answers are plain values
	}
	return b.Bytes()
}

// tagOf is the same for answers that say the same, whenever they were asked.
func tagOf(a *Answer) string {
	same := *a
	same.AsOf = time.Time{}
	sum := sha256.Sum256(encoded(same))
	return hex.EncodeToString(sum[:12])
}

// outcome is how several questions are answered to one client.
type outcome struct {
	server  *Server
	w       http.ResponseWriter
	sent    url.Values
	list    []asking
	version version
}

func (o *outcome) key() string {
	var b strings.Builder
	for i := range o.list {
		b.WriteString(o.list[i].path + "\n")
	}
	return b.String()
}

func (o *outcome) get(ctx context.Context, patient bool) (*together, time.Duration, error) {
	t, again, err := o.server.views.get(ctx, o.key(), o.version, patient, func(ctx context.Context) (*together, error) { return o.server.read(ctx, o) })
	var some incomplete
	if errors.As(err, &some) {
		t, err = some.together, nil
	}
	if t != nil && t.moved {
		again = max(again, t.took, lookEvery)
	}
	return t, again, err
}

// whole answers a client that knows earlier answers, when all questions are answered: 304 if they are the same.
func (o *outcome) whole(ctx context.Context, r *http.Request, known string) {
	t, again, err := o.get(ctx, true)
	if err != nil {
		o.server.refuse(o.w, r, err)
		return
	}
	if t.busy() {
		o.server.refuse(o.w, r, errBusy)
		return
	}
	o.w.Header().Set("Answers-Version", t.version.String())
	o.head(t.tag, again)
	if known == t.tag {
		o.w.WriteHeader(http.StatusNotModified)
		return
	}
	for i := range t.parts {
		_, _ = o.w.Write(t.parts[i].text) // a client that has gone needs no answer
	}
	o.end(t, again)
}

// stream answers each question as soon as those before it are answered.
func (o *outcome) stream(ctx context.Context, r *http.Request) {
	type result struct {
		t     *together
		again time.Duration
		err   error
	}
	done := make(chan result, 1)
	go func() {
		t, again, err := o.get(ctx, false)
		done <- result{t, again, err}
	}()
	early := time.NewTimer(streamAfter)
	defer early.Stop()
	var all result
	written := 0
	select {
	case all = <-done:
	case <-early.C:
		for ; written < len(o.list) && all.t == nil && all.err == nil; written++ {
			p := o.server.part(ctx, &o.list[written], o.version)
			if written == 0 {
				if errors.Is(p.err, errBusy) {
					o.server.refuse(o.w, r, p.err)
					return
				}
				o.head("", 0)
			}
			_, _ = o.w.Write(p.text)                    // as above
			_ = http.NewResponseController(o.w).Flush() // as above
			select {
			case all = <-done:
			default:
			}
		}
		if all.t == nil && all.err == nil {
			all = <-done
		}
	}
	if all.err != nil || written == 0 && all.t.busy() {
		if written == 0 {
			if all.err == nil {
				all.err = errBusy
			}
			o.server.refuse(o.w, r, all.err)
		}
		return // the last line is missing, which tells the client
	}
	if written == 0 {
		o.head(all.t.tag, all.again)
	}
	for i := written; i < len(all.t.parts); i++ {
		_, _ = o.w.Write(all.t.parts[i].text)
	}
	o.end(all.t, all.again)
}

// streamAfter is how long answers are waited for before the first are sent alone.
const streamAfter = 700 * time.Millisecond

// busy reports whether a question was turned away.
func (t *together) busy() bool {
	for i := range t.parts {
		if errors.Is(t.parts[i].err, errBusy) {
			return true
		}
	}
	return false
}

// againHeader says after how many milliseconds to ask again, because what is answered is not as of now.
const againHeader = "Again-After-Ms"

func (o *outcome) head(tag string, again time.Duration) {
	h := o.w.Header()
	h.Set("Content-Type", "application/x-ndjson")
	h.Set("Cache-Control", "no-store")
	if tag != "" {
		h.Set("ETag", tag)
	}
	if again > 0 {
		h.Set(againHeader, strconv.FormatInt(again.Milliseconds(), 10))
	}
}

func (o *outcome) end(t *together, again time.Duration) {
	_, _ = o.w.Write(encoded(line{Tag: t.tag, Version: t.version.String(), Moved: t.moved, Again: again.Milliseconds()}))
}
