package wire

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hamba/avro/v2"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"csatflow/pipeline/event"
	"csatflow/schemas"
	"csatflow/schemas/feeds"
)

// typed decodes an event of a feed.
func typed(t *testing.T, feed string, text []byte) (e any, err error) {
	t.Helper()
	var d event.Decoder
	switch feed {
	case "responses":
		return d.Response(text)
	case "complaints":
		return d.Complaint(text)
	case "purchases":
		return d.Purchase(text)
	case "observations":
		return d.Observation(text)
	case "departures":
		return d.Departure(text)
	case "asked":
		return d.Asked(text)
	}
	t.Fatalf("no decoder of %s", feed)
	return nil, nil
}

// made makes values of the fields of a feed.
type made struct {
	*rand.Rand
	schema *jsonschema.Schema
}

// of is the schema of a field.
func (m *made) of(f *feeds.Field) *jsonschema.Schema {
	s := m.schema.Properties[f.Name]
	for s.Ref != nil {
		s = s.Ref
	}
	return s
}

// words are the words of an enumeration or of the members of a set.
func (m *made) words(f *feeds.Field) (list []string) {
	s := m.of(f)
	if f.Kind == feeds.Set {
		for s = s.Items2020; s.Ref != nil; {
			s = s.Ref
		}
	}
	for _, v := range s.Enum.Values {
		list = append(list, v.(string))
	}
	return list
}

func (m *made) pick(list []string) string { return list[m.IntN(len(list))] }

func (m *made) text() string {
	return m.pick([]string{"s-1", "沪-012", "a \"b\" \\ c", "tab\tline\n\x00\x1f", "客🙂", "{", "null", strings.Repeat("x", 64)})
}

// bound is an end of the range of a number, at most a million from zero.
func bound(r *big.Rat, otherwise float64) float64 {
	if r == nil {
		return otherwise
	}
	x, _ := r.Float64()
	return max(min(x, 1e6), -1e6)
}

// value makes a value, as JSON has it: times to the millisecond, numbers with two decimals.
func (m *made) value(f *feeds.Field) any {
	switch f.Kind {
	case feeds.ID, feeds.Text:
		return m.text()
	case feeds.Instant:
		return time.UnixMilli(1_772_445_600_000 + m.Int64N(1e9)).UTC().Format(time.RFC3339Nano)
	case feeds.Scale:
		return 1 + m.IntN(7)
	case feeds.Scales:
		all := map[string]any{}
		for _, name := range f.Members {
			if m.IntN(3) > 0 {
				all[name] = 1 + m.IntN(7)
			}
		}
		all[f.Members[0]] = 7
		return all
	case feeds.Name:
		return m.pick(m.words(f))
	case feeds.Set:
		words := m.words(f)
		m.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
		list := []any{}
		for _, w := range words[:1+m.IntN(len(words))] {
			list = append(list, w)
		}
		return list
	case feeds.Integer, feeds.Count:
		least, most := int(bound(m.of(f).Minimum, 0)), int(bound(m.of(f).Maximum, 1e6))
		return least + m.IntN(most-least+1)
	case feeds.Number:
		least, most := bound(m.of(f).Minimum, -1e6), bound(m.of(f).Maximum, 1e6)
		return float64(int((least+m.Float64()*(most-least))*100)) / 100
	case feeds.Answers:
		return map[string]any{"q1": 1 + m.IntN(10), m.text(): 1 + m.IntN(10)}
	case feeds.Attributes:
		return map[string]any{"till": m.text(), "活动": m.text()}
	}
	panic("no value of the kind " + f.Kind.String())
}

// event makes an event: with all fields, or with some that need not be there.
func (m *made) event(f *feeds.Feed, whole bool) map[string]any {
	e := map[string]any{}
	for i := range f.Fields {
		field := &f.Fields[i]
		first := slices.ContainsFunc(f.OneOf, func(names []string) bool { return names[0] == field.Name })
		if field.Required || first || whole || m.IntN(2) == 0 {
			e[field.Name] = m.value(field)
		}
	}
	return e
}

// form is a way in which producers write events.
type form struct {
	name, format string
	// schema is the text of a feed's schema, and encode makes data of an event.
	schema func(m *made, f *feeds.Feed) string
	encode func(t *testing.T, m *made, f *feeds.Feed, schema string, e map[string]any) []byte
	index  []int // of the message in a .proto file
	// plain: what is zero is not given.
	plain bool
}

