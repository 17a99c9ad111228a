package catalogue

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Scales returns all scales, in the order of the file.
func (c *Catalogue) Scales() []Scale { return slices.Clone(c.scales) }

// Views returns all views, in the order of the file.
func (c *Catalogue) Views() []View { return slices.Clone(c.views) }

// Measures returns all measures, in the order of the file.
func (c *Catalogue) Measures() []Measure { return slices.Clone(c.measures) }

// Columns returns the columns that are not one measure, in the order of the file.
func (c *Catalogue) Columns() []Column { return slices.Clone(c.columns) }

// Scale returns a scale by id.
func (c *Catalogue) Scale(id string) (*Scale, error) {
	if i, known := c.scaleAt[id]; known {
		return &c.scales[i], nil
	}
	return nil, missing("scale", id, "scales.yaml", c.scaleAt)
}

// View returns a view by id.
func (c *Catalogue) View(id string) (*View, error) {
	if i, known := c.viewAt[id]; known {
		return &c.views[i], nil
	}
	return nil, missing("view", id, "views.yaml", c.viewAt)
}

// Measure returns a measure by id.
func (c *Catalogue) Measure(id string) (*Measure, error) {
	if i, known := c.measureAt[id]; known {
		return &c.measures[i], nil
	}
	return nil, missing("measure", id, "measures.yaml", c.measureAt)
}

// Value returns a value of a scale by its id, or by the name of a numbered value.
func (c *Catalogue) Value(scale, id string) (*Value, error) {
	s, err := c.Scale(scale)
	if err != nil {
		return nil, err
	}
	if v := s.value(id); v != nil {
		return v, nil
	}
	names := map[string]int{}
	for i := range s.Values {
		names[s.Values[i].ID] = i
	}
	return nil, missing("value of scale "+scale, id, "scales.yaml", names)
}

// Label returns the label of a value of a scale.
func (c *Catalogue) Label(scale, id string, l Language) (string, error) {
	v, err := c.Value(scale, id)
	if err != nil {
		return "", err
	}
	return v.Label.In(l), nil
}

// Heading returns the heading of a view's column: the label of its measure if it has exactly one, else that of the
// column.
func (c *Catalogue) Heading(view, column string, l Language) (string, error) {
	v, err := c.View(view)
	if err != nil {
		return "", err
	}
	measures := c.measureOf[Place{view, column}]
	switch {
	case len(measures) == 1:
		return c.measures[measures[0]].Label.In(l), nil
	case len(measures) > 1 || slices.Contains(v.Keys, column):
		return c.columns[c.columnAt[column]].Label.In(l), nil
	}
	names := map[string]int{}
	for _, name := range c.ColumnsOf(view) {
		names[name] = len(names)
	}
	return "", missing("column of view "+view, column, "views.yaml or measures.yaml", names)
}

// Column returns the label of a column that is not one measure.
func (c *Catalogue) Column(id string, l Language) (string, error) {
	i, known := c.columnAt[id]
	if !known {
		return "", missing("column", id, "views.yaml", c.columnAt)
	}
	return c.columns[i].Label.In(l), nil
}

// Name returns the label of a measure, or of a scale: the view benchmark has both in its column measure.
func (c *Catalogue) Name(id string, l Language) (string, error) {
	m, err := c.Measure(id)
	if err == nil {
		return m.Label.In(l), nil
	}
	if i, known := c.scaleAt[id]; known {
		return c.scales[i].Label.In(l), nil
	}
	return "", err
}

// MeasureAt returns the measure of a view's column; nil if it has none or several.
func (c *Catalogue) MeasureAt(view, column string) *Measure {
	if at := c.measureOf[Place{view, column}]; len(at) == 1 {
		return &c.measures[at[0]]
	}
	return nil
}

// ScaleOf returns the scale of a column that is not one measure; "" for none.
func (c *Catalogue) ScaleOf(column string) string {
	if i, known := c.columnAt[column]; known {
		return c.columns[i].Scale
	}
	return ""
}

// Texts returns the texts of the page itself, in the order of the file.
func (c *Catalogue) Texts() []Phrase { return slices.Clone(c.texts) }

// ColumnsOf returns the columns of a view that the catalogue knows: what a row is about, then its measures.
func (c *Catalogue) ColumnsOf(view string) (list []string) {
	if i, known := c.viewAt[view]; known {
		list = append(list, c.views[i].Keys...)
	}
	for i := range c.measures {
		for _, p := range c.measures[i].Found {
			if p.View == view && !slices.Contains(list, p.Column) {
				list = append(list, p.Column)
			}
		}
	}
	return list
}

func (s *Scale) value(id string) *Value {
	for i := range s.Values {
		if v := &s.Values[i]; v.ID == id || v.Name != "" && v.Name == id {
			return v
		}
	}
	return nil
}

// missing returns an error for an unknown id, with similar ones, and the file where to add one.
func missing(what, id, file string, known map[string]int) error {
	names := make([]string, 0, len(known))
	for name := range known {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(distance(id, a), distance(id, b)), cmp.Compare(a, b))
	})
	shown, more := names, ""
	if len(names) > 8 {
		shown, more = names[:8], ", …"
	}
	if len(names) == 0 {
		return fmt.Errorf("no %s %q: it has none; add it to schemas/catalogue/%s", what, id, file)
	}
	return fmt.Errorf("no %s %q: one of %s%s; a new one is added to schemas/catalogue/%s", what, id, strings.Join(shown, ", "), more, file)
}

// distance returns how many letters to insert, delete or replace to turn a into b (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := before
			if a[i] != b[j] {
				replaced++
			}
			before = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
