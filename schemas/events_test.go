package schemas

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"csatflow/schemas/feeds"
)

func compiled(t *testing.T, topic string) *jsonschema.Schema {
	t.Helper()
	s, err := CompileEvent(topic)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func check(s *jsonschema.Schema, message []byte) error {
	doc, err := UnmarshalEvent(message)
	if err != nil {
		return err
	}
	return s.Validate(doc)
}

func TestTheSchemaOfAnUnknownTopicIsAnErrorThatNamesIt(t *testing.T) {
	if _, err := CompileEvent("scales"); err == nil || !strings.Contains(err.Error(), `"scales"`) {
		t.Fatalf("got %v", err)
	}
}

func TestEveryExampleInASchemaKeepsIt(t *testing.T) {
	for _, topic := range feeds.Names() {
		s := compiled(t, topic)
		if s.Title == "" || s.Description == "" || len(s.Examples) < 2 {
			t.Errorf("%s: title, description and two examples must be there", topic)
		}
		for i, example := range s.Examples {
			if err := s.Validate(example); err != nil {
				t.Errorf("%s: example %d: %v", topic, i, err)
			}
		}
		for name, p := range s.Properties {
			if p.Ref == nil && (p.Title == "" || p.Description == "") {
				t.Errorf("%s.%s: no title or description", topic, name)
			}
			for p.Ref != nil {
				p = p.Ref
			}
			for i, example := range p.Examples {
				if err := p.Validate(example); err != nil {
					t.Errorf("%s.%s: example %d: %v", topic, name, i, err)
				}
			}
		}
	}
}

func TestEveryScaleHasATitleAndADescription(t *testing.T) {
	b, err := Events.ReadFile("events/scales.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Defs map[string]struct{ Title, Description string } `json:"$defs"`
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	for name, d := range doc.Defs {
		if d.Title == "" || d.Description == "" {
			t.Errorf("$defs/%s: no title or description", name)
		}
	}
}

func TestGoodEventsKeepTheirSchemaAndBadOnesBreakItInTheNamedField(t *testing.T) {
	least := map[string][2]int{"responses": {30, 40}, "complaints": {15, 20}}
	for _, topic := range feeds.Names() {
		t.Run(topic, func(t *testing.T) {
			s := compiled(t, topic)
			good, bad := cases(t, topic+".good.jsonl"), cases(t, topic+".bad.jsonl")
			if len(good) < max(5, least[topic][0]) || len(bad) < max(5, least[topic][1]) {
				t.Errorf("only %d good and %d bad cases", len(good), len(bad))
			}
			for i, line := range good {
				if err := check(s, line); err != nil {
					t.Errorf("good line %d: %v", i+1, err)
				}
			}
			for i, line := range bad {
				checkBad(t, s, i+1, line)
			}
		})
	}
}

func checkBad(t *testing.T, s *jsonschema.Schema, n int, line []byte) {
	var c struct {
		Why, Field string
		Event      json.RawMessage
		Raw        *string
	}
	if err := json.Unmarshal(line, &c); err != nil {
		t.Fatalf("bad line %d is no case: %v", n, err)
	}
	message := []byte(c.Event)
	if c.Raw != nil {
		message = []byte(*c.Raw)
	}
	err := check(s, message)
	if err == nil {
		t.Errorf("bad line %d (%s) is taken", n, c.Why)
		return
	}
	invalid := &jsonschema.ValidationError{}
	if !errors.As(err, &invalid) {
		if c.Field != "" {
			t.Errorf("bad line %d (%s) is not JSON, its field must be empty, is %q", n, c.Why, c.Field)
		}
		return
	}
	if fields := blamed(invalid, nil); !slices.Contains(fields, c.Field) {
		t.Errorf("bad line %d (%s): %q must be blamed, are %q", n, c.Why, c.Field, fields)
	}
}

// blamed returns the fields that an error speaks of, as paths such as rater.empathy and remedies[0].
func blamed(e *jsonschema.ValidationError, into []string) []string {
	at := ""
	for i, part := range e.InstanceLocation {
		switch {
		case part != "" && strings.Trim(part, "0123456789") == "":
			at += "[" + part + "]"
		case i > 0:
			at += "." + part
		default:
			at += part
		}
	}
	switch k := e.ErrorKind.(type) {
	case *kind.Required:
		into = append(into, k.Missing...)
	case *kind.PropertyNames: // the library may overwrite the location of this error: ask which schema spoke
		if strings.Contains(e.SchemaURL, "#/$defs/answers") {
			return append(into, "answers")
		}
	}
	if len(e.Causes) == 0 {
		into = append(into, at)
	}
	for _, cause := range e.Causes {
		into = blamed(cause, into)
	}
	return into
}

func cases(t *testing.T, name string) [][]byte {
	t.Helper()
	f, err := os.Open("events/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var lines [][]byte
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		lines = append(lines, bytes.Clone(scanner.Bytes()))
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(fmt.Errorf("reading %s: %w", name, err))
	}
	return lines
}