func forms() []form {
	return []form{
		{name: "Avro with enumerations, records, decimals and times", format: Avro, schema: func(m *made, f *feeds.Feed) string { return avroSchema(m, f, true) },
			encode: func(t *testing.T, _ *made, f *feeds.Feed, schema string, e map[string]any) []byte {
				return encodeAvro(t, f, schema, e, true)
			}},
		{name: "Avro of texts, maps and doubles", format: Avro, schema: func(m *made, f *feeds.Feed) string { return avroSchema(m, f, false) },
			encode: func(t *testing.T, _ *made, f *feeds.Feed, schema string, e map[string]any) []byte {
				return encodeAvro(t, f, schema, e, false)
			}},
		{name: "Protobuf with presence", format: Protobuf, schema: func(m *made, f *feeds.Feed) string { return protoSchema(m, f, "optional ") }, encode: encodeProto, index: []int{0}},
		{name: "Protobuf without presence", format: Protobuf, schema: func(m *made, f *feeds.Feed) string { return protoSchema(m, f, "") }, encode: encodeProto, index: []int{0}, plain: true},
		{name: "JSON Schema", format: JSONSchema, schema: func(*made, *feeds.Feed) string { return `{"type":"object"}` },
			encode: func(t *testing.T, _ *made, f *feeds.Feed, _ string, e map[string]any) []byte {
				with := maps.Clone(e)
				for _, field := range f.Fields {
					if with[field.Name] == nil {
						with[field.Name] = nil // as writers of JSON Schema do
					}
				}
				b, err := json.Marshal(with)
				if err != nil {
					t.Fatal(err)
				}
				return b
			}},
	}
}

// reading opens what reads a feed's events of a form, by a schema of a registry.
func readingOf(t *testing.T, format, schema string, f *feeds.Feed) (e *Events, id int) {
	t.Helper()
	registry := srfake.New()
	t.Cleanup(registry.Close)
	kind := map[string]sr.SchemaType{Avro: sr.TypeAvro, Protobuf: sr.TypeProtobuf, JSONSchema: sr.TypeJSON}[format]
	registry.SeedSchema("subject", 1, 7, sr.Schema{Schema: schema, Type: kind})
	r, err := OpenRegistry(RegistryConfig{URL: registry.URL(), Key: "kafka.registry"})
	if err != nil {
		t.Fatal(err)
	}
	return NewEvents(format, "kafka.format", r, f), 7
}

// TestEveryFieldOfEveryFeedIsReadInEachFormAsItIsInJSON: the schemas of the forms are made of the feeds, so that a new field is tried by
// itself.
func TestEveryFieldOfEveryFeedIsReadInEachFormAsItIsInJSON(t *testing.T) {
	for _, x := range forms() {
		t.Run(x.name, func(t *testing.T) {
			for i := range feeds.All {
				f := &feeds.All[i]
				of, err := schemas.CompileEvent(f.Name)
				if err != nil {
					t.Fatal(err)
				}
				m := &made{rand.New(rand.NewPCG(1, uint64(i))), of}
				schema := x.schema(m, f)
				events, id := readingOf(t, x.format, schema, f)
				for n := range 60 {
					e := m.event(f, n < 20)
					if x.plain {
						dropZeros(f, e)
					}
					text, err := json.Marshal(e)
					if err != nil {
						t.Fatal(err)
					}
					want, err := typed(t, f.Name, text)
					if err != nil {
						t.Fatalf("%s: %s: %v", f.Name, text, err)
					}
					value := wired(t, id, x.index, x.encode(t, m, f, schema, e))
					got, err := events.JSON(t.Context(), value)
					if err != nil {
						t.Fatalf("%s: %s: %v", f.Name, text, err)
					}
					again, err := events.JSON(t.Context(), value)
					if err != nil || string(again) != string(got) {
						t.Errorf("%s: again it is %s, %v", f.Name, again, err)
					}
					if e, err := typed(t, f.Name, got); err != nil || !reflect.DeepEqual(e, want) {
						t.Errorf("%s: %v\n     %s\nfrom %s\n got %+v\nwant %+v", f.Name, err, got, text, e, want)
					}
				}
			}
		})
	}
}

// dropZeros leaves out what a field without presence cannot say.
func dropZeros(f *feeds.Feed, e map[string]any) {
	for _, field := range f.Fields {
		if v := e[field.Name]; !field.Required && (v == 0 || v == 0.0) {
			delete(e, field.Name)
		}
	}
}

func upper(words []string) string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = fmt.Sprintf("%q", strings.ToUpper(w))
	}
	return strings.Join(list, ",")
}

