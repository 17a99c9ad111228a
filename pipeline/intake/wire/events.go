package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"csatflow/pipeline/event"
	"csatflow/schemas/feeds"
	"csatflow/schemas/reasons"
)

// Events makes JSON of csatflow's own events of one topic that a producer writes in a format of the registry, with the fields' names as
// the schemas of events have them. Many goroutines use it. The same value of the same schema always gives the same JSON.
//
// What has no value is left out: null, a Protobuf field that is not set, and a Protobuf field without presence (proto3 without optional)
// that is zero or empty, but for a number that every event must have. A symbol of an enumeration is its name in small letters, without
// the enumeration's name before it (SOURCE_SERVICE_DESK of Source is service_desk); UNSPECIFIED is no value. Times are RFC 3339 in UTC,
// durations seconds, decimals numbers, other bytes base64. Everything else is left to the decoder of events.
type Events struct {
	format   string
	key      string
	registry *Registry
	as       reading
}

// NewEvents returns what reads the events of a feed in a format other than JSON; key is where the configuration has the format.
func NewEvents(format, key string, registry *Registry, feed *feeds.Feed) *Events {
	needed := func(name string) bool {
		return slices.ContainsFunc(feed.Fields, func(f feeds.Field) bool { return f.Name == name && f.Required && f.Kind.ZeroIsValue() })
	}
	return &Events{format: format, key: key, registry: registry, as: reading{word: wordOf, zero: needed, raw: true}}
}

// JSON returns the event of a value as JSON. A JSON object is returned as it stands: producers of both forms share a topic. A
// [*RegistryError] says that the registry did not answer; an [*event.Error] is of the value.
func (e *Events) JSON(ctx context.Context, value []byte) ([]byte, error) {
	if start := bytes.TrimLeft(value, " \t\r\n"); len(value) == 0 || len(start) > 0 && start[0] == '{' {
		return value, nil // the decoder knows what an empty message is
	}
	v, err := e.registry.read(ctx, value, e.format, e.key, &e.as)
	var away *RegistryError
	switch {
	case errors.As(err, &away):
		return nil, err
	case err != nil:
		return nil, &event.Error{Reason: err.Error()}
	}
	if raw, is := v.(json.RawMessage); is {
		return withoutNulls(raw), nil
	}
	w := jsonWriter{most: leastJSON + 6*len(value)} // a control character takes six
	if w.value(v); len(w.out) > w.most {
		return nil, &event.Error{Reason: reasons.LargeAsJSON.Text(reasons.Number(w.most))}
	}
	return w.out, nil
}

// wordOf is a symbol of an enumeration as one of csatflow's words; nil for none.
func wordOf(enumeration, symbol string) any {
	word := strings.TrimPrefix(strings.ToLower(symbol), snake(enumeration)+"_")
	if word == "unspecified" {
		return nil
	}
	return word
}

// snake is a name in small letters, with _ between its words: ComplaintStep is complaint_step.
func snake(name string) string {
	var b strings.Builder
	for i, c := range name {
		if i > 0 && unicode.IsUpper(c) && !unicode.IsUpper(rune(name[i-1])) && name[i-1] != '_' {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

// withoutNulls leaves members that are null out of an object and of the objects in it. Everything else stays as it is written, also
// what is given twice, so that the decoder refuses it. What is no JSON stays as it is.
func withoutNulls(text []byte) []byte {
	if !bytes.Contains(text, []byte("null")) || !utf8.Valid(text) {
		return text
	}
	d := json.NewDecoder(bytes.NewReader(text))
	out, err := appendWithoutNulls(make([]byte, 0, len(text)), d)
	if err != nil {
		return text
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return text
	}
	return out
}

// appendWithoutNulls copies the next value.
func appendWithoutNulls(out []byte, d *json.Decoder) ([]byte, error) {
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return nil, err
	}
	if raw[0] != '{' || !bytes.Contains(raw, []byte("null")) {
		return append(out, raw...), nil
	}
	in := json.NewDecoder(bytes.NewReader(raw))
	if _, err := in.Token(); err != nil {
		return nil, err
	}
	out = append(out, '{')
	for in.More() {
		name, err := in.Token()
		if err != nil {
			return nil, err
		}
		text, is := name.(string)
		if !is {
			return nil, fmt.Errorf("the name %v is no text", name)
		}
		begin := len(out)
		if out[begin-1] != '{' {
			out = append(out, ',')
		}
		out = append(appendText(out, text), ':')
		value := len(out)
		if out, err = appendWithoutNulls(out, in); err != nil {
			return nil, err
		}
		if string(out[value:]) == "null" {
			out = out[:begin]
		}
	}
	return append(out, '}'), nil
}
