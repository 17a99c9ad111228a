package intake

import (
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"csatflow/pipeline/event"
)

// Event is an event for an input topic. It has passed the pipeline's decoder.
type Event struct {
	Topic string // responses, complaints, purchases, observations, departures or asked
	Key   []byte
	Value []byte // JSON
	At    int64  // event time, ms since 1970-01-01T00:00:00Z
}

// MostEventBytes is the largest event: a topic with Kafka's defaults takes it.
const MostEventBytes = 900_000

// Fits refuses an event that is larger than topics take.
func (e *Event) Fits() error {
	if len(e.Value)+len(e.Key) > MostEventBytes {
		return &Refusal{Reason: fmt.Sprintf("the event has more than %d bytes", MostEventBytes)}
	}
	return nil
}

// Takes refuses what a feed makes for a topic that is not there, larger than topics take, or of a time that cannot be.
func Takes(p Producer, c *Clock, e *Event) error {
	if !p.Has(e.Topic) {
		return &Refusal{Field: "to", Reason: "kafka.topics." + e.Topic + " is empty: there is no topic for its events"}
	}
	return cmp.Or(e.Fits(), c.Takes(e))
}

// fieldID is the field by which a repeated event counts once.
const fieldID = "event_id"

// MostEvents bounds the events of one payload, which each makes.
const MostEvents = 1000

// mapping is the memory of mapping one payload at a time. It resolves the variables of expressions.
type mapping struct {
	decoder          *event.Decoder
	msg, headers, ce ref.Val
	item             ref.Val // nil outside of each
	place            Place
	made             int  // events of the payload until now
	named            bool // the event has an event_id
	out              []byte
	spans            []span // of the fields in out
}

// span is a field in the event that is being made.
type span struct{ field, expression string }

// ResolveName implements CEL's Activation.
func (m *mapping) ResolveName(name string) (any, bool) {
	switch name {
	case varMessage:
		return m.msg, true
	case varItem:
		return m.item, m.item != nil
	case varHeaders:
		return m.headers, true
	case varCloud:
		return m.ce, true
	}
	return nil, false
}

// Parent implements CEL's Activation.
func (m *mapping) Parent() cel.Activation { return nil }

// Map returns the events of a payload, none if the feed passes it over; or a [*Refusal], and then no event of it counts.
func (f *Feed) Map(p *Payload) ([]Event, error) {
	m := f.pool.Get().(*mapping)
	defer func() {
		m.msg, m.headers, m.ce, m.item, m.place, m.made = nil, nil, nil, nil, Place{}, 0
		f.pool.Put(m)
	}()
	adapter := types.DefaultTypeAdapter
	m.msg, m.place = adapter.NativeToValue(p.Message), p.Place
	m.headers = adapter.NativeToValue(p.Headers)
	if p.Headers == nil {
		m.headers = adapter.NativeToValue(map[string]string{})
	}
	m.ce = adapter.NativeToValue(p.Cloud)
	if p.Cloud == nil {
		m.ce = adapter.NativeToValue(map[string]any{})
	}
	var events []Event
	for i := range f.rules {
		r := &f.rules[i]
		if r.each == nil {
			e, err := m.event(r)
			if err != nil {
				return nil, f.refused(err)
			}
			if e != nil {
				events = append(events, *e)
			}
			continue
		}
		v, err := m.eval(r.each)
		if err != nil {
			return nil, f.refused(&Refusal{Field: "each", Expression: r.each.text, Reason: err.Error()})
		}
		list, ok := present(v).(traits.Lister)
		if !ok {
			return nil, f.refused(&Refusal{Field: "each", Expression: r.each.text, Reason: "must give a list, gives " + kindOf(v)})
		}
		for it := list.Iterator(); it.HasNext() == types.True; {
			m.item = it.Next()
			e, err := m.event(r)
			if err == nil && e != nil && len(events) >= MostEvents {
				err = &Refusal{Field: "each", Expression: r.each.text, Reason: fmt.Sprintf("makes more than %d events of a payload", MostEvents)}
			}
			if err != nil {
				return nil, f.refused(err)
			}
			if e != nil {
				events = append(events, *e)
			}
		}
		m.item = nil
	}
	return events, nil
}

func (f *Feed) refused(err error) error {
	var r *Refusal
	if errors.As(err, &r) {
		r.Feed = f.Name
	}
	return err
}

// event makes the event of a rule; nil if it passes the payload over.
func (m *mapping) event(r *rule) (*Event, error) {
	for _, when := range r.when {
		v, err := m.eval(when)
		if err != nil {
			return nil, &Refusal{Field: "when", Expression: when.text, Reason: err.Error()}
		}
		b, ok := v.(types.Bool)
		if !ok {
			return nil, &Refusal{Field: "when", Expression: when.text, Reason: "must give true or false, gives " + kindOf(v)}
		}
		if !b {
			return nil, nil
		}
	}
	m.out = append(m.out[:0], '{')
	m.spans, m.named = m.spans[:0], false
	for i := range r.fields {
		before := len(m.out)
		if err := m.field(&r.fields[i]); err != nil {
			return nil, err
		}
		m.named = m.named || r.fields[i].name == fieldID && len(m.out) > before
	}
	m.converted(r.converted)
	m.identify()
	m.out = append(m.out, '}')
	key, at, err := m.decoder.KeyOf(r.to, m.out)
	if err != nil {
		return nil, m.blame(err)
	}
	// One piece of memory for both.
	all := append(append(make([]byte, 0, len(m.out)+len(key)), m.out...), key...)
	return &Event{Topic: r.to, Value: all[:len(m.out):len(m.out)], Key: all[len(m.out):], At: at}, nil
}

// identify gives an event without an event_id one that is made of the place of its payload: tills/3/1201, the ones after the first of a
// payload tills/3/1201/1 and so on.
func (m *mapping) identify() {
	n := m.made
	m.made++
	if m.place.Topic == "" || m.named {
		return
	}
	id := m.place.String()
	if n > 0 {
		id = fmt.Sprintf("%s/%d", id, n)
	}
	m.name(fieldID)
	m.out = strconv.AppendQuote(m.out, id) // names of topics are ASCII letters, digits, dots, dashes and underscores
}

// blame makes a refusal of what the decoder says, with the expression that the field came from.
func (m *mapping) blame(err error) error {
	r := Blame(err)
	for _, s := range m.spans {
		rest, found := strings.CutPrefix(r.Field, s.field)
		if found && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			r.Expression = s.expression
		}
	}
	return r
}

// eval evaluates an expression.
func (m *mapping) eval(e *expression) (ref.Val, error) {
	v, _, err := e.program.Eval(m)
	if err != nil {
		return nil, errors.New(said(err.Error()))
	}
	return v, nil
}

// said is an error of CEL with a remedy, where there is one.
func said(text string) string {
	switch {
	case strings.HasPrefix(text, "no such key: "):
		return fmt.Sprintf("the payload has no %s here: has(…) asks whether it is there", strings.TrimPrefix(text, "no such key: "))
	case strings.Contains(text, "no such overload"):
		return text + ": a value has another type than the expression expects; int(x), double(x) and string(x) convert it"
	case strings.Contains(text, "actual cost limit exceeded"):
		return "the expression does too much with this payload"
	}
	return clip(text)
}

// present unpacks an optional value: nil if it is none, or null.
func present(v ref.Val) ref.Val {
	if o, is := v.(*types.Optional); is {
		if !o.HasValue() {
			return nil
		}
		return present(o.GetValue())
	}
	if v == types.NullValue {
		return nil
	}
	return v
}
