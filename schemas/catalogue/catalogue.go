// Package catalogue names every scale and every measure of the product in English and in Chinese, and says of each
// measure how it is computed, in which unit, within which range, after which source, and in which column of which view
// it is found. Reports, page and dashboards take their words from it; schemas/MEASURES.md is made from it.
//
// Start at [Load]. The package knows no database: that its views and columns are those of schemas/clickhouse is held
// by a test of sinks/clickhouse.
package catalogue

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"slices"
	"sync"

	"go.yaml.in/yaml/v3"
)

//go:generate go run ./generate ../MEASURES.md

//go:embed scales.yaml views.yaml measures.yaml page.yaml
var files embed.FS

// Catalogue is all of it. What [Load] returns is whole: every reference leads somewhere, and every label is there in
// both languages. It is shared: do not change it.
type Catalogue struct {
	scales   []Scale
	views    []View
	columns  []Column
	measures []Measure
	texts    []Phrase

	scaleAt, viewAt, columnAt, measureAt map[string]int
	measureOf                            map[Place][]int // the measures found in a column of a view: which one may hang on a key
}

// Scale is a list of values, or a range of whole numbers, or things that are each marked with one.
type Scale struct {
	ID      string  `yaml:"id"`
	Label   Text    `yaml:"label"`
	Source  string  `yaml:"source"`
	Answers *Bounds `yaml:"answers"` // the whole numbers that are answered; nil where values are chosen
	Values  []Value `yaml:"values"`
}

// Value is one value of a scale.
type Value struct {
	ID      string   `yaml:"id"`   // as in events and views
	Name    string   `yaml:"name"` // of a numbered value; may be ""
	Label   Text     `yaml:"label"`
	Meaning Text     `yaml:"meaning"` // may be empty
	Group   string   `yaml:"group"`   // sin: the seven sins of service; may be ""
	Share   *float64 `yaml:"share"`   // usual share of all: of a reason for leaving, of a tier
}

// Phrase is what the page itself says somewhere.
type Phrase struct {
	ID   string `yaml:"id"`
	Text `yaml:",inline"`
}

// Bounds are the ends of a range; nil is open.
type Bounds struct {
	From *float64 `yaml:"from"`
	To   *float64 `yaml:"to"`
}

// Column is a column of views that is not of one measure: what a row is about, words, and a figure of which a key says
// what it measures.
type Column struct {
	ID    string `yaml:"id"`
	Label Text   `yaml:"label"`
	Scale string `yaml:"scale"` // whose values it holds; may be ""
}

// View is a view of the database.
type View struct {
	ID         string   `yaml:"id"`
	Label      Text     `yaml:"label"`
	Section    int      `yaml:"section"`    // of the reference
	Keys       []string `yaml:"keys"`       // ids of [Column]
	Like       string   `yaml:"like"`       // a view that has the same measures; may be ""
	Without    []string `yaml:"without"`    // columns of that view that this one lacks
	Parameters string   `yaml:"parameters"` // an example of what it is called with; "" when it has none
}

// Better says which way of a measure is good.
type Better string

// The ways.
const (
	Higher Better = "higher"
	Lower  Better = "lower"
	None   Better = "none"
)

// Measure is one measure.
type Measure struct {
	ID      string  `yaml:"id"`
	Section int     `yaml:"section"` // of the reference: 3 satisfaction … 8 satisfaction index
	Label   Text    `yaml:"label"`
	Formula string  `yaml:"formula"`
	Source  string  `yaml:"source"`
	Unit    string  `yaml:"unit"`  // a value of the scale "unit"
	Scale   string  `yaml:"scale"` // of unit "member": the scale whose value it is
	Range   *Bounds `yaml:"range"` // nil where the measure is no number
	Better  Better  `yaml:"better"`
	// BetterOf says otherwise for values of the scale over which an entry of the file expands.
	BetterOf map[string]Better `yaml:"better_of"`
	Found    []Place           `yaml:"found"`
}

// Place is where a measure is found.
type Place struct {
	View   string `yaml:"view"`
	Column string `yaml:"column"` // in the file the measure's id when left out
}

// Load gives the catalogue of this release.
func Load() (*Catalogue, error) { return loaded() }

// MustLoad is [Load] for those who show what is in it: the catalogue is a part of the program, which its tests load.
func MustLoad() *Catalogue {
	c, err := Load()
	if err != nil {
		panic(err)
	}
	return c
}

var loaded = sync.OnceValues(func() (*Catalogue, error) {
	var scales struct{ Scales []Scale }
	var views struct {
		Columns []Column
		Views   []View
	}
	var measures struct{ Measures []Measure }
	var page struct{ Texts []Phrase }
	if err := errors.Join(read("scales.yaml", &scales), read("views.yaml", &views), read("measures.yaml", &measures), read("page.yaml", &page)); err != nil {
		return nil, err
	}
	addDeclared(scales.Scales)
	return build(scales.Scales, views.Columns, views.Views, measures.Measures, page.Texts)
})

func read(name string, v any) error {
	text, err := files.ReadFile(name)
	if err != nil {
		return err
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("schemas/catalogue/%s: %w", name, err)
	}
	return nil
}

// build expands, indexes and checks what the files say.
func build(scales []Scale, columns []Column, views []View, measures []Measure, texts []Phrase) (*Catalogue, error) {
	c := &Catalogue{scales: scales, columns: columns, views: views, texts: texts}
	var k check
	index(&k, "page.yaml: text", texts, func(p *Phrase) string { return p.ID })
	for i := range texts {
		k.text("page.yaml: text", texts[i].ID, texts[i].Text)
	}
	c.scaleAt = index(&k, "scales.yaml: scale", scales, func(s *Scale) string { return s.ID })
	c.columnAt = index(&k, "views.yaml: column", columns, func(x *Column) string { return x.ID })
	c.viewAt = index(&k, "views.yaml: view", views, func(v *View) string { return v.ID })
	for i := range measures {
		c.measures = append(c.measures, c.expand(&k, &measures[i])...)
	}
	c.measureAt = index(&k, "measures.yaml: measure", c.measures, func(m *Measure) string { return m.ID })
	c.measureOf = map[Place][]int{}
	for i := range c.measures {
		for _, p := range c.measures[i].Found {
			c.measureOf[p] = append(c.measureOf[p], i)
		}
	}
	k.scales(c)
	k.views(c)
	k.measures(c)
	if err := errors.Join(k.errs...); err != nil {
		return nil, err
	}
	return c, nil
}

func index[T any](k *check, what string, list []T, id func(*T) string) map[string]int {
	at := make(map[string]int, len(list))
	for i := range list {
		name := id(&list[i])
		if _, twice := at[name]; twice || name == "" {
			k.wrong(what, name, "the id is empty or stands twice: give each its own")
		}
		at[name] = i
	}
	return at
}

// siblings are the views that have a column of a view: itself and those that are like it.
func (c *Catalogue) siblings(view, column string) []string {
	list := []string{view}
	for i := range c.views {
		if c.views[i].Like == view && !slices.Contains(c.views[i].Without, column) {
			list = append(list, c.views[i].ID)
		}
	}
	slices.Sort(list[1:])
	return list
}
