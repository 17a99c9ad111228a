package wire

import (
	"encoding/base64"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"
)

// leastJSON is how many bytes the JSON of any value may have; that of a large value may have more.
const leastJSON = 1 << 20

// jsonWriter writes values as JSON, until it has more than most bytes: a few bytes may be very many values.
type jsonWriter struct {
	out  []byte
	most int
}

func (w *jsonWriter) value(v any) {
	if len(w.out) > w.most {
		return
	}
	switch v := v.(type) {
	case nil:
		w.out = append(w.out, "null"...)
	case map[string]any:
		w.object(v)
	case []any:
		w.out = append(w.out, '[')
		for i, x := range v {
			if i > 0 {
				w.out = append(w.out, ',')
			}
			if w.value(x); len(w.out) > w.most {
				return
			}
		}
		w.out = append(w.out, ']')
	case string:
		w.out = appendText(w.out, v)
	case bool:
		w.out = strconv.AppendBool(w.out, v)
	case int64:
		w.out = strconv.AppendInt(w.out, v, 10)
	case uint64:
		w.out = strconv.AppendUint(w.out, v, 10)
	case float64:
		w.number(v)
	case time.Time:
		w.out = appendText(w.out, v.UTC().Format(time.RFC3339Nano))
	case time.Duration:
		w.number(v.Seconds())
	case []byte:
		w.out = appendText(w.out, base64.StdEncoding.EncodeToString(v))
	default:
		panic(fmt.Sprintf("a value of the type %T", v)) // the readers make no other
	}
}

// object writes the members that have a value, by name.
func (w *jsonWriter) object(m map[string]any) {
	w.out = append(w.out, '{')
	first := true
	for _, name := range slices.Sorted(maps.Keys(m)) {
		if m[name] == nil {
			continue
		}
		if !first {
			w.out = append(w.out, ',')
		}
		first = false
		w.out = append(appendText(w.out, name), ':')
		if w.value(m[name]); len(w.out) > w.most {
			return
		}
	}
	w.out = append(w.out, '}')
}

// number writes a number. One that JSON has not is a text, which the decoder refuses by its field.
func (w *jsonWriter) number(f float64) {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		w.out = appendText(w.out, strconv.FormatFloat(f, 'g', -1, 64))
	case f == math.Trunc(f) && math.Abs(f) < 1<<53:
		w.out = strconv.AppendInt(w.out, int64(f), 10)
	default:
		w.out = strconv.AppendFloat(w.out, f, 'g', -1, 64)
	}
}

// appendText writes a text with its bytes as they are, also those that are no UTF-8, which the decoder refuses.
func appendText(out []byte, text string) []byte {
	const hex = "0123456789abcdef"
	out = append(out, '"')
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c < ' ':
			out = append(out, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}
