package deadletter

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
	"unicode/utf8"

	"csatflow/pipeline"
	"csatflow/pipeline/event"
	"csatflow/pipeline/event/lines"
)

// Line is a letter as one line of JSON: deadletter list --format json writes it, and deadletter retry --file reads it.
type Line struct {
	ID     string    `json:"id"`
	State  string    `json:"state"`
	At     time.Time `json:"at"`
	Key    string    `json:"key"`
	Field  string    `json:"field"`
	Reason string    `json:"reason"`
	Value  any       `json:"value"` // a JSON value as such, other text as a string, other bytes as {"base64": …}
}

// AsLine converts a letter to a line.
func AsLine(l *Letter) Line {
	j := Line{ID: l.String(), State: string(l.State), At: l.At.UTC(), Key: string(l.Key), Field: l.Field, Reason: l.Reason}
	switch {
	case l.Value == nil:
	case json.Valid(l.Value):
		j.Value = json.RawMessage(l.Value)
	case isText(l.Value):
		j.Value = string(l.Value)
	default:
		j.Value = map[string][]byte{"base64": l.Value}
	}
	return j
}

// isText reports whether a value is text. One with a zero byte is not: Confluent's wire format begins with one, and the rest may be UTF-8.
func isText(b []byte) bool { return utf8.Valid(b) && bytes.IndexByte(b, 0) < 0 }

// bytesOf returns the bytes of a value as [AsLine] writes those that are no text; nil for any other value.
func bytesOf(value []byte) []byte {
	var b struct {
		Base64 []byte `json:"base64"`
	}
	if value[0] != '{' || json.Unmarshal(value, &b) != nil || isText(b.Base64) {
		return nil
	}
	return b.Base64
}

// ReadRepaired reads repaired messages: of each line, id and value. Errors name the line.
func ReadRepaired(l *lines.Reader) (map[ID][]byte, error) {
	list := map[ID][]byte{}
	for {
		line, err := l.Next()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		var j struct {
			ID    string          `json:"id"`
			Value json.RawMessage `json:"value"`
		}
		if err := json.Unmarshal(line, &j); err != nil {
			return nil, fmt.Errorf("%s:%d: not an object with id and value: %w", l.Name, l.Line, err)
		}
		id, err := ParseID(j.ID)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: id: %w", l.Name, l.Line, err)
		}
		if len(j.Value) == 0 {
			return nil, fmt.Errorf("%s:%d: value: the repaired message is missing", l.Name, l.Line)
		}
		if _, twice := list[id]; twice {
			return nil, fmt.Errorf("%s:%d: %s is in the file twice", l.Name, l.Line, id)
		}
		if list[id] = bytesOf(j.Value); list[id] == nil {
			list[id] = slices.Clone(j.Value)
		}
	}
}

// Repair checks letters and sends them back.
type Repair struct {
	Queue *Queue
	Feeds map[string]string          // by topic, for the topics that this configuration reads
	Bad   func(l *Letter, why error) // hears of each letter that is not sent back, and why
	// Map maps the payload of a dead letter of the intake again, and returns what sends its events; an error that says why it still
	// does not map.
	Map func(ctx context.Context, l *Letter, payload []byte) (send func() error, err error)
	// Event returns the event in a value of a feed (responses …) as JSON; nil if all topics have JSON. Its error is of the value, unless it
	// is a [pipeline.Away].
	Event    func(ctx context.Context, feed string, value []byte) ([]byte, error)
	Words    event.Words // that the owner adds to the enumerations of events
	Sent     int         // letters sent back
	Before   int         // letters that had been sent back before
	checkers map[string]*lines.Checker
}

// Retry sends a letter back with this value, if the value is a valid event and the letter was not sent back before.
func (r *Repair) Retry(ctx context.Context, l *Letter, value []byte) error {
	if _, unmapped := l.Feed(); unmapped {
		return r.again(ctx, l, value)
	}
	key, err := r.check(ctx, l.Topic, value)
	if pipeline.IsAway(err) {
		return err
	}
	if err != nil {
		r.Bad(l, err)
		return nil
	}
	sent, err := r.Queue.Retry(ctx, l, key, value)
	return r.count(l, sent, err)
}

// again maps a payload again.
func (r *Repair) again(ctx context.Context, l *Letter, payload []byte) error {
	send, err := r.Map(ctx, l, payload)
	if err != nil {
		r.Bad(l, err)
		return nil
	}
	sent, err := r.Queue.RetryUnmapped(ctx, l, send)
	return r.count(l, sent, err)
}

// count counts what became of a letter that was to be sent.
func (r *Repair) count(l *Letter, sent bool, err error) error {
	var unplaced *UnplacedError
	switch {
	case errors.As(err, &unplaced):
		r.Bad(l, err)
	case err != nil:
		return err
	case sent:
		r.Sent++
	default:
		r.Before++
	}
	return nil
}

// check returns the key of a value that is a valid event.
func (r *Repair) check(ctx context.Context, topic string, value []byte) ([]byte, error) {
	feed := r.Feeds[topic]
	if feed == "" {
		return nil, fmt.Errorf("its topic %s is not an input topic of this configuration", topic)
	}
	if r.checkers == nil {
		r.checkers = map[string]*lines.Checker{}
	}
	if r.checkers[feed] == nil {
		r.checkers[feed] = &lines.Checker{Feed: feed, Words: r.Words}
	}
	if r.Event != nil {
		var err error
		if value, err = r.Event(ctx, feed, value); err != nil {
			return nil, err
		}
	}
	key, err := r.checkers[feed].Check(value)
	return slices.Clone(key), err
}
