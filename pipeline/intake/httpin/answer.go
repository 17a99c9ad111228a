package httpin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"csatflow/pipeline/intake"
)

// Problem is an answer that is not all well, by RFC 9457.
type Problem struct {
	Type        string `json:"type"`
	Title       string `json:"title"`
	Status      int    `json:"status"`
	Detail      string `json:"detail,omitempty"`
	Taken       *int   `json:"taken,omitempty"`        // events that Kafka has
	DeadLetters *int   `json:"dead_letters,omitempty"` // payloads that are kept in the dead-letter topic
	Refused     []Item `json:"refused,omitempty"`      // the first thousand
	More        int    `json:"more_refused,omitempty"` // that are not listed

	retryAfter int
	allow      string
	challenge  bool
}

// Item is an event or a payload that is refused.
type Item struct {
	Index      int    `json:"index"` // in the body, from 0
	Feed       string `json:"feed,omitempty"`
	Field      string `json:"field"` // "" for the whole
	Expression string `json:"expression,omitempty"`
	Reason     string `json:"reason"`
}

// Taken is the answer when all is well.
type Taken struct {
	Taken  int `json:"taken"`       // events that Kafka has
	Passed int `json:"passed_over"` // payloads that the feed's when leaves out
}

// mostListed bounds the refused items that an answer lists.
const mostListed = 1000

// Types of problems.
const (
	typeRefused = "urn:csatflow:intake:refused"
	typeBlank   = "about:blank" // the status says it
)

func problem(status int, format string, args ...any) *Problem {
	return &Problem{Type: typeBlank, Title: http.StatusText(status), Status: status, Detail: fmt.Sprintf(format, args...)}
}

// later is a problem that passes; the sender tries again after some seconds.
func later(status, seconds int, format string, args ...any) *Problem {
	p := problem(status, format, args...)
	p.retryAfter = seconds
	return p
}

func (p *Problem) refuse(index int, r *intake.Refusal) {
	if len(p.Refused) >= mostListed {
		p.More++
		return
	}
	p.Refused = append(p.Refused, Item{Index: index, Feed: r.Feed, Field: r.Field, Expression: r.Expression, Reason: r.Reason})
}

func (p *Problem) refusals() int { return len(p.Refused) + p.More }

func (p *Problem) write(w http.ResponseWriter) {
	h := w.Header()
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(p.retryAfter))
	}
	if p.allow != "" {
		h.Set("Allow", p.allow)
	}
	if p.challenge {
		h.Set("WWW-Authenticate", `Bearer realm="csatflow intake"`)
	}
	writeJSON(w, p.Status, "application/problem+json", p)
}

func writeJSON(w http.ResponseWriter, status int, kind string, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // texts and numbers can always be encoded
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(b)+1))
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n')) // a client that has gone needs no answer
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // a client that has gone needs no answer
}
