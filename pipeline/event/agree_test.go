package event_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"csatflow/pipeline/event"
	"csatflow/schemas"
	declared "csatflow/schemas/feeds"
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

// disagreement reports how the decoder and the schema differ on a message. Only the decoder refuses what JSON Schema
// cannot express: a known field given twice, a year that is another in UTC, a number with very many digits.
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
			return fmt.Errorf("a field is given twice, and the decoder says: %w", byDecoder)
		}
		return nil
	}
	if bySchema == nil && c.beyond(document) {
		if e == nil || !strings.Contains(e.Reason, "also in UTC") && !strings.Contains(e.Reason, "characters") {
			return fmt.Errorf("an instant or a number is out of bounds, and the decoder says: %w", byDecoder)
		}
		return nil
	}
	if (bySchema == nil) != (byDecoder == nil) {
		return fmt.Errorf("schema: %w; decoder: %w", bySchema, byDecoder)
	}
	return nil
}

// beyond reports whether a document has an instant outside the years 1970 to 2105 of UTC, or a number of more than a
// hundred characters in a known field.
func (c *contract) beyond(document any) bool {
	object, _ := document.(map[string]any)
	if text, ok := object["occurred_at"].(string); ok {
		if at, err := time.Parse(time.RFC3339Nano, text); err == nil && (at.UTC().Year() < 1970 || at.UTC().Year() > 2105) {
			return true
		}
	}
	long := func(value any) bool {
		n, ok := value.(json.Number)
		return ok && len(n) > 100
	}
	for name, value := range object {
		field := resolve(c.schema.Properties[name])
		if field == nil {
			continue
		}
		members, _ := value.(map[string]any)
		for member, v := range members {
			if (field.Properties[member] != nil || name == "answers") && long(v) {
				return true
			}
		}
		if long(value) {
			return true
		}
	}
	return false
}

// repeats reports whether a JSON object repeats a known field, a known member of a scale, an answer, or an attribute.
func (c *contract) repeats(message []byte) bool {
	return repeats(message, func(name string, value []byte) (known, within bool) {
		field := resolve(c.schema.Properties[name])
		if field == nil {
			return false, false
		}
		return true, repeats(value, func(member string, _ []byte) (known, within bool) {
			return field.Properties[member] != nil || name == "answers" || name == "attributes", false
		})
	})
}

// repeats asks of every member of an object whether it is known, and whether there is a repetition within it. It returns
// false for a value that is not an object.
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

func TestTheDecoderKnowsTheFieldsOfTheSchemaAndNoOthers(t *testing.T) {
	names := map[string]bool{}
	for _, topic := range declared.Names() {
		s, err := schemas.CompileEvent(topic)
		if err != nil {
			t.Fatal(err)
		}
		for name := range s.Properties {
			names[name] = true
		}
	}
	for _, f := range feeds {
		c := contractOf(t, f)
		for name := range names {
			_, err := c.decode(&c.decoder, with(f.minimal, name, "null")) // only known fields refuse null
			if known, inSchema := err != nil, c.schema.Properties[name] != nil; known != inSchema {
				t.Errorf("%s.%s: known to the decoder: %v, in the schema: %v", f.topic, name, known, inSchema)
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

func FuzzResponseAgreesWithSchema(f *testing.F)    { fuzz(f, responses) }
func FuzzComplaintAgreesWithSchema(f *testing.F)   { fuzz(f, complaints) }
func FuzzPurchaseAgreesWithSchema(f *testing.F)    { fuzz(f, purchases) }
func FuzzObservationAgreesWithSchema(f *testing.F) { fuzz(f, observations) }
func FuzzDepartureAgreesWithSchema(f *testing.F)   { fuzz(f, departures) }
func FuzzAskedAgreesWithSchema(f *testing.F)       { fuzz(f, asked) }

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
