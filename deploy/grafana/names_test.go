package grafana

import (
	"encoding/json"
	"os"
	"regexp"
	"testing"

	"csatflow/schemas/catalogue"
)

// TestMeasuresHaveTheNamesOfTheCatalogue holds for the title of a panel that shows one figure, for the names of curves and
// for the headings of tables.
func TestMeasuresHaveTheNamesOfTheCatalogue(t *testing.T) {
	b, err := os.ReadFile("dashboards/overview.json")
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Panels []struct {
			Type, Title string
			Targets     []target
			FieldConfig struct {
				Overrides []struct {
					Matcher    struct{ Options string }
					Properties []struct {
						ID    string
						Value any
					}
				}
			}
		}
	}
	if err := json.Unmarshal(b, &d); err != nil {
		t.Fatal(err)
	}
	c, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	same := func(panel, column, shown string) {
		t.Helper()
		name, err := c.Name(column, catalogue.English)
		if err != nil {
			name, err = c.Column(column, catalogue.English)
		}
		if compared++; err != nil || shown != name {
			t.Errorf("%s: %s is shown as %q, the catalogue has %q (%v)", panel, column, shown, name, err)
		}
	}
	figure, curve := regexp.MustCompile(`^SELECT (?:sum\()?(\w+)`), regexp.MustCompile("(\\w+) AS `([^`]+)`")
	for _, p := range d.Panels {
		for _, q := range p.Targets {
			if p.Type == "stat" {
				same(p.Title, figure.FindStringSubmatch(q.RawSQL)[1], p.Title)
			}
			for _, m := range curve.FindAllStringSubmatch(q.RawSQL, -1) {
				if p.Type == "timeseries" {
					same(p.Title, m[1], m[2])
				}
			}
		}
		for _, o := range p.FieldConfig.Overrides {
			for _, property := range o.Properties {
				if property.ID == "displayName" {
					same(p.Title, o.Matcher.Options, property.Value.(string))
				}
			}
		}
	}
	if compared < 25 {
		t.Errorf("%d names were compared", compared)
	}
}
