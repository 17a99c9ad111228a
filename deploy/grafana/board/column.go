package board

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"csatflow/schemas/catalogue"
)

// column is a column of an answer: its name and its form.
type column struct {
	id, heading, unit, formula string
	decimals, min, max         *float64
	steps                      []dashboard.Threshold
	more                       []dashboard.DynamicConfigValue
}

// display is how Grafana shows a unit of the catalogue.
type display struct {
	unit     string
	decimals int // -1 leaves them to Grafana
	bounded  bool
}

var displays = map[string]display{
	"count": {units.Short, -1, false}, "share": {units.PercentUnit, 1, false}, "difference_of_shares": {units.PercentUnit, 1, false},
	"grade": {units.NoUnit, 2, true}, "difference_of_grades": {units.NoUnit, 2, false}, "index": {units.NoUnit, 1, true}, "net_score": {units.NoUnit, 1, true}, "stars": {units.NoUnit, 2, true},
	"seconds": {units.Seconds, -1, false}, "days": {units.Days, 1, false}, "time": {units.DateTimeFromNow, -1, false}, "month": {units.NoUnit, 0, false},
	"currency": {units.NoUnit, 0, false}, "per_thousand": {units.NoUnit, 1, false}, "per_million": {units.NoUnit, 0, false},
	"sigma": {units.NoUnit, 2, false}, "slope": {units.NoUnit, 2, false}, "coefficient": {units.NoUnit, 2, false}, "logit": {units.NoUnit, 2, false},
	"factor": {units.NoUnit, 1, false}, "rank": {units.NoUnit, 0, false}, "flag": {units.BoolYesNo, -1, false}, "member": {"", -1, false}, "of_measure": {units.NoUnit, 2, false},
}

// limits are from where a figure is middling and good, or middling and bad: by its formula, or by a convention of the field. What is a good index
// or a good share of recovered customers nobody can say for all companies: those have no colours.
var limits = map[string]struct {
	middling, other float64
}{
	"sigma_level": {3, 4}, "mystery_score": {0.5, 0.8},
	"procedural": {4, 5}, "personal": {4, 5}, "gap_perceived": {-0.5, 0},
	"churn_risk": {0.3, 0.7}, "evidence": {0.25, 0.75}, "gap_knowledge": {0, 0.5}, "gap_standards": {0, 0.5}, "gap_delivery": {0, 0.5}, "gap_communication": {0, 0.5},
}

// of is a column of a view.
func (m *maker) of(view, id string) column {
	heading, err := m.catalogue.Heading(view, id, catalogue.English)
	m.check(err)
	c := column{id: id, heading: heading}
	if measure := m.catalogue.MeasureAt(view, id); measure != nil {
		c = m.shaped(c, measure)
	}
	return c
}

// all returns columns of a view.
func (m *maker) all(view string, ids ...string) (list []column) {
	for _, id := range ids {
		list = append(list, m.of(view, id))
	}
	return list
}

// measure is a column whose name is the id of a measure.
func (m *maker) measure(id string) column {
	measure, err := m.catalogue.Measure(id)
	if err != nil {
		m.check(err)
		return column{id: id}
	}
	return m.shaped(column{id: id, heading: measure.Label.English}, measure)
}

func (m *maker) shaped(c column, measure *catalogue.Measure) column {
	s, known := displays[measure.Unit]
	if !known {
		m.check(fmt.Errorf("measure %s: no display for unit %q", measure.ID, measure.Unit))
	}
	c.unit, c.formula = s.unit, measure.Formula
	if s.decimals >= 0 {
		c.decimals = new(float64(s.decimals))
	}
	if measure.Range != nil {
		c.min = measure.Range.From
		if s.bounded {
			c.max = measure.Range.To
		}
	}
	if l, known := limits[measure.ID]; known {
		low, high := "red", "green"
		if measure.Better == catalogue.Lower {
			low, high = high, low
		}
		c.steps = []dashboard.Threshold{{Color: low}, {Color: "orange", Value: &l.middling}, {Color: high, Value: &l.other}}
	}
	return c
}

// own is a column that no view has.
func own(id, heading, unit string) column { return column{id: id, heading: heading, unit: unit} }

// called returns the column with another name and heading.
func (c column) called(id, heading string) column {
	c.id, c.heading = id, heading
	return c
}

func (c column) with(property string, value any) column {
	c.more = append(c.more[:len(c.more):len(c.more)], dashboard.DynamicConfigValue{Id: property, Value: value})
	return c
}

func (c column) right() column { return c.with("custom.axisPlacement", "right") }
func (c column) bars() column {
	return c.with("custom.drawStyle", "bars").with("custom.lineWidth", 0).with("custom.fillOpacity", 30)
}
func (c column) dashed() column {
	return c.with("custom.lineStyle", map[string]any{"fill": "dash", "dash": []int{8, 8}})
}
func (c column) gauge() column {
	return c.with("custom.cellOptions", map[string]any{"type": "gauge", "mode": "basic", "valueDisplayMode": "text"})
}
func (c column) wide() column { return c.with("custom.minWidth", 240) }

// toStore links a store's row to its dashboard.
func (c column) toStore() column {
	return c.with("links", []map[string]any{{"title": "This store", "url": "/d/" + storeUID + "?${__url_time_range}&var-store=store:${__value.raw}", "targetBlank": false}})
}

// properties are Grafana's display properties of a column.
func (c column) properties() []dashboard.DynamicConfigValue {
	list := []dashboard.DynamicConfigValue{{Id: "displayName", Value: c.heading}}
	add := func(id string, v *float64) {
		if v != nil {
			list = append(list, dashboard.DynamicConfigValue{Id: id, Value: *v})
		}
	}
	if c.unit != "" {
		list = append(list, dashboard.DynamicConfigValue{Id: "unit", Value: c.unit})
	}
	add("decimals", c.decimals)
	add("min", c.min)
	add("max", c.max)
	if c.steps != nil {
		list = append(list, dashboard.DynamicConfigValue{Id: "thresholds", Value: dashboard.ThresholdsConfig{Mode: dashboard.ThresholdsModeAbsolute, Steps: c.steps}})
	}
	return append(list, c.more...)
}

// late is red where time is below 0.
func late(c column) column {
	c.steps = []dashboard.Threshold{{Color: "red"}, {Color: "text", Value: new(0.0)}}
	return c
}

// view is the name of a view for people.
func (m *maker) view(id string) string {
	v, err := m.catalogue.View(id)
	if err != nil {
		m.check(err)
		return id
	}
	return v.Label.English
}
