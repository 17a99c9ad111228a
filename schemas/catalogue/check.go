package catalogue

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// check collects the errors of the files.
type check struct{ errs []error }

func (k *check) wrong(what, id, format string, args ...any) {
	k.errs = append(k.errs, fmt.Errorf("schemas/catalogue/%s %q: %s", what, id, fmt.Sprintf(format, args...)))
}

func (k *check) text(what, id string, t Text) {
	switch {
	case strings.TrimSpace(t.English) == "" || strings.TrimSpace(t.Chinese) == "":
		k.wrong(what, id, "en or zh of the label is missing: the product has an English and a Chinese face")
	case strings.ContainsAny(t.English+t.Chinese, "{}|\n"):
		k.wrong(what, id, "the label %q / %q has a brace, a bar or a line break: the scale in braces must be that of the id", t.English, t.Chinese)
	case strings.ContainsFunc(t.English, func(r rune) bool { return unicode.Is(unicode.Han, r) }):
		k.wrong(what, id, "the English label %q has Chinese in it", t.English)
	}
}

func (k *check) scales(c *Catalogue) {
	for i := range c.scales {
		s := &c.scales[i]
		const what = "scales.yaml: scale"
		k.text(what, s.ID, s.Label)
		if s.Source == "" {
			k.wrong(what, s.ID, "source is missing: say the text or paper")
		}
		if len(s.Values) == 0 && s.Answers == nil {
			k.wrong(what, s.ID, "it has neither values nor answers: give one of them")
		}
		if s.Answers != nil && !s.Answers.closed() {
			k.wrong(what, s.ID, "answers needs from and to, and from below to")
		}
		seen := map[string]bool{}
		for j := range s.Values {
			v := &s.Values[j]
			k.text(what+" "+s.ID+", value", v.ID, v.Label)
			if v.ID == "" || seen[v.ID] || seen[v.Name] {
				k.wrong(what+" "+s.ID+", value", v.ID, "the id is empty, or it or its name stands twice: give each its own")
			}
			seen[v.ID] = true
			if v.Name != "" {
				seen[v.Name] = true
			}
			if (v.Meaning.English == "") != (v.Meaning.Chinese == "") {
				k.wrong(what+" "+s.ID+", value", v.ID, "meaning is there in one language only")
			}
		}
	}
}

func (k *check) views(c *Catalogue) {
	used := map[string]bool{}
	for i := range c.views {
		v := &c.views[i]
		const what = "views.yaml: view"
		k.text(what, v.ID, v.Label)
		if v.Section < 3 || v.Section > 8 {
			k.wrong(what, v.ID, "section is 3 to 8, not %d", v.Section)
		}
		if _, known := c.viewAt[v.Like]; v.Like != "" && (!known || c.views[c.viewAt[v.Like]].Like != "") {
			k.wrong(what, v.ID, "like names %q, which is no view with measures of its own", v.Like)
		}
		for _, column := range v.Without {
			if len(c.measureOf[Place{v.Like, column}]) == 0 {
				k.wrong(what, v.ID, "without names %q, which is no measure of %q", column, v.Like)
			}
		}
		for _, key := range v.Keys {
			used[key] = true
			if _, known := c.columnAt[key]; !known {
				k.wrong(what, v.ID, "key %q has no label: add it to columns", key)
			}
			if m := c.measureOf[Place{v.ID, key}]; len(m) > 0 {
				k.wrong(what, v.ID, "key %q is also the measure %q: keep one of them", key, c.measures[m[0]].ID)
			}
		}
	}
	for p, measures := range c.measureOf {
		if len(measures) < 2 {
			continue
		}
		used[p.Column] = true
		if _, known := c.columnAt[p.Column]; !known {
			k.wrong("views.yaml: view", p.View, "column %q has several measures and no label: add it to columns", p.Column)
		}
	}
	for i := range c.columns {
		x := &c.columns[i]
		const what = "views.yaml: column"
		k.text(what, x.ID, x.Label)
		k.scale(c, what, x.ID, x.Scale)
		if !used[x.ID] {
			k.wrong(what, x.ID, "no view has it as a key, nor as a column of several measures: take it away")
		}
	}
}

func (k *check) scale(c *Catalogue, what, id, scale string) {
	if _, known := c.scaleAt[scale]; scale != "" && !known {
		k.wrong(what, id, "there is no scale %q in scales.yaml", scale)
	}
}

func (k *check) measures(c *Catalogue) {
	for i := range c.measures {
		m := &c.measures[i]
		const what = "measures.yaml: measure"
		k.text(what, m.ID, m.Label)
		k.scale(c, what, m.ID, m.Scale)
		if m.Formula == "" || m.Source == "" {
			k.wrong(what, m.ID, "formula or source is missing")
		}
		if m.Section < 3 || m.Section > 8 {
			k.wrong(what, m.ID, "section is 3 to 8, not %d", m.Section)
		}
		if _, err := c.Value("unit", m.Unit); err != nil {
			k.wrong(what, m.ID, "unit: %v", err)
		}
		if (m.Unit == "member") != (m.Scale != "") {
			k.wrong(what, m.ID, "a measure of unit member, and no other, says its scale")
		}
		if !slices.Contains([]Better{Higher, Lower, None}, m.Better) {
			k.wrong(what, m.ID, "better is higher, lower or none, not %q", m.Better)
		}
		k.measureRange(what, m)
		k.places(c, what, m)
	}
}

// unbounded are the units of measures without a range.
var unbounded = []string{"time", "month", "member", "of_measure"}

func (k *check) measureRange(what string, m *Measure) {
	switch r := m.Range; {
	case r == nil && !slices.Contains(unbounded, m.Unit):
		k.wrong(what, m.ID, "range is missing: give from and to, {} where both ends are open")
	case r != nil && r.From != nil && r.To != nil && !r.closed():
		k.wrong(what, m.ID, "range: from is not below to")
	}
}

func (k *check) places(c *Catalogue, what string, m *Measure) {
	if len(m.Found) == 0 {
		k.wrong(what, m.ID, "found is missing: say in which view it is")
	}
	for _, p := range m.Found {
		if _, err := c.View(p.View); err != nil {
			k.wrong(what, m.ID, "found: %v", err)
		}
	}
}

func (b *Bounds) closed() bool { return b.From != nil && b.To != nil && *b.From < *b.To }
