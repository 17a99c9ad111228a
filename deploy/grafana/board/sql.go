package board

import (
	"fmt"
	"strings"

	"csatflow/schemas"
)

// The picked scope, as kind:id, "all:" for all: the store if one is picked, else the region.
const (
	pickedStore = "${store:singlequote}"
	pickedScope = "if(${store:singlequote} = 'all:', ${region:singlequote}, ${store:singlequote})"
)

// in is the condition for a row of the picked scope.
func in(picked string) string { return "concat(scope_kind, ':', scope_id) = " + picked }

// Kind and id of the picked scope, and both as parameters of a view.
const (
	pickedKind  = "substring(" + pickedScope + ", 1, position(" + pickedScope + ", ':') - 1)"
	pickedID    = "substring(" + pickedScope + ", position(" + pickedScope + ", ':') + 1)"
	pickedParts = "scope_kind = " + pickedKind + ", scope_id = " + pickedID
)

// ofStore is the condition that a column of stores holds the picked store, or one of the picked region.
func ofStore(column string) string {
	return fmt.Sprintf("(%[2]s = 'all:' OR concat('store:', %[1]s) = %[2]s OR %[1]s IN (SELECT scope_id FROM places WHERE scope_kind = 'store' AND concat(parent_kind, ':', parent_id) = %[2]s))", column, pickedScope)
}

// length is the length in seconds of all panes that begin in the range; at least that of one pane.
const length = "greatest(1, intDiv(toUnixTimestamp($__toTime), ${resolution}) - intDiv(toUnixTimestamp($__fromTime) - 1, ${resolution})) * ${resolution}"

// during is a rolling view with one window: the panes that begin in the range or, with before, as many panes before them.
func during(view string, before bool) string {
	end := "toUnixTimestamp($__toTime) + ${resolution}"
	if before {
		end += " - " + length
	}
	return fmt.Sprintf("%s(window_s = %s, step_s = ${resolution}, from = %s, to = %s)", view, length, end, end)
}

// between is a view over the range itself.
func between(view string, more ...string) string {
	return fmt.Sprintf("%s(%s)", view, strings.Join(append([]string{"from = toUnixTimestamp($__fromTime)", "to = toUnixTimestamp($__toTime)"}, more...), ", "))
}

// overTime selects columns of the panes in the range.
func overTime(view, picked string, columns ...column) string {
	return "SELECT pane_start AS time, " + ids(columns) + "\nFROM " + view + "\nWHERE resolution = ${resolution} AND " + in(picked) + " AND $__timeFilter(pane_start)\nORDER BY time"
}

func ids(columns []column) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.id
	}
	return strings.Join(names, ", ")
}

// figures are panels with one measure each over the range; a count without rows is 0.
func (m *maker) figures(view, of, picked string, names ...string) (list panels) {
	for _, name := range names {
		c, answer := m.of(view, name), name
		if measure := m.catalogue.MeasureAt(view, name); measure != nil && measure.Unit == "count" && !strings.HasPrefix(name, "mean_") {
			answer = "sum(" + name + ") AS " + name
		}
		list = append(list, figure(c, "Of the panes that begin in the range.", "SELECT "+answer+"\nFROM "+of+"\nWHERE "+in(picked)))
	}
	return list
}

// words replaces the values of a scale by their labels.
func (m *maker) words(scale, expr string) string {
	s, err := m.catalogue.Scale(scale)
	if err != nil {
		m.check(err)
		return expr
	}
	var from, to []string
	for _, v := range s.Values {
		from, to = append(from, schemas.QuoteText(v.ID)), append(to, schemas.QuoteText(v.Label.English))
	}
	return replaced(expr, from, to)
}

// names replaces the ids of measures by their labels.
func (m *maker) names(expr string, prefixes ...string) string {
	var from, to []string
	for _, measure := range m.catalogue.Measures() {
		for _, p := range prefixes {
			if strings.HasPrefix(measure.ID, p) {
				from, to = append(from, schemas.QuoteText(measure.ID)), append(to, schemas.QuoteText(measure.Label.English))
			}
		}
	}
	return replaced(expr, from, to)
}

func replaced(expr string, from, to []string) string {
	return fmt.Sprintf("transform(toString(%[1]s), [%[2]s], [%[3]s], toString(%[1]s))", expr, strings.Join(from, ", "), strings.Join(to, ", "))
}

// perValue selects measures that a scale has for each of its values, as rows of a name and its figure in each source.
func (m *maker) perValue(scale, format string, sources ...string) string {
	s, err := m.catalogue.Scale(scale)
	if err != nil {
		m.check(err)
		return ""
	}
	var labels, columns []string
	for _, v := range s.Values {
		labels, columns = append(labels, schemas.QuoteText(v.Label.English)), append(columns, fmt.Sprintf(format, v.ID))
	}
	var parts, answers []string
	for i, from := range sources {
		parts = append(parts, fmt.Sprintf("    SELECT %d AS part, [%s] AS names, [%s] AS figures FROM %s", i, strings.Join(labels, ", "), strings.Join(columns, ", "), from))
		answers = append(answers, fmt.Sprintf("maxIf(figure, part = %d) AS figure_%d", i, i))
	}
	return fmt.Sprintf("SELECT name, %s\nFROM (\n%s\n)\nARRAY JOIN names AS name, figures AS figure\nGROUP BY name\nHAVING isNotNull(figure_0)\nORDER BY indexOf([%s], name)", strings.Join(answers, ", "), strings.Join(parts, "\n    UNION ALL\n"), strings.Join(labels, ", "))
}

// inRegion is the condition that a column of stores holds one of the picked region.
func inRegion(column string) string {
	return fmt.Sprintf("(${region:singlequote} = 'all:' OR %s IN (SELECT scope_id FROM places WHERE scope_kind = 'store' AND concat(parent_kind, ':', parent_id) = ${region:singlequote}))", column)
}
