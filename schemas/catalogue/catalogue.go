// Package catalogue names every scale and measure of the product in English and Chinese. For each measure it has the formula,
// the unit, the range, the source, and the views and columns that show it. Reports, page and dashboards take their words
// from it; schemas/MEASURES.md is made from it.
//
// Start at [Load]. The package knows no database: a test of sinks/clickhouse checks that its views and columns are
// those of schemas/clickhouse.
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

// Catalogue is the whole catalogue. [Load] has checked it: every reference has its target, and every label both languages.
// It is shared: do not change it.
type Catalogue struct {
	scales   []Scale
	views    []View
	columns  []Column
	measures []Measure
	texts    []Phrase

	scaleAt, viewAt, columnAt, measureAt map[string]int
	measureOf                            map[Place][]int // the measures that a column of a view shows; a key may decide which one
}

// Scale is a list of values, a range of whole numbers, or a list of items that are each answered with a number.
type Scale struct {
	ID      string  `yaml:"id"`
	Label   Text    `yaml:"label"`
	Source  string  `yaml:"source"`
	Answers *Bounds `yaml:"answers"` // the range of answers, whole numbers; nil if values are chosen
	Values  []Value `yaml:"values"`
}

// Value is one value of a scale.
type Value struct {
	ID      string   `yaml:"id"`   // as in events and views
	Name    string   `yaml:"name"` // of a numbered value; may be ""
	Label   Text     `yaml:"label"`
	Meaning Text     `yaml:"meaning"` // may be empty
	Group   string   `yaml:"group"`   // "sin" for the seven sins of service; may be ""
	Share   *float64 `yaml:"share"`   // usual share, 0 to 1: of a reason for leaving, of a tier
}

// Phrase is a text of the page itself.
type Phrase struct {
	ID   string `yaml:"id"`
	Text `yaml:",inline"`
}

// Bounds are the ends of a range; nil means open.
type Bounds struct {
	From *float64 `yaml:"from"`
	To   *float64 `yaml:"to"`
}

// Column is a column of views that is not one measure: what a row is about, words, or a figure whose measure a key
// decides.
type Column struct {
	ID    string `yaml:"id"`
	Label Text   `yaml:"label"`
	Scale string `yaml:"scale"` // the scale of its values; may be ""
}

// View is a view of the database.
type View struct {
	ID         string   `yaml:"id"`
	Label      Text     `yaml:"label"`
	Section    int      `yaml:"section"`    // of the reference
	Keys       []string `yaml:"keys"`       // ids of [Column]
	Like       string   `yaml:"like"`       // a view with the same measures; may be ""
	Without    []string `yaml:"without"`    // columns of that view that this one lacks
	Parameters string   `yaml:"parameters"` // an example of its parameters; "" if it has none
}

// Better is the good direction of a measure.
type Better string

// The directions.
const (
	Higher Better = "higher"
	Lower  Better = "lower"
	None   Better = "none"
)

// Measure is one measure of the product.
type Measure struct {
	ID      string  `yaml:"id"`
	Section int     `yaml:"section"` // of the reference: 3 satisfaction … 8 satisfaction index
	Label   Text    `yaml:"label"`
	Formula string  `yaml:"formula"`
	Source  string  `yaml:"source"`
	Unit    string  `yaml:"unit"`  // a value of the scale "unit"
	Scale   string  `yaml:"scale"` // if the unit is "member": the scale that it is a value of
	Range   *Bounds `yaml:"range"` // nil if the measure is not a number
	Better  Better  `yaml:"better"`
	// BetterOf overrides Better for values of the scale over which an entry of the file expands.
	BetterOf map[string]Better `yaml:"better_of"`
	Found    []Place           `yaml:"found"`
}

// Place is a view and column that show a measure.
type Place struct {
	View   string `yaml:"view"`
	Column string `yaml:"column"` // the measure's id if the file omits it
}

// Load returns the catalogue of this release.
func Load() (*Catalogue, error) { return loaded() }

// MustLoad is [Load] for callers that show the catalogue: it is part of the program, and tests load it.
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

// build expands, indexes and checks the contents of the files.
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

// siblings returns the views that have a column of a view: itself and those like it.
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
