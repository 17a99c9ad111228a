package intake

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"csatflow/schemas/feeds"
)

// field adds a field to the event. One whose expression gives null, an empty text or nothing is left out.
func (m *mapping) field(f *field) error {
	begin := len(m.out)
	m.name(f.name)
	if f.source == nil {
		return m.members(f, begin)
	}
	v, err := m.eval(f.source)
	if err != nil {
		return &Refusal{Field: f.name, Expression: f.source.text, Reason: err.Error()}
	}
	m.spans = append(m.spans, span{f.name, f.source.text})
	if v = present(v); v == nil || v == types.String("") {
		m.out = m.out[:begin]
		return nil
	}
	if err := m.value(f.kind, v); err != nil {
		return &Refusal{Field: f.name, Expression: f.source.text, Reason: err.Error()}
	}
	return nil
}

// members adds a field that has an expression for each of its members; without any member it is left out.
func (m *mapping) members(f *field, begin int) error {
	kind := memberKind(f.kind)
	m.out = append(m.out, '{')
	inner := len(m.out)
	for i := range f.members {
		x := &f.members[i]
		v, err := m.eval(x.source)
		if err == nil {
			if v = present(v); v == nil || v == types.String("") {
				continue
			}
			m.name(x.name)
			err = m.value(kind, v)
		}
		path := f.name + "." + x.name
		if err != nil {
			return &Refusal{Field: path, Expression: x.source.text, Reason: err.Error()}
		}
		m.spans = append(m.spans, span{path, x.source.text})
	}
	if len(m.out) == inner {
		m.out = m.out[:begin]
		return nil
	}
	m.out = append(m.out, '}')
	return nil
}

// memberKind is the kind of the members of a field of several values.
func memberKind(k feeds.Kind) feeds.Kind {
	if k == feeds.Attributes {
		return feeds.Text
	}
	return feeds.Scale
}

// name begins a member of an object.
func (m *mapping) name(name string) {
	if m.out[len(m.out)-1] != '{' {
		m.out = append(m.out, ',')
	}
	m.text(name)
	m.out = append(m.out, ':')
}

// text adds a JSON text.
func (m *mapping) text(s string) {
	plain := true
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			plain = false
			break
		}
	}
	if plain {
		m.out = append(m.out, '"')
		m.out = append(m.out, s...)
		m.out = append(m.out, '"')
		return
	}
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // a text can always be encoded
	}
	m.out = append(m.out, b...)
}

// value adds a value that a field of this kind takes. The decoder checks bounds afterwards.
func (m *mapping) value(k feeds.Kind, v ref.Val) error {
	_, needs := takes(k)
	wrong := func() error { return fmt.Errorf("gives %s, and %s", kindOf(v), needs) }
	switch k {
	case feeds.ID, feeds.Text, feeds.Name:
		text, err := keyText(v)
		if _, is := v.(types.String); err != nil || k == feeds.Name && !is {
			return wrong()
		}
		m.text(text)
	case feeds.Instant:
		switch t := v.(type) {
		case types.String:
			m.text(string(t))
		case types.Timestamp:
			if y := t.UTC().Year(); y < 0 || y > 9999 {
				return fmt.Errorf("gives a time of the year %d", y)
			}
			m.out = append(m.out, '"')
			m.out = t.UTC().AppendFormat(m.out, time.RFC3339Nano)
			m.out = append(m.out, '"')
		default:
			return wrong()
		}
	case feeds.Scale, feeds.Integer, feeds.Count, feeds.Number:
		if !m.number(v, k == feeds.Number) {
			return wrong()
		}
	case feeds.Set:
		list, ok := v.(traits.Lister)
		if !ok {
			return wrong()
		}
		m.out = append(m.out, '[')
		for it := list.Iterator(); it.HasNext() == types.True; {
			x, ok := it.Next().(types.String)
			if !ok {
				return fmt.Errorf("%s; a member is none", needs)
			}
			if m.out[len(m.out)-1] != '[' {
				m.out = append(m.out, ',')
			}
			m.text(string(x))
		}
		m.out = append(m.out, ']')
	case feeds.Scales, feeds.Answers, feeds.Attributes:
		list, ok := v.(traits.Mapper)
		if !ok {
			return wrong()
		}
		kind := memberKind(k)
		m.out = append(m.out, '{')
		for it := list.Iterator(); it.HasNext() == types.True; {
			key := it.Next()
			name, ok := key.(types.String)
			if !ok {
				return fmt.Errorf("gives a map with the key %v, which is no text", key.Value())
			}
			x := present(list.Get(key))
			if x == nil || x == types.String("") {
				continue
			}
			m.name(string(name))
			if err := m.value(kind, x); err != nil {
				return fmt.Errorf("%s: %w", shown(string(name)), err)
			}
		}
		m.out = append(m.out, '}')
	}
	return nil
}

// number adds a number; one that is not whole only if fractions are allowed.
func (m *mapping) number(v ref.Val, fractions bool) bool {
	switch n := v.(type) {
	case types.Int:
		m.out = strconv.AppendInt(m.out, int64(n), 10)
	case types.Uint:
		m.out = strconv.AppendUint(m.out, uint64(n), 10)
	case types.Double:
		f := float64(n)
		whole := f == math.Trunc(f) && math.Abs(f) < 1<<53
		if math.IsNaN(f) || math.IsInf(f, 0) || !whole && !fractions {
			return false
		}
		if whole {
			m.out = strconv.AppendInt(m.out, int64(f), 10)
		} else {
			m.out = strconv.AppendFloat(m.out, f, 'g', -1, 64)
		}
	default:
		return false
	}
	return true
}
