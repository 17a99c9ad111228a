package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"csatflow/schemas/feeds"
)

// feed is a feed with the parts that only its schema has.
type feed struct {
	feeds.Feed
	About    string
	Fields   []*field
	Required []*field
	Eithers  [][]*field // of each at least one is required
	Keys     []*field   // of which the first that is given is the key
}

// mostFields is how many the decoder's check for repeated fields can tell apart.
const mostFields = 64

// document is a JSON Schema, read as YAML, which keeps the order of members.
type document struct {
	Description string     `yaml:"description"`
	Type        string     `yaml:"type"`
	Ref         string     `yaml:"$ref"`
	Required    []string   `yaml:"required"`
	AnyOf       []document `yaml:"anyOf"`
	AllOf       []document `yaml:"allOf"`
	Properties  yaml.Node  `yaml:"properties"`
	Defs        yaml.Node  `yaml:"$defs"`
	Items       *document  `yaml:"items"`
	Enum        []string   `yaml:"enum"`
	Format      string     `yaml:"format"`
	MaxLength   int        `yaml:"maxLength"`
	Minimum     *float64   `yaml:"minimum"`
	Maximum     *float64   `yaml:"maximum"`
	Default     string     `yaml:"default"`
	Key         []string   `yaml:"x-key"`
	Given       bool       `yaml:"x-given"`
	Apart       bool       `yaml:"x-apart"`
	Words       string     `yaml:"x-words"`
}

func open(path string) (*document, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var d document
	if err := yaml.Unmarshal(b, &d); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &d, nil
}

// members calls each for the members of an object, in order.
func members(n *yaml.Node, each func(name string, d *document) error) error {
	for i := 0; i+1 < len(n.Content); i += 2 {
		var d document
		if err := n.Content[i+1].Decode(&d); err != nil {
			return fmt.Errorf("%s: %w", n.Content[i].Value, err)
		}
		if err := each(n.Content[i].Value, &d); err != nil {
			return fmt.Errorf("%s: %w", n.Content[i].Value, err)
		}
	}
	return nil
}

func read(dir, name string) (*feed, error) {
	d, err := open(filepath.Join(dir, name+".schema.json"))
	if err != nil {
		return nil, err
	}
	scales, err := open(filepath.Join(dir, "scales.schema.json"))
	if err != nil {
		return nil, err
	}
	defs := map[string]*document{}
	if err := members(&scales.Defs, func(name string, d *document) error { defs[name] = d; return nil }); err != nil {
		return nil, err
	}
	f := &feed{Feed: feeds.Feed{Name: name, Key: d.Key}, About: d.Description}
	if f.OneOf, err = d.oneOf(); err != nil {
		return nil, err
	}
	if len(d.Key) == 0 {
		return nil, fmt.Errorf("x-key must name the fields that are the key of the message")
	}
	err = members(&d.Properties, func(name string, p *document) error {
		one, err := fieldOf(name, p, defs)
		if err != nil {
			return err
		}
		one.Required = slices.Contains(d.Required, name)
		one.Given = p.Given || !one.Required && one.Kind.ZeroIsValue()
		one.Number = len(f.Fields)
		f.Fields = append(f.Fields, one)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(f.Fields) > mostFields {
		return nil, fmt.Errorf("%d fields, and at most %d can be told apart", len(f.Fields), mostFields)
	}
	for _, list := range []struct {
		keyword string
		names   []string
		into    *[]*field
	}{{"required", d.Required, &f.Required}, {"x-key", d.Key, &f.Keys}} {
		if *list.into, err = f.named(list.names); err != nil {
			return nil, fmt.Errorf("%s: %w", list.keyword, err)
		}
	}
	for _, names := range f.OneOf {
		list, err := f.named(names)
		if err != nil {
			return nil, fmt.Errorf("anyOf: %w", err)
		}
		f.Eithers = append(f.Eithers, list)
	}
	return f, nil
}

// oneOf returns the fields of each anyOf of the schema, or of the members of its allOf.
func (d *document) oneOf() (groups [][]string, err error) {
	for _, part := range append([]document{*d}, d.AllOf...) {
		var names []string
		for _, one := range part.AnyOf {
			if len(one.Required) != 1 {
				return nil, fmt.Errorf("anyOf must name fields, each alone")
			}
			names = append(names, one.Required...)
		}
		if len(names) == 1 {
			return nil, fmt.Errorf("anyOf must name two fields or more")
		}
		if names != nil {
			groups = append(groups, names)
		}
	}
	return groups, nil
}

const scalesRef = "scales.schema.json#/$defs/"

// fieldOf returns the field of a property.
func fieldOf(name string, d *document, defs map[string]*document) (*field, error) {
	f := &field{Field: feeds.Field{Name: name, Default: d.Default, Apart: d.Apart}}
	of := d
	for of.Ref != "" {
		scale, found := strings.CutPrefix(of.Ref, scalesRef)
		if !found {
			scale, found = strings.CutPrefix(of.Ref, "#/$defs/")
		}
		if !found || defs[scale] == nil {
			return nil, fmt.Errorf("$ref %q is not in scales.schema.json", of.Ref)
		}
		if f.Scale == "" {
			f.Scale = scale
		}
		of = defs[scale]
	}
	f.of = of
	bounded := of.Minimum != nil && of.Maximum != nil && *of.Minimum == math.Trunc(*of.Minimum) && *of.Maximum == math.Trunc(*of.Maximum)
	switch {
	case of.Type == "string" && len(of.Enum) > 0:
		f.Kind, f.Words = feeds.Name, of.Words
	case of.Type == "string" && of.Format == "date-time":
		f.Kind = feeds.Instant
	case of.Type == "string" && of.MaxLength == 256:
		f.Kind = feeds.ID
	case of.Type == "string":
		f.Kind = feeds.Text
	case of.Type == "integer" && bounded && *of.Minimum == 1 && *of.Maximum == 7:
		f.Kind = feeds.Scale
	case of.Type == "integer" && bounded && *of.Minimum == 0 && *of.Maximum == 1<<31-1:
		f.Kind = feeds.Count
	case of.Type == "integer" && bounded && *of.Minimum >= -128 && *of.Maximum < 128:
		f.Kind = feeds.Integer
	case of.Type == "number" && bounded:
		f.Kind = feeds.Number
	case of.Type == "array" && of.Items != nil:
		f.Kind = feeds.Set
	case of.Type == "object" && len(of.Properties.Content) > 0:
		f.Kind = feeds.Scales
		return f, members(&of.Properties, func(name string, _ *document) error { f.Members = append(f.Members, name); return nil })
	case f.Scale == "answers":
		f.Kind = feeds.Answers
	case f.Scale == "attributes":
		f.Kind = feeds.Attributes
	default:
		return nil, fmt.Errorf("no kind of field has this schema")
	}
	return f, nil
}
