package event_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"csatflow/pipeline/event"
)

// badCase is one line of a .bad.jsonl file: a message that breaks its contract in Field.
type badCase struct {
	Why, Field string
	Event      json.RawMessage
	Raw        *string
}

func (c *badCase) message() []byte {
	if c.Raw != nil {
		return []byte(*c.Raw)
	}
	return c.Event
}

func lines(t testing.TB, file string) [][]byte {
	t.Helper()
	text, err := os.ReadFile("../../schemas/events/testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
}

func badCases(t testing.TB, file string) []badCase {
	t.Helper()
	var list []badCase
	for i, line := range lines(t, file) {
		var c badCase
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatalf("%s:%d is no case: %v", file, i+1, err)
		}
		list = append(list, c)
	}
	return list
}

// feed is a topic whose messages the decoder reads.
type feed struct {
	topic   string
	minimal string // the smallest valid message
	decode  func(d *event.Decoder, message []byte) (unknown int, err error)
}

var responses = feed{
	topic:   "responses",
	minimal: `{"event_id":"r","occurred_at":"2026-03-01T09:00:00Z","customer_id":"c","grade":5}`,
	decode: func(d *event.Decoder, message []byte) (int, error) {
		r, err := d.Response(message)
		if err != nil {
			return 0, err
		}
		return r.Unknown, nil
	},
}

var complaints = feed{
	topic:   "complaints",
	minimal: `{"event_id":"k","occurred_at":"2026-03-01T09:00:00Z","customer_id":"c","complaint_id":"K","step":"opened"}`,
	decode: func(d *event.Decoder, message []byte) (int, error) {
		c, err := d.Complaint(message)
		if err != nil {
			return 0, err
		}
		return c.Unknown, nil
	},
}

var purchases = feed{
	topic:   "purchases",
	minimal: `{"event_id":"p","occurred_at":"2026-03-01T09:00:00Z","customer_id":"c","amount":1}`,
	decode: func(d *event.Decoder, message []byte) (int, error) {
		p, err := d.Purchase(message)
		if err != nil {
			return 0, err
		}
		return p.Unknown, nil
	},
}

var observations = feed{
	topic:   "observations",
	minimal: `{"event_id":"o","occurred_at":"2026-03-01T09:00:00Z","kind":"mystery_visit","store_id":"s"}`,
	decode: func(d *event.Decoder, message []byte) (int, error) {
		o, err := d.Observation(message)
		if err != nil {
			return 0, err
		}
		return o.Unknown, nil
	},
}

var departures = feed{
	topic:   "departures",
	minimal: `{"event_id":"d","occurred_at":"2026-03-01T09:00:00Z","customer_id":"c"}`,
	decode: func(d *event.Decoder, message []byte) (int, error) {
		o, err := d.Departure(message)
		if err != nil {
			return 0, err
		}
		return o.Unknown, nil
	},
}

var asked = feed{
	topic:   "asked",
	minimal: `{"event_id":"i","occurred_at":"2026-03-01T09:00:00Z","customer_id":"c"}`,
	decode: func(d *event.Decoder, message []byte) (int, error) {
		a, err := d.Asked(message)
		if err != nil {
			return 0, err
		}
		return a.Unknown, nil
	},
}

var feeds = []feed{responses, complaints, purchases, observations, departures, asked}

// with sets a member of a message, in place of one with its name.
func with(message, name, value string) []byte {
	out := []byte(`{` + quote(name) + `:` + value)
	repeats([]byte(message), func(n string, v []byte) (known, within bool) {
		if n != name {
			out = append(append(append(append(out, ','), quote(n)...), ':'), v...)
		}
		return false, false
	})
	return append(out, '}')
}

func quote(name string) string { return `"` + name + `"` }
