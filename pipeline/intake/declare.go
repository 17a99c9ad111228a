package intake

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"go.yaml.in/yaml/v3"

	"csatflow/pipeline/dimension"
)

// Declarations are feeds by name. In YAML they are a map, see [Declaration].
type Declarations map[string]*Declaration

// Declaration declares a feed.
type Declaration struct {
	Name string
	Use  string // the ready feed of which it is made; "" for none
	// Rules make events; each looks at every payload.
	Rules  []Rule
	Access Access
	at     place
}

// Rule makes events of payloads.
type Rule struct {
	When   Source // which payloads; all if empty
	Each   Source // a list in the payload: an event for each of its members, which expressions call item; empty for one event
	To     string // responses, complaints, purchases, observations, departures or asked
	Fields []Field
	narrow Source // a further when, of who uses a ready feed
	at     place
	toAt   place
}

// Field is a field of the event: an expression, or members with an expression each.
type Field struct {
	Name    string
	Source  Source
	Members []Field
}

// Source is an expression and where it stands.
type Source struct {
	Text string
	at   place
}

// place is where something stands: a line from 1 of a file; 0 is unknown.
type place struct {
	file string
	line int
}

func (p place) String() string {
	switch {
	case p.line == 0:
		return ""
	case p.file == "":
		return fmt.Sprintf("line %d: ", p.line)
	}
	return fmt.Sprintf("%s:%d: ", p.file, p.line)
}

// Equal reports whether both declare the same in the same places.
func (d Declarations) Equal(other Declarations) bool { return reflect.DeepEqual(d, other) }

// UnmarshalYAML implements [yaml.Unmarshaler].
func (d *Declarations) UnmarshalYAML(n *yaml.Node) error {
	read, err := Read("", "intake.feeds", n)
	if err == nil {
		*d = read
	}
	return err
}

// Read reads feeds from a YAML node that stands at key in a file; both are for errors, which name line and key.
func Read(file, key string, n *yaml.Node) (Declarations, error) {
	r := &reader{file: file}
	list := Declarations{}
	r.members(key, n, func(name string, at, v *yaml.Node) {
		if !IsName(name) {
			r.wrong(at, key+"."+name, "a feed's name has 1 to 64 small letters, digits, _ and -")
			return
		}
		list[name] = r.declaration(key+"."+name, name, v)
	})
	return list, errors.Join(r.errs...)
}

// IsName reports whether text may name a feed or a scale: 1 to 64 small letters, digits, _ and -.
func IsName(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// reader reads declarations and gathers what is wrong.
type reader struct {
	file string
	errs []error
}

func (r *reader) at(n *yaml.Node) place { return place{r.file, n.Line} }

func (r *reader) wrong(n *yaml.Node, key, format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf("%s%s: "+format, append([]any{r.at(n), key}, args...)...))
}

// members calls each for the members of a map.
func (r *reader) members(key string, n *yaml.Node, each func(name string, at, value *yaml.Node)) {
	n = resolved(n)
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		return
	}
	if n.Kind != yaml.MappingNode {
		r.wrong(n, key, "must be a map")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i]
		if seen[name.Value] {
			r.wrong(name, key+"."+name.Value, "is given twice")
			continue
		}
		seen[name.Value] = true
		each(name.Value, name, resolved(n.Content[i+1]))
	}
}

func resolved(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind == yaml.DocumentNode && len(n.Content) == 1 {
		return resolved(n.Content[0])
	}
	return n
}

func (r *reader) text(key string, n *yaml.Node, into *string) {
	if n.Kind != yaml.ScalarNode {
		r.wrong(n, key, "must be a text")
		return
	}
	*into = n.Value
}

func (r *reader) source(key string, n *yaml.Node, into *Source) {
	r.text(key, n, &into.Text)
	into.at = r.at(n)
	if n.Kind == yaml.ScalarNode && (n.Style == yaml.LiteralStyle || n.Style == yaml.FoldedStyle) {
		into.at.line++ // it begins below its key
	}
}

var (
	feedKeys = []string{"use", "events", "when", "each", "to", "fields", "token_hashes", "insecure", "webhook_secret", "webhook_secret_file", "hmac"}
	ruleKeys = []string{"when", "each", "to", "fields"}
)

func (r *reader) declaration(key, name string, n *yaml.Node) *Declaration {
	d := &Declaration{Name: name, at: r.at(n)}
	own := Rule{at: r.at(n)}
	flat := false
	r.members(key, n, func(k string, at, v *yaml.Node) {
		under := key + "." + k
		switch {
		case k == "use":
			r.text(under, v, &d.Use)
		case k == "events":
			if v.Kind != yaml.SequenceNode {
				r.wrong(v, under, "must be a list of maps with when, each, to and fields")
				return
			}
			for i, item := range v.Content {
				item = resolved(item)
				rule := Rule{at: r.at(item)}
				path := fmt.Sprintf("%s[%d]", under, i)
				r.members(path, item, func(k string, at, v *yaml.Node) {
					if !r.rule(path+"."+k, k, v, &rule) {
						r.errs = append(r.errs, fmt.Errorf("%s%s: %w", r.at(at), path, dimension.Unknown("key", k, ruleKeys)))
					}
				})
				d.Rules = append(d.Rules, rule)
			}
		case r.rule(under, k, v, &own):
			flat = true
		case r.access(under, k, v, &d.Access):
		default:
			r.errs = append(r.errs, fmt.Errorf("%s%s: %w", r.at(at), key, dimension.Unknown("key", k, feedKeys)))
		}
	})
	if flat && len(d.Rules) > 0 {
		r.wrong(n, key, "has events, and when, each, to or fields beside them: put these into events")
	}
	if flat {
		d.Rules = []Rule{own}
	}
	return d
}

// rule reads a key of a rule, and reports whether it is one.
func (r *reader) rule(under, k string, v *yaml.Node, rule *Rule) bool {
	switch k {
	case "when":
		r.source(under, v, &rule.When)
	case "each":
		r.source(under, v, &rule.Each)
	case "to":
		r.text(under, v, &rule.To)
		rule.toAt = r.at(v)
	case "fields":
		rule.Fields = r.fields(under, v, false)
	default:
		return false
	}
	return true
}

// fields reads expressions by name. Within a field there are members, and no further ones.
func (r *reader) fields(key string, n *yaml.Node, within bool) []Field {
	list := []Field{}
	r.members(key, n, func(name string, _, v *yaml.Node) {
		f := Field{Name: name}
		if v.Kind == yaml.MappingNode && !within {
			f.Source.at = r.at(v)
			f.Members = r.fields(key+"."+name, v, true)
		} else {
			r.source(key+"."+name, v, &f.Source)
		}
		list = append(list, f)
	})
	return list
}

// override replaces fields of rules by own ones of the same name, and adds the others.
func override(rules []Rule, own []Field) []Rule {
	rules = slices.Clone(rules)
	for i := range rules {
		fields := slices.Clone(rules[i].Fields)
		for _, f := range own {
			if at := slices.IndexFunc(fields, func(x Field) bool { return x.Name == f.Name }); at >= 0 {
				fields[at] = f
			} else {
				fields = append(fields, f)
			}
		}
		rules[i].Fields = fields
	}
	return rules
}
