package event_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"csatflow/pipeline/event"
	"csatflow/schemas"
)

// contract compares the decoder of a feed with its schema.
type contract struct {
	feed
	schema  *jsonschema.Schema
	decoder event.Decoder
}

func contractOf(t testing.TB, f feed) *contract {
	t.Helper()
	s, err := schemas.CompileEvent(f.topic)
	if err != nil {
		t.Fatal(err)
	}
	return &contract{feed: f, schema: s}
}

// disagreement says how the decoder and the schema differ on a message. What JSON Schema cannot say, the decoder alone
// refuses: a known field that is given twice.
func (c *contract) disagreement(message []byte) error {
	document, bySchema := schemas.UnmarshalEvent(message)
	if bySchema != nil && strings.Contains(bySchema.Error(), "exceeded max depth") {
		return nil // encoding/json counts the document's own braces as well
	}
	if bySchema == nil {
		bySchema = c.schema.Validate(document)
	}
	_, byDecoder := c.decode(&c.decoder, message)
	var e *event.Error
	if byDecoder != nil && !errors.As(byDecoder, &e) {
		return fmt.Errorf("the decoder gives a %T: %w", byDecoder, byDecoder)
	}
	if bySchema == nil && c.repeats(message) {
		if e == nil || !strings.Contains(e.Reason, "given twice") {
			return fmt.Errorf("a field is given twice, and the decoder says: %v", byDecoder)
		}
		return nil
	}
	if (bySchema == nil) != (byDecoder == nil) {
		return fmt.Errorf("schema: %v; decoder: %v", bySchema, byDecoder)
	}
	return nil
}

// repeats tells whether a JSON object gives a known field twice, or a known member of a scale, or an answer.
func (c *contract) repeats(message []byte) bool {
	return repeats(message, func(name string, value []byte) (known, within bool) {
		field := resolve(c.schema.Properties[name])
		if field == nil {
			return false, false
		}
		return true, repeats(value, func(member string, _ []byte) (known, within bool) {
			return field.Properties[member] != nil || name == "answers", false
		})
	})
}

// repeats asks of every member of an object whether it is known, and whether there is a repetition within it. It is
// false of what is no object.
func repeats(object []byte, ask func(name string, value []byte) (known, within bool)) bool {
	d := json.NewDecoder(bytes.NewReader(object))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return false
	}
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return false
		}
		name, _ := token.(string)
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return false
		}
		known, within := ask(name, value)
		if known && seen[name] || within {
			return true
		}
		seen[name] = true
	}
	return false
}

func resolve(s *jsonschema.Schema) *jsonschema.Schema {
	for s != nil && s.Ref != nil {
		s = s.Ref
	}
	return s
}

func TestSchemaAndDecoderAgreeOnEveryCase(t *testing.T) {
	for _, f := range feeds {
		c := contractOf(t, f)
		for i, message := range lines(t, f.topic+".good.jsonl") {
			if err := c.disagreement(message); err != nil {
				t.Errorf("%s.good.jsonl:%d: %v", f.topic, i+1, err)
			}
		}
		for i, bad := range badCases(t, f.topic+".bad.jsonl") {
			if err := c.disagreement(bad.message()); err != nil {
				t.Errorf("%s.bad.jsonl:%d: %s: %v", f.topic, i+1, bad.Why, err)
			}
		}
	}
}

func TestTheDecoderKnowsEveryFieldOfTheSchema(t *testing.T) {
	for _, f := range feeds {
		c := contractOf(t, f)
		for _, name := range slices.Sorted(maps.Keys(c.schema.Properties)) {
			if _, err := c.decode(&c.decoder, with(f.minimal, name, "null")); err == nil {
				t.Errorf("%s.%s: null is taken, as of a field that is not known", f.topic, name)
			}
		}
	}
}

