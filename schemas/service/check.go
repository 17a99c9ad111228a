package service

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// maxID is the greatest length of a question id in schemas/events, in characters.
const maxID = 64

// check collects what is wrong in a questionnaire, each with its line.
type check struct {
	file string
	root *yaml.Node
	q    *Questionnaire
	errs []error
}

func (c *check) all() error {
	c.latents()
	c.questions()
	c.paths()
	return errors.Join(c.errs...)
}

// wrong notes a fault. at is where: keys and indices from the root.
func (c *check) wrong(at []any, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s:%d: %s: %s", c.file, lineOf(c.root, at), written(at), fmt.Sprintf(format, args...)))
}

func (c *check) latents() {
	if len(c.q.Latents) == 0 {
		c.wrong([]any{"latents"}, "there are none: list the latent variables, each with id and label")
	}
	seen := map[string]int{}
	for i, l := range c.q.Latents {
		c.id([]any{"latents", i, "id"}, "latent variable", l.ID, i, seen)
		c.text([]any{"latents", i, "label"}, l.Label)
		if len(c.q.Indicators(l.ID)) == 0 {
			c.wrong([]any{"latents", i}, "no question measures %q: give it one that is not diagnostic, or remove it", l.ID)
		}
	}
}

func (c *check) questions() {
	seen := map[string]int{}
	for i, q := range c.q.Questions {
		c.id([]any{"questions", i, "id"}, "question", q.ID, i, seen)
		c.text([]any{"questions", i, "text"}, q.Text)
		c.latent([]any{"questions", i, "latent"}, q.Latent)
	}
}

// id checks that an id is present and unique.
func (c *check) id(at []any, kind, id string, i int, seen map[string]int) {
	if n := utf8.RuneCountInString(id); n < 1 || n > maxID {
		c.wrong(at, "the id of a %s has 1 to %d characters, this one has %d", kind, maxID, n)
		return
	}
	if first, twice := seen[id]; twice {
		list := at[0]
		c.wrong(at, "%s %q is already in line %d: give each its own id", kind, id, lineOf(c.root, []any{list, first}))
		return
	}
	seen[id] = i
}

func (c *check) text(at []any, t Text) {
	for _, face := range []struct{ key, value string }{{"en", t.English}, {"zh", t.Chinese}} {
		if strings.TrimSpace(face.value) == "" {
			c.wrong(at, "%s is missing: the page is in English and Chinese", face.key)
		}
	}
}

// latent checks a reference to a latent variable.
func (c *check) latent(at []any, id string) bool {
	known := make([]string, len(c.q.Latents))
	for i, l := range c.q.Latents {
		known[i] = l.ID
	}
	if slices.Contains(known, id) {
		return true
	}
	c.wrong(at, "unknown latent variable %q: name one of %s, or add it to latents", id, strings.Join(known, ", "))
	return false
}

// lineOf returns the line of at, or of the innermost part of it that exists.
func lineOf(n *yaml.Node, at []any) int {
	if n.Kind == yaml.DocumentNode {
		n = n.Content[0]
	}
	for _, step := range at {
		next := inside(n, step)
		if next == nil {
			break
		}
		n = next
	}
	return n.Line
}

func inside(n *yaml.Node, step any) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	switch step := step.(type) {
	case int:
		if n.Kind == yaml.SequenceNode && step < len(n.Content) {
			return n.Content[step]
		}
	case string:
		for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == step {
				return n.Content[i+1]
			}
		}
	}
	return nil
}

// written returns at as people write it: questions[2].latent.
func written(at []any) string {
	var b strings.Builder
	for _, step := range at {
		switch step := step.(type) {
		case int:
			b.WriteString("[" + strconv.Itoa(step) + "]")
		case string:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(step)
		}
	}
	return b.String()
}
