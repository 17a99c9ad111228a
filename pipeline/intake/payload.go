package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// Payload is what a feed's sender sent.
type Payload struct {
	// Message is what expressions call msg: maps from text, lists, texts, int64, uint64, float64, bool and nil, as [DecodeJSON] makes it.
	Message any
	Headers map[string]string // of the request, with names in small letters; may be nil
	Cloud   map[string]any    // the attributes of a CloudEvent; nil for what is none
	// Place names the events that a feed gives no event_id, so that the same message, read again, makes the same events.
	Place Place
}

// DecodeJSON reads one JSON value. Whole numbers are int64 (or uint64), others float64.
func DecodeJSON(b []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, errors.New("not JSON: it ends too early")
		}
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("not JSON: something follows the value")
	}
	return numbers(v), nil
}

func numbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		return number(string(v))
	case map[string]any:
		for k, x := range v {
			switch x.(type) {
			case json.Number, map[string]any, []any:
				v[k] = numbers(x)
			}
		}
	case []any:
		for i, x := range v {
			v[i] = numbers(x)
		}
	}
	return v
}

func number(text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	if n, err := strconv.ParseUint(text, 10, 64); err == nil {
		return n
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) {
		return text // a number that no float64 holds stays as it is written
	}
	return f
}

// DecodeForm reads a form as browsers and older systems send it (application/x-www-form-urlencoded): texts by name, lists of texts
// where a name is repeated.
func DecodeForm(b []byte) (any, error) {
	values, err := url.ParseQuery(string(b))
	if err != nil {
		return nil, fmt.Errorf("not a form: %w", err)
	}
	m := map[string]any{}
	for name, list := range values {
		if len(list) == 1 {
			m[name] = list[0]
			continue
		}
		all := make([]any, len(list))
		for i, v := range list {
			all[i] = v
		}
		m[name] = all
	}
	return m, nil
}

// ReadText reads feeds from a YAML text, as [Read] does.
func ReadText(file, key string, text []byte) (Declarations, error) {
	var n yaml.Node
	if err := yaml.Unmarshal(text, &n); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return Read(file, key, &n)
}