// awkward are values to put into each field in turn.
var awkward = []string{
	`null`, `true`, `false`, `{}`, `[]`, `[[]]`, `{"a":1}`, `[null]`, `[{}]`, `""`, `" "`, `"x"`, `"7"`, `"\u0000"`, `"\ud83d\ude42"`, `"\ud800"`,
	`"\u00"`, `"\q"`, `"`, `"\`, `'x'`, `nul`, `truee`, `NaN`, `-Infinity`, `+1`, `01`, `-01`, `.5`, `5.`, `1e`, `1e+`, `0x7`, `-`, `--1`, `1_0`,
	`0`, `-0`, `-0.0`, `0e0`, `0e9999`, `0e99999999999999999999`, `1`, `-1`, `3`, `-3`, `4`, `-4`, `7`, `8`, `10`, `11`, `255`, `256`, `257`, `263`,
	`7.0`, `7.5`, `1e0`, `1E0`, `1e+0`, `1e-0`, `10e-1`, `70e-1`, `0.7e1`, `700e-2`, `0.00000000007e11`, `7.00000000000000000000001`, `6.99999999999999999999999`,
	`18446744073709551617`, `9223372036854775808`, `-9223372036854775808`, `1e18`, `1e19`, `1e400`, `-1e400`, `1e-400`, `-1e-400`, `1e999999`,
	`1e99999999999999999999`, `1e-99999999999999999999`, `-1e-99999999999999999999`, `-3e00000000000000000000000`, `1e12`, `1000000000000`,
	`1000000000000.0000000001`, `999999999999.99999999999`, `1.000000000000e12`, `0.1`, `12.345`, `5e-324`, `1e-324`, `-5e-325`, `1.7976931348623157e308`,
	`"pos"`, `"instant"`, `"likely"`, `"possible"`, `"very_likely"`, `"function"`, `"lost"`, `"retail"`, `"payer"`, `"happy"`, `"opened"`, `"price"`,
	`"product"`, `"died"`, `"p\u006fs"`, `"pos "`, `["thanked"]`, `["thanked","thanked"]`, `["apologised"]`, `["apologised",null]`, `["apologised",1]`, `["apologised",]`,
	`["apologised","apologised","apologised","apologised"]`, `["apologised","apologised","apologised","apologised","apologised"]`,
	`["taught","taught","taught","taught","taught","taught","taught","taught"]`, `["taught","taught","taught","taught","taught","taught","taught","taught","taught"]`,
	`{"empathy":7}`, `{"empathy":8}`, `{"empathy":null}`, `{"empathy":"7"}`, `{"empathy":7,}`, `{"empathy":7,"empathy":7}`, `{"emp\u0061thy":7,"empathy":7}`,
	`{"other":null,"other":{}}`, `{"outcome":1,"process":7.0}`, `{"outcome":1,"process":0}`, `{"honest":7,"fast":1}`, `{"idea":1,"product":7,"people":"x"}`,
	`{"q1":10}`, `{"q1":10,"q1":10}`, `{"q1":0}`, `{"":1}`, `{"\ud800":1,"\udc00":2}`, `{"q1":10.0,"q2":1e1,"q3":100e-1}`, `{"q1":[1]}`,
	`"2026-03-01T09:00:00Z"`, `"2026-03-01T09:00:00.123456789-23:59"`, `"2026-03-01T09:00:00.1234567890Z"`, `"2026-02-29T09:00:00Z"`, `"2024-02-29T09:00:00Z"`,
	`"2100-02-29T09:00:00Z"`, `"2000-02-29T09:00:00Z"`, `"2105-12-31T23:59:59.999999999-23:59"`, `"2106-01-01T00:00:00Z"`, `"1970-01-01T00:00:00+23:59"`,
	`"1969-12-31T23:59:59Z"`, `"2026-03-01T09:00:60Z"`, `"2026-03-01T24:00:00Z"`, `"2026-03-01T09:00:00+24:00"`, `"2026-03-01T09:00:00-00:00"`,
	`"2026-03-01T09:00:00+08:60"`, `"2026-03-01t09:00:00z"`, `"2026-03-01T09:00:00\u005A"`, `"2026-03-01T09:00:00Z\u0000"`, `"2026-03-01T09:00:00Z\n"`,
	`"2026-03-01T09:00:00+0800"`, `"2026-03-01T09:00:00,1Z"`, `"2026-03-01T09:00:00.Z"`, `"２026-03-01T09:00Z"`, `"-026-03-01T09:00:00Z"`, `"2026-03-01T09:00:00"`,
}

func longValues() []string {
	var list []string
	for _, n := range []int{64, 65, 256, 257, 10000, 10001} {
		for _, char := range []string{"x", "客", "🙂", `\ud83d\ude42`, `\n`} {
			text := strings.Repeat(char, n)
			list = append(list, `"`+text+`"`, `{"`+text+`":1}`)
		}
	}
	for _, n := range []int{200, 201} {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"q%d":%d`, i, i%10+1)
		}
		list = append(list, `{`+b.String()[1:]+`}`)
	}
	return list
}

// with puts one more member into a message, in place of one of its name.
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

func TestSchemaAndDecoderAgreeOnEveryAwkwardValueOfEveryField(t *testing.T) {
	values := append(slices.Clone(awkward), longValues()...)
	for _, f := range feeds {
		c := contractOf(t, f)
		names := append(slices.Sorted(maps.Keys(c.schema.Properties)), "unknown", "")
		for _, name := range names {
			for _, value := range values {
				for _, space := range []string{"", " "} {
					if space != "" && len(value) > 1000 {
						continue
					}
					if err := c.disagreement(with(f.minimal, name, space+value+space)); err != nil {
						t.Errorf("%s: %q = %.80s: %v", f.topic, name, value, err)
					}
				}
			}
		}
	}
}

func TestSchemaAndDecoderAgreeOnEveryMessageCutShort(t *testing.T) {
	for _, f := range feeds {
		c := contractOf(t, f)
		for _, message := range lines(t, f.topic+".good.jsonl") {
			for n := range min(len(message), 1200) {
				if err := c.disagreement(message[:n]); err != nil {
					t.Errorf("%s: %s: %v", f.topic, message[:n], err)
				}
			}
		}
	}
}

func FuzzResponseAgreesWithSchema(f *testing.F)  { fuzz(f, responses) }
func FuzzComplaintAgreesWithSchema(f *testing.F) { fuzz(f, complaints) }

func fuzz(f *testing.F, of feed) {
	for _, message := range lines(f, of.topic+".good.jsonl") {
		f.Add(message)
	}
	for _, bad := range badCases(f, of.topic+".bad.jsonl") {
		f.Add(bad.message())
	}
	c := contractOf(f, of)
	f.Fuzz(func(t *testing.T, message []byte) {
		if err := c.disagreement(message); err != nil {
			t.Errorf("%s: %v", message, err)
		}
	})
}
