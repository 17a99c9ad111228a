package grafana

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"csatflow/deploy/grafana/board"
	"csatflow/schemas/catalogue"
)

// TestTheQueries runs all queries on one database, which is filled once.
func TestTheQueries(t *testing.T) {
	conn, now := database(t)
	for name, test := range map[string]func(*testing.T, driver.Conn, time.Time){
		"every query answers as its panel needs":           everyQueryAnswersAsItsPanelNeeds,
		"every query answers for one store and one region": everyQueryAnswersForOneStoreAndOneRegion,
		"the overview answers in every resolution":         theOverviewAnswersInEveryResolution,
		"the figures of a range are those of its panes":    theFiguresOfARangeAreThoseOfItsPanes,
		"variables offer what there is":                    variablesOfferWhatThereIs,
	} {
		t.Run(name, func(t *testing.T) { test(t, conn, now) })
	}
}

func everyQueryAnswersAsItsPanelNeeds(t *testing.T, conn driver.Conn, now time.Time) {
	for _, d := range dashboards(t) {
		all := first(d, now)
		for _, panel := range panels(d) {
			t.Run(*d.Title+"/"+*panel.Title, func(t *testing.T) { answers(t, conn, &all, panel) })
		}
		for _, a := range d.Annotations.List {
			t.Run(*d.Title+"/annotation "+a.Name, func(t *testing.T) {
				got := ask(t, conn, &all, a.Target.(*board.Query).RawSQL)
				got.marks(t)
			})
		}
	}
}

func everyQueryAnswersForOneStoreAndOneRegion(t *testing.T, conn driver.Conn, now time.Time) {
	for _, d := range dashboards(t) {
		p := first(d, now)
		if _, has := p.variables["store"]; !has {
			continue
		}
		p.variables["store"] = "store:store-001"
		for _, panel := range asking(d, "${store") {
			t.Run(*d.Title+"/"+*panel.Title, func(t *testing.T) { answers(t, conn, &p, panel) })
		}
		for _, a := range d.Annotations.List {
			got := ask(t, conn, &p, a.Target.(*board.Query).RawSQL)
			if got.marks(t); len(got.rows) != 1 {
				t.Errorf("%s: %d alerts are marked, one is of the store", *d.Title, len(got.rows))
			}
		}
		if _, has := p.variables["region"]; !has || *d.Uid != "csatflow-store" {
			continue
		}
		p.variables["store"], p.variables["region"] = "all:", offered(t, conn, d, &p, "region")[1]
		for _, panel := range asking(d, "${region") {
			if panel.Type == "stat" || panel.Type == "timeseries" {
				continue // the same as for a store
			}
			t.Run(*d.Title+" of a region/"+*panel.Title, func(t *testing.T) { answers(t, conn, &p, panel) })
		}
	}
}

func theOverviewAnswersInEveryResolution(t *testing.T, conn driver.Conn, now time.Time) {
	d := byUID(t, "csatflow-overview")
	for _, resolution := range []string{"60", "86400"} {
		p := first(d, now)
		p.variables["resolution"] = resolution
		for _, panel := range panels(d) {
			t.Run(*panel.Title+" "+resolution, func(t *testing.T) { answers(t, conn, &p, panel) })
		}
	}
}

func theFiguresOfARangeAreThoseOfItsPanes(t *testing.T, conn driver.Conn, now time.Time) {
	sql := map[string]string{}
	for _, p := range panels(byUID(t, "csatflow-overview")) {
		sql[*p.Title] = p.Targets[0].(*board.Query).RawSQL
	}
	for _, resolution := range []string{"60", "3600", "86400"} {
		for _, length := range []time.Duration{36 * time.Hour, 50*time.Hour + 7*time.Minute, 7 * 24 * time.Hour} {
			p := picked{from: now.Add(-length), to: now, variables: map[string]string{"resolution": resolution, "store": "store:store-001", "region": "all:"}}
			var sum uint64
			series := ask(t, conn, &p, sql["Satisfaction over time"])
			for _, row := range series.rows {
				sum += row[slices.Index(series.columns, "responses")].(uint64)
			}
			if got := ask(t, conn, &p, sql["Responses"]).rows[0][0]; got != sum {
				t.Errorf("resolution %s, %s: the figure is %v responses, the panes have %d", resolution, length, got, sum)
			}
		}
	}
}

