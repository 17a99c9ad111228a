package httpin

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"csatflow/pipeline/event"
	"csatflow/pipeline/intake"
)

// request is a request that is being worked on.
type request struct {
	s      *Server
	r      *http.Request
	topic  string            // for csatflow's own form; "" for a feed
	feed   *intake.Feed      // nil for csatflow's own form
	kind   string            // of the body
	cloud  map[string]string // headers of a CloudEvent in the binary mode; nil for none
	body   share             // memory
	strict bool
	passed int // payloads that the feed's when leaves out
	out    []intake.Message
	dead   []intake.Unmapped
	refuse *Problem
}

// name is the feed for metrics.
func (q *request) name() string {
	if q.feed == nil {
		return ""
	}
	return q.feed.Name
}

// take answers a request that brings events.
func (s *Server) take(w http.ResponseWriter, r *http.Request, topic string, feed *intake.Feed) {
	q := &request{s: s, r: r, topic: topic, feed: feed, body: share{of: &s.memory}}
	if p := s.origin(w, r); p != nil {
		p.write(w)
		return
	}
	var p *Problem
	status := http.StatusAccepted
	switch {
	case r.Method == http.MethodOptions && r.Header.Get("Origin") != "":
		w.WriteHeader(http.StatusNoContent)
		return
	case r.Method != http.MethodPost:
		p = problem(http.StatusMethodNotAllowed, "events are sent by POST")
		p.allow = http.MethodPost
	case s.ending.Load():
		p = later(http.StatusServiceUnavailable, 1, "this process is ending: send it again")
	default:
		select {
		case s.slots <- struct{}{}:
			p = q.work()
			<-s.slots
		default:
			p = later(http.StatusTooManyRequests, 1, "%d requests are being worked on (intake.requests): send it again later", s.Requests)
		}
	}
	if p != nil {
		status = p.Status
		s.metrics.count(q.name(), refused, p.refusals())
		p.write(w)
	} else {
		writeJSON(w, status, "application/json", Taken{len(q.out), q.passed})
	}
	s.metrics.request(q.name(), status)
}

// origin refuses what a page of a foreign origin sends, and lets pages of the named origins send.
func (s *Server) origin(w http.ResponseWriter, r *http.Request) *Problem {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return nil
	}
	w.Header().Add("Vary", "Origin")
	if !slices.Contains(s.Origins, origin) {
		return problem(http.StatusForbidden, "pages of %q may not send: name it in intake.origins", origin)
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Allow-Methods", "POST")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Content-Encoding")
	h.Set("Access-Control-Expose-Headers", "Retry-After")
	h.Set("Access-Control-Max-Age", "3600")
	return nil
}

// work reads the body, maps and checks what is in it, and has it produced. It returns nil if all of it is in Kafka.
func (q *request) work() *Problem {
	handed := false // the memory of the body to the producer
	defer func() {
		if !handed {
			q.body.release()
		}
	}()
	var wrong *Problem
	if q.strict, wrong = strict(q.r); wrong != nil {
		return wrong
	}
	access := q.s.Access[q.name()]
	allowed := access.token(q.r)
	if !allowed && access.guarded() && !access.signed() {
		return q.unauthorised(errors.New("a bearer token of this feed is needed"))
	}
	if q.kind = kindOf(q.r, q.feed != nil); q.kind == "" {
		return problem(http.StatusUnsupportedMediaType, "the content type must be %s, %s (one event a line), %s or %s%s, in UTF-8, is %q (curl: --json in place of -d)", kindJSON, kindLines, kindCloud, kindBatch, q.forms(), q.r.Header.Get("Content-Type"))
	}
	body, p := q.read(func(raw []byte) error {
		if allowed || !access.signed() {
			return nil
		}
		return access.signature(q.r, raw, q.s.Now())
	})
	if p != nil {
		return p
	}
	q.cloud = cloudHeaders(q.r.Header)
	list, p := split(q.kind, body, q.cloud)
	if p != nil {
		return p
	}
	q.refuse = &Problem{}
	if q.feed != nil {
		q.mapped(list)
	} else {
		q.checked(list)
	}
	if q.refuse.refusals() > 0 && (q.strict || q.feed == nil && len(q.out) == 0) {
		return q.refusal(http.StatusUnprocessableEntity, len(list), "nothing was taken")
	}
	ctx, cancel := context.WithTimeout(q.r.Context(), q.s.Timeout)
	defer cancel()
	begun := time.Now()
	if len(q.out) > 0 {
		handed = true
		if p := q.produce(ctx); p != nil {
			return p
		}
	}
	if len(q.dead) > 0 {
		if err := q.s.Producer.Bury(ctx, q.dead); err != nil {
			return q.unproduced(err, "a payload that cannot be mapped could not be kept as a dead letter")
		}
		q.s.metrics.count(q.name(), buried, len(q.dead))
	}
	if len(q.out)+len(q.dead) > 0 {
		q.s.metrics.acknowledged(time.Since(begun))
	}
	q.s.metrics.count(q.name(), taken, len(q.out))
	q.s.metrics.count(q.name(), passed, q.passed)
	if q.refuse.refusals() > 0 {
		then := "the rest was taken"
		if len(q.out) == 0 {
			then = "nothing was taken"
		}
		return q.refusal(http.StatusAccepted, len(list), then)
	}
	return nil
}

