package grafana

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/units"

	"csatflow/deploy/grafana/board"
	"csatflow/schemas/catalogue"
)

// TestMeasuresHaveTheNamesOfTheCatalogue: in titles of panels with one figure, names of curves and headings of tables.
func TestMeasuresHaveTheNamesOfTheCatalogue(t *testing.T) {
	c, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	figure := regexp.MustCompile(`^SELECT (?:sum\()?(\w+)`)
	for _, d := range dashboards(t) {
		for _, p := range panels(d) {
			q, ok := p.Targets[0].(*board.Query)
			if !ok {
				continue
			}
			if p.Type == "stat" {
				compared++
				if id := figure.FindStringSubmatch(q.RawSQL)[1]; !slices.Contains(called(c, q.RawSQL, id), *p.Title) {
					t.Errorf("%s: %s is shown as %q, the catalogue has %q", *d.Title, id, *p.Title, called(c, q.RawSQL, id))
				}
			}
			for _, o := range p.FieldConfig.Overrides {
				id, _ := o.Matcher.Options.(string)
				names := called(c, q.RawSQL, id)
				shown := property(o.Properties, "displayName")
				if compared++; len(names) > 0 && !slices.Contains(names, shown.(string)) {
					t.Errorf("%s: %s: %s is shown as %q, the catalogue has %q", *d.Title, *p.Title, id, shown, names)
				}
			}
		}
	}
	if compared < 200 {
		t.Errorf("%d names were compared", compared)
	}
}

// called returns the catalogue's names of a column of the views that a statement reads, or of a measure with this id; none
// for a column that no view has. A figure that the statement renames has the name of its source.
func called(c *catalogue.Catalogue, sql, id string) (names []string) {
	for _, view := range readBy(sql) {
		view, _, _ = strings.Cut(view, "(")
		if name, err := c.Heading(view, id, catalogue.English); err == nil {
			names = append(names, name)
		}
	}
	if m := regexp.MustCompile(`kind = '(index|path)'`).FindStringSubmatch(sql); m != nil && id == "value" {
		id = "csi_" + m[1]
	}
	if name, err := c.Name(id, catalogue.English); err == nil {
		names = append(names, name)
	}
	return names
}

func property(list []dashboard.DynamicConfigValue, id string) any {
	for _, v := range list {
		if v.Id == id {
			return v.Value
		}
	}
	return nil
}

func TestAMeasureIsShownInItsUnitAndExplained(t *testing.T) {
	c, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"share": units.PercentUnit, "difference_of_shares": units.PercentUnit, "seconds": units.Seconds, "count": units.Short, "time": units.DateTimeFromNow, "currency": units.NoUnit, "grade": units.NoUnit, "index": units.NoUnit}
	seen := map[string]bool{}
	for _, d := range dashboards(t) {
		for _, p := range panels(d) {
			q, ok := p.Targets[0].(*board.Query)
			if !ok {
				continue
			}
			for _, o := range p.FieldConfig.Overrides {
				id, _ := o.Matcher.Options.(string)
				for _, view := range readBy(q.RawSQL) {
					m := c.MeasureAt(view, id)
					if m == nil || want[m.Unit] == "" {
						continue
					}
					seen[m.Unit] = true
					if unit := property(o.Properties, "unit"); unit != want[m.Unit] {
						t.Errorf("%s: %s: %s is in %q and shown as %v", *d.Title, *p.Title, id, m.Unit, unit)
					}
					if !strings.Contains(*p.Description, m.Formula) {
						t.Errorf("%s: %s: the description does not say of %s: %s", *d.Title, *p.Title, id, m.Formula)
					}
				}
			}
		}
	}
	for unit := range want {
		if unit != "difference_of_shares" && !seen[unit] {
			t.Errorf("no measure in %s is shown", unit)
		}
	}
}
