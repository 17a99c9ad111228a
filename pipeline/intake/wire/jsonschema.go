package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"csatflow/pipeline/intake"
)

// onlyRegistered loads no schema: all that may be referred to come from the registry.
type onlyRegistered struct{}

func (onlyRegistered) Load(url string) (any, error) {
	return nil, fmt.Errorf("%s is not among the schema's references in the registry", url)
}

// compileJSONSchema returns what reads JSON that a schema takes.
func compileJSONSchema(text string, parts []part) (reader, error) {
	const root = "registry:///schema.json"
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft7)
	c.UseLoader(onlyRegistered{})
	for _, p := range append(parts, part{root, text}) {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(p.text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		name := p.name
		if !strings.Contains(name, "://") {
			name = "registry:///" + name
		}
		if err := c.AddResource(name, doc); err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
	}
	compiled, err := c.Compile(root)
	if err != nil {
		return nil, err
	}
	return func(data []byte, as *reading) (any, error) {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("not JSON: %w", err)
		}
		if err := compiled.Validate(doc); err != nil {
			return nil, errors.New(reason(err))
		}
		if as.raw {
			return json.RawMessage(data), nil
		}
		return intake.DecodeJSON(data)
	}, nil
}

// reason is the first cause that a validation names, on one line.
func reason(err error) string {
	var v *jsonschema.ValidationError
	if !errors.As(err, &v) {
		return err.Error()
	}
	for len(v.Causes) > 0 {
		v = v.Causes[0]
	}
	text := v.Error()
	if _, last, found := strings.Cut(text, "\n"); found {
		text = strings.TrimPrefix(strings.TrimSpace(last), "- ")
	}
	return text
}