func (q *request) forms() string {
	if q.feed == nil {
		return ""
	}
	return ", or " + kindForm
}

// strict reads the parameter strict, the only one.
func strict(r *http.Request) (bool, *Problem) {
	parameters, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return false, problem(http.StatusBadRequest, "the parameters cannot be read: %v", err)
	}
	for name := range parameters {
		if name != "strict" {
			return false, problem(http.StatusBadRequest, "no parameter %q: there is strict", name)
		}
	}
	values, found := parameters["strict"]
	if !found {
		return false, nil
	}
	if len(values) != 1 || values[0] != "true" && values[0] != "false" {
		return false, problem(http.StatusBadRequest, "strict must be true or false")
	}
	return values[0] == "true", nil
}

func (q *request) unauthorised(err error) *Problem {
	p := problem(http.StatusUnauthorized, "%v", err)
	p.challenge = true
	return p
}

// read reads the body, lets check look at it as it came, and unpacks it.
func (q *request) read(check func([]byte) error) ([]byte, *Problem) {
	most := int64(q.s.MaxBody)
	encoding := "identity"
	if given := q.r.Header.Values("Content-Encoding"); len(given) > 0 {
		encoding = strings.ToLower(strings.TrimSpace(strings.Join(given, ",")))
	}
	if encoding != "identity" && encoding != "gzip" && encoding != "zstd" {
		return nil, problem(http.StatusUnsupportedMediaType, "the content encoding must be gzip or zstd, is %q", encoding)
	}
	if q.r.ContentLength > most {
		return nil, q.tooLong()
	}
	raw, err := q.body.readAll(q.r.Body, q.r.ContentLength, most)
	if err != nil {
		return nil, q.unread(err)
	}
	if err := check(raw); err != nil {
		return nil, q.unauthorised(err)
	}
	if encoding == "identity" {
		return raw, nil
	}
	r, err := unpack(encoding, raw)
	if err != nil {
		return nil, q.unread(err)
	}
	defer func() { _ = r.Close() }() // it only reads memory
	body, err := q.body.readAll(r, -1, most)
	if err != nil {
		return nil, q.unread(err)
	}
	return body, nil
}

func (q *request) tooLong() *Problem {
	return problem(http.StatusRequestEntityTooLarge, "a body has at most %d bytes, unpacked (intake.max_body): send several requests", q.s.MaxBody)
}

func (q *request) unread(err error) *Problem {
	switch {
	case errors.Is(err, errTooLong), errors.Is(err, zstd.ErrDecoderSizeExceeded), errors.Is(err, zstd.ErrWindowSizeExceeded):
		return q.tooLong()
	case errors.Is(err, errNoMemory):
		return later(http.StatusTooManyRequests, 1, "%v: send it again later", err)
	}
	return problem(http.StatusBadRequest, "reading the body: %v", err)
}

// unpack returns a reader of what is packed.
func unpack(encoding string, raw []byte) (io.ReadCloser, error) {
	from := strings.NewReader(unsafeString(raw))
	if encoding == "gzip" {
		return gzip.NewReader(from)
	}
	d, err := zstd.NewReader(from, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20), zstd.WithDecoderLowmem(true))
	if err != nil {
		return nil, err
	}
	return d.IOReadCloser(), nil
}

// checked checks events in csatflow's own form.
func (q *request) checked(list []item) {
	decoder, _ := q.s.decoders.Get().(*event.Decoder)
	if decoder == nil {
		decoder = &event.Decoder{Words: q.s.Words}
	}
	defer q.s.decoders.Put(decoder)
	q.out = make([]intake.Message, 0, len(list))
	for i := range list {
		it := &list[i]
		if it.wrong != nil {
			q.refuse.refuse(i, it.wrong)
			continue
		}
		value := it.data
		if it.cloud != nil {
			value = intake.Complete(value, it.cloud)
		}
		key, at, err := decoder.KeyOf(q.topic, value)
		e := intake.Event{Topic: q.topic, Key: slices.Clone(key), Value: value, At: at}
		if err == nil {
			err = cmp.Or(e.Fits(), q.s.Clock.Takes(&e))
		}
		if err != nil {
			q.refuse.refuse(i, intake.Blame(err))
			continue
		}
		q.out = append(q.out, intake.Message{Event: e, Item: i})
	}
}