func avroSchema(m *made, f *feeds.Feed, rich bool) string {
	var fields []string
	for i := range f.Fields {
		field := &f.Fields[i]
		kind := `"string"`
		switch field.Kind {
		case feeds.Scale, feeds.Integer, feeds.Count:
			kind = `"int"`
		case feeds.Number:
			if kind = `"double"`; rich {
				kind = `{"type":"bytes","logicalType":"decimal","precision":20,"scale":2}`
			}
		case feeds.Instant:
			if rich {
				kind = `{"type":"long","logicalType":"timestamp-millis"}`
			}
		case feeds.Name:
			if rich {
				kind = fmt.Sprintf(`{"type":"enum","name":"%s_word","symbols":[%s]}`, field.Name, upper(m.words(field)))
			}
		case feeds.Set:
			if kind = `{"type":"array","items":"string"}`; rich {
				kind = fmt.Sprintf(`{"type":"array","items":{"type":"enum","name":"%s_word","symbols":[%s]}}`, field.Name, upper(m.words(field)))
			}
		case feeds.Scales:
			if kind = `{"type":"map","values":"int"}`; rich {
				var members []string
				for _, name := range field.Members {
					members = append(members, fmt.Sprintf(`{"name":%q,"type":["null","int"]}`, name))
				}
				kind = fmt.Sprintf(`{"type":"record","name":"%s_scales","fields":[%s]}`, field.Name, strings.Join(members, ","))
			}
		case feeds.Answers:
			kind = `{"type":"map","values":"int"}`
		case feeds.Attributes:
			kind = `{"type":"map","values":"string"}`
		}
		if !field.Required {
			kind = `["null",` + kind + `]`
		}
		fields = append(fields, fmt.Sprintf(`{"name":%q,"type":%s}`, field.Name, kind))
	}
	return fmt.Sprintf(`{"type":"record","name":"Event","namespace":"shop","fields":[%s]}`, strings.Join(fields, ","))
}

// encodeAvro writes an event field by field; a union's second type is the one that is not null.
func encodeAvro(t *testing.T, f *feeds.Feed, _ string, e map[string]any, rich bool) []byte {
	t.Helper()
	w := avro.NewWriter(nil, 512)
	words := &made{schema: mustCompile(t, f.Name)}
	for i := range f.Fields {
		field := &f.Fields[i]
		v, given := e[field.Name]
		if !field.Required {
			w.WriteLong(map[bool]int64{false: 0, true: 1}[given])
		}
		if !given {
			continue
		}
		switch field.Kind {
		case feeds.ID, feeds.Text:
			w.WriteString(v.(string))
		case feeds.Scale, feeds.Integer, feeds.Count:
			w.WriteInt(int32(v.(int)))
		case feeds.Number:
			if !rich {
				w.WriteDouble(v.(float64))
				continue
			}
			w.WriteBytes(decimal(v.(float64)))
		case feeds.Instant:
			if !rich {
				w.WriteString(v.(string))
				continue
			}
			at, err := time.Parse(time.RFC3339Nano, v.(string))
			if err != nil {
				t.Fatal(err)
			}
			w.WriteLong(at.UnixMilli())
		case feeds.Name:
			writeWord(w, words.words, field, v.(string), rich)
		case feeds.Set:
			w.WriteLong(int64(len(v.([]any))))
			for _, word := range v.([]any) {
				writeWord(w, words.words, field, word.(string), rich)
			}
			w.WriteLong(0)
		case feeds.Scales:
			if !rich {
				writeMap(w, v.(map[string]any))
				continue
			}
			for _, name := range field.Members {
				if x, has := v.(map[string]any)[name]; has {
					w.WriteLong(1)
					w.WriteInt(int32(x.(int)))
				} else {
					w.WriteLong(0)
				}
			}
		case feeds.Answers, feeds.Attributes:
			writeMap(w, v.(map[string]any))
		default:
			t.Fatalf("no Avro of the kind %v", field.Kind)
		}
	}
	return w.Buffer()
}

func mustCompile(t *testing.T, feed string) *jsonschema.Schema {
	t.Helper()
	s, err := schemas.CompileEvent(feed)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func writeWord(w *avro.Writer, words func(*feeds.Field) []string, f *feeds.Field, word string, rich bool) {
	if rich {
		w.WriteInt(int32(slices.Index(words(f), word)))
		return
	}
	w.WriteString(word)
}

func writeMap(w *avro.Writer, m map[string]any) {
	w.WriteLong(int64(len(m)))
	for k, v := range m {
		w.WriteString(k)
		switch v := v.(type) {
		case int:
			w.WriteInt(int32(v))
		case string:
			w.WriteString(v)
		}
	}
	w.WriteLong(0)
}

// decimal is a number with two decimals in two's complement, in eight bytes.
func decimal(x float64) []byte {
	n := int64(x*100 + 0.5)
	if x < 0 {
		n = int64(x*100 - 0.5)
	}
	b := make([]byte, 8)
	for i := range b {
		b[7-i] = byte(n >> (8 * i))
	}
	return b
}