func variablesOfferWhatThereIs(t *testing.T, conn driver.Conn, now time.Time) {
	for _, d := range dashboards(t) {
		p := first(d, now)
		for _, v := range d.Templating.List {
			current := *v.Current.Value.String
			if asks(&v) == "" {
				if !slices.ContainsFunc(v.Options, func(o dashboard.VariableOption) bool { return *o.Value.String == current }) {
					t.Errorf("%s: variable %s: %q is not among its options", *d.Title, v.Name, current)
				}
				continue
			}
			values := offered(t, conn, d, &p, v.Name)
			if values[0] != current {
				t.Errorf("%s: variable %s: the first option is %q, picked is %q", *d.Title, v.Name, values[0], current)
			}
			if want := []string{"all:", "store:store-001", "store:store-002", "store:store-003"}; v.Name == "store" && !slices.Equal(values, want) {
				t.Errorf("%s: the variable store offers %q, want %q", *d.Title, values, want)
			}
		}
	}
	d := byUID(t, "csatflow-overview")
	p := first(d, now)
	regions := offered(t, conn, d, &p, "region")
	stores := 0
	for _, region := range regions[1:] {
		p.variables["region"] = region
		stores += len(offered(t, conn, d, &p, "store")) - 1
	}
	if len(regions) < 2 || stores != 3 {
		t.Errorf("regions %q offer %d stores, want each of three once", regions, stores)
	}
}

// asking returns the panels whose SQL contains a text.
func asking(d *board.Dashboard, text string) (list []*dashboard.Panel) {
	for _, p := range panels(d) {
		if q, ok := p.Targets[0].(*board.Query); ok && strings.Contains(q.RawSQL, text) {
			list = append(list, p)
		}
	}
	return list
}

// first is the initial choice of a dashboard, over the days of the data.
func first(d *board.Dashboard, now time.Time) picked {
	p := picked{from: now.AddDate(0, 0, -days-1), to: now, variables: map[string]string{}}
	for _, v := range d.Templating.List {
		p.variables[v.Name] = *v.Current.Value.String
	}
	return p
}

// offered returns the values of a variable.
func offered(t *testing.T, conn driver.Conn, d *board.Dashboard, p *picked, name string) (values []string) {
	t.Helper()
	i := slices.IndexFunc(d.Templating.List, func(v dashboard.VariableModel) bool { return v.Name == name })
	a := ask(t, conn, p, asks(&d.Templating.List[i]))
	if len(a.columns) != 2 {
		t.Fatalf("variable %s: columns %q, want value and text", name, a.columns)
	}
	for _, row := range a.rows {
		values = append(values, fmt.Sprint(row[0]))
	}
	return values
}

// answers runs the queries of a panel on ClickHouse.
func answers(t *testing.T, conn driver.Conn, p *picked, panel *dashboard.Panel) {
	t.Helper()
	for _, target := range panel.Targets {
		q, ok := target.(*board.Query)
		if !ok {
			continue
		}
		a := ask(t, conn, p, q.RawSQL)
		switch panel.Type {
		case "timeseries":
			a.timeSeries(t)
		case "stat":
			a.stat(t)
		case "table":
			a.table(t)
		case "barchart", "piechart":
			a.bars(t)
		default:
			t.Fatalf("no test knows what a %s needs", panel.Type)
		}
		shown(t, panel, a.columns)
	}
}

// shown checks that each column of an answer has a name for people, and each name a column.
func shown(t *testing.T, panel *dashboard.Panel, columns []string) {
	t.Helper()
	named := map[string]bool{}
	for _, o := range panel.FieldConfig.Overrides {
		id, _ := o.Matcher.Options.(string)
		if named[id] = true; !slices.Contains(columns, id) {
			t.Errorf("%s is named, and is no column of %q", id, columns)
		}
	}
	for _, c := range columns {
		if panel.Type == "table" && !named[c] || panel.Type == "timeseries" && c != "time" && len(named) > 0 && !named[c] {
			t.Errorf("column %s has no name", c)
		}
	}
}

func views(t *testing.T) (names []string) {
	t.Helper()
	c, err := catalogue.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range c.Views() {
		names = append(names, v.ID)
	}
	return names
}

// readBy returns the tables and views that a statement names.
func readBy(sql string) (names []string) {
	words := strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ").Replace(sql))
	for i, w := range words {
		if (w == "FROM" || w == "JOIN" && words[i-1] != "ARRAY") && words[i+1] != "(" {
			names = append(names, words[i+1])
		}
	}
	return names
}