// mapped maps payloads of a feed.
func (q *request) mapped(list []item) {
	var headers map[string]string
	if q.feed.UsesHeaders() {
		headers = plain(q.r.Header)
		delete(headers, strings.ToLower(q.s.Access[q.feed.Name].HMAC.Header))
	}
	for i := range list {
		it := &list[i]
		events, err := q.eventsOf(it, headers)
		if err == nil && len(events) == 0 {
			q.passed++
		}
		for j := range events {
			if e := &events[j]; err == nil {
				err = intake.Takes(q.s.Producer, q.s.Clock, e)
			}
		}
		if err != nil {
			r := intake.Blame(err)
			r.Feed = q.feed.Name
			q.refuse.refuse(i, r)
			q.dead = append(q.dead, intake.Unmapped{Refusal: r, Mapping: q.feed.Version, Payload: it.raw, Kind: q.payloadKind(), Request: q.kept(headers)})
			continue
		}
		for _, e := range events {
			q.out = append(q.out, intake.Message{Event: e, Feed: q.feed.Name, Mapping: q.feed.Version, Item: i})
		}
	}
}

// kept are the headers without which the payload could not be mapped again, as JSON: those that expressions look at, and the attributes of
// a CloudEvent in the binary mode.
func (q *request) kept(headers map[string]string) string {
	if headers == nil {
		headers = q.cloud
	}
	if headers == nil {
		return ""
	}
	b, err := json.Marshal(headers)
	if err != nil {
		panic(err) // texts can always be encoded
	}
	return string(b)
}

// payloadKind is the media type of one payload of the body.
func (q *request) payloadKind() string {
	switch q.kind {
	case kindLines:
		return kindJSON
	case kindBatch:
		return kindCloud
	}
	return q.kind
}

func (q *request) eventsOf(it *item, headers map[string]string) ([]intake.Event, error) {
	if it.wrong != nil {
		return nil, it.wrong
	}
	decode := intake.DecodeJSON
	if q.kind == kindForm {
		decode = intake.DecodeForm
	}
	msg, err := decode(it.data)
	if err != nil {
		return nil, &intake.Refusal{Reason: err.Error()}
	}
	return q.feed.Map(&intake.Payload{Message: msg, Headers: headers, Cloud: it.cloud})
}

// plain are the headers that expressions see: not those that let somebody in.
func plain(h http.Header) map[string]string {
	m := map[string]string{}
	for name, values := range h {
		if name = strings.ToLower(name); name != "authorization" && name != "cookie" && name != "proxy-authorization" && len(values) > 0 {
			m[name] = values[0]
		}
	}
	return m
}

// produce has the events produced. The producer releases the memory of the body.
func (q *request) produce(ctx context.Context) *Problem {
	errs := q.s.Producer.Produce(ctx, q.out, q.body.release)
	if errs == nil {
		return nil
	}
	done := 0
	var first error
	for i, err := range errs {
		var large *intake.TooLarge
		switch {
		case err == nil:
			done++
		case errors.As(err, &large):
			q.refuse.refuse(q.out[i].Item, &intake.Refusal{Feed: q.name(), Reason: large.Reason})
		case first == nil:
			first = err
		}
	}
	if first == nil && done > 0 {
		q.out = q.out[:done] // only the number counts from here on
		return nil
	}
	if first == nil {
		return q.refusal(http.StatusUnprocessableEntity, len(errs), "nothing was taken")
	}
	return q.unproduced(first, "%d of %d events are not in Kafka for sure", len(errs)-done, len(errs))
}

// unproduced is the answer when Kafka has not acknowledged everything. Events that it has will be repetitions, which count once.
func (q *request) unproduced(err error, format string, args ...any) *Problem {
	q.s.Log.Warn("Kafka has not acknowledged events; their sender is told to send them again", "feed", q.name(), "err", err)
	const again = "; send all of them again: an event_id that repeats counts once"
	var lasting *intake.Unreachable
	if errors.As(err, &lasting) || !errors.Is(err, context.DeadlineExceeded) {
		return later(http.StatusServiceUnavailable, 5, format+": "+"Kafka cannot take them"+again, args...)
	}
	return later(http.StatusTooManyRequests, 2, format+": Kafka is slow"+again, args...)
}

// refusal is the answer when something was refused.
func (q *request) refusal(status, of int, rest string) *Problem {
	p := q.refuse
	p.Type, p.Status = typeRefused, status
	what := "events"
	if q.feed != nil {
		what = "payloads"
	}
	p.Title = fmt.Sprintf("%d of %d %s refused", p.refusals(), of, what)
	n := 0
	if status == http.StatusAccepted {
		n = len(q.out)
	}
	p.Taken = &n
	p.Detail = "refused says which and why; " + rest
	if status == http.StatusAccepted && q.feed != nil {
		dead := len(q.dead)
		p.DeadLetters = &dead
		p.Detail += ". What a feed refuses is kept in the dead-letter topic: csatflow deadletter retry maps it again"
	}
	return p
}
