package catalogue

import (
	"regexp"
	"strings"
)

// over matches the scale in braces over whose values an entry expands: rater_{rater}.
var over = regexp.MustCompile(`\{([a-z_]+)\}`)

// expand returns the measures of an entry of the file, with all their places.
func (c *Catalogue) expand(k *check, m *Measure) []Measure {
	named := over.FindStringSubmatch(m.ID)
	if named == nil {
		if len(m.BetterOf) > 0 {
			k.wrong("measures.yaml: measure", m.ID, "better_of is for entries that expand over a scale: say better")
		}
		return []Measure{c.placed(m, nil, "")}
	}
	at, known := c.scaleAt[named[1]]
	if !known {
		k.wrong("measures.yaml: measure", m.ID, "there is no scale %q in scales.yaml: name one in braces", named[1])
		return nil
	}
	scale := &c.scales[at]
	for id := range m.BetterOf {
		if scale.value(id) == nil {
			k.wrong("measures.yaml: measure", m.ID, "better_of.%s: scale %s has no such value", id, scale.ID)
		}
	}
	var list []Measure
	for i := range scale.Values {
		list = append(list, c.placed(m, &scale.Values[i], named[0]))
	}
	return list
}

// placed returns a measure with a value in place of the braces, and with all its places.
func (c *Catalogue) placed(m *Measure, v *Value, braces string) Measure {
	one := *m
	one.BetterOf = nil
	fill := func(s, with string) string { return strings.ReplaceAll(s, braces, with) }
	if v != nil {
		one.ID, one.Formula = fill(m.ID, v.ID), fill(m.Formula, v.ID)
		one.Label = Text{fill(m.Label.English, lower(v.Label.English)), fill(m.Label.Chinese, v.Label.Chinese)}
		if b, other := m.BetterOf[v.ID]; other {
			one.Better = b
		}
	}
	one.Found = nil
	for _, p := range m.Found {
		column := one.ID
		if p.Column != "" {
			column = p.Column
			if v != nil {
				column = fill(column, v.ID)
			}
		}
		for _, view := range c.siblings(p.View, column) {
			one.Found = append(one.Found, Place{view, column})
		}
	}
	return one
}

// lower returns a label with a small first letter, for use within another; abbreviations stay.
func lower(s string) string {
	if len(s) > 1 && s[1] >= 'a' && s[1] <= 'z' {
		return strings.ToLower(s[:1]) + s[1:]
	}
	return s
}
