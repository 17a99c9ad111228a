package grafana

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"go.yaml.in/yaml/v3"
)

type source struct{ Type, UID string }

type target struct {
	RefID      string `json:"refId"`
	Datasource source
	EditorType string
	QueryType  string
	Format     *int
	RawSQL     string `json:"rawSql"`
}

type dashboard struct {
	UID, Title    string
	SchemaVersion int
	Panels        []struct {
		ID                       int
		Type, Title, Description string
		Datasource               source
		GridPos                  struct{ X, Y, W, H int }
		Targets                  []target
	}
	Templating struct{ List []variable }
}

type variable struct {
	Name, Type string
	Datasource source
	Query      json.RawMessage
	Current    struct{ Value string }
	Options    []struct{ Value string }
}

func (v *variable) query(t *testing.T) (q target) {
	t.Helper()
	if err := json.Unmarshal(v.Query, &q); err != nil {
		t.Fatal(err)
	}
	return q
}

func read(t *testing.T) *dashboard {
	t.Helper()
	b, err := os.ReadFile("dashboards/overview.json")
	if err != nil {
		t.Fatal(err)
	}
	d := &dashboard{}
	if err := json.Unmarshal(b, d); err != nil {
		t.Fatal(err)
	}
	return d
}

func dataSource(t *testing.T) source {
	t.Helper()
	b, err := os.ReadFile("provisioning/datasources/clickhouse.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Datasources []source }
	if err := yaml.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Datasources) != 1 {
		t.Fatalf("there are %d data sources", len(file.Datasources))
	}
	return file.Datasources[0]
}

// The numbers that the plugin gives to formats of an answer.
const (
	formatTimeSeries = 0
	formatTable      = 1
)

func TestADashboardHasWhatGrafanaNeeds(t *testing.T) {
	d, want := read(t), dataSource(t)
	if d.UID == "" || d.Title == "" || d.SchemaVersion < 39 {
		t.Errorf("uid %q, title %q, schemaVersion %d: want both texts and at least 39", d.UID, d.Title, d.SchemaVersion)
	}
	ids := map[int]string{}
	for i, p := range d.Panels {
		if other, found := ids[p.ID]; found || p.ID < 1 {
			t.Errorf("%s: id %d is not its own (%s)", p.Title, p.ID, other)
		}
		ids[p.ID] = p.Title
		if p.Type == "" || p.Title == "" || p.Description == "" {
			t.Errorf("panel %d: type %q, title %q, description %q: none may be empty", p.ID, p.Type, p.Title, p.Description)
		}
		g := p.GridPos
		if g.W < 1 || g.H < 1 || g.X < 0 || g.Y < 0 || g.X+g.W > 24 {
			t.Errorf("%s: %+v is not in the grid of 24 columns", p.Title, g)
		}
		for _, q := range d.Panels[:i] {
			if o := q.GridPos; g.X < o.X+o.W && o.X < g.X+g.W && g.Y < o.Y+o.H && o.Y < g.Y+g.H {
				t.Errorf("%s lies over %s", p.Title, q.Title)
			}
		}
		if p.Datasource != want {
			t.Errorf("%s: data source %+v, provisioned is %+v", p.Title, p.Datasource, want)
		}
		if len(p.Targets) == 0 {
			t.Errorf("%s asks nothing", p.Title)
		}
		refs := map[string]bool{}
		for _, q := range p.Targets {
			format, kind := formatTable, "table"
			if p.Type == "timeseries" {
				format, kind = formatTimeSeries, "timeseries"
			}
			if q.RefID == "" || refs[q.RefID] || q.Datasource != want || q.EditorType != "sql" || q.QueryType != kind || q.Format == nil || *q.Format != format {
				t.Errorf("%s: target %+v is not the plugin's for a %s", p.Title, q, p.Type)
			}
			refs[q.RefID] = true
		}
	}
}

func TestEveryQueryAnswersAsItsPanelNeeds(t *testing.T) {
	now := time.Now().UTC().Truncate(time.Second)
	d, conn := read(t), database(t, now)
	all := picked{from: now.AddDate(0, 0, -7), to: now, variables: map[string]string{}}
	for _, v := range d.Templating.List {
		all.variables[v.Name] = v.Current.Value
	}
	stores := storesOf(t, d, conn, &all)
	if want := []string{"all:", "store:s0", "store:s1", "store:s2"}; !slices.Equal(stores, want) {
		t.Errorf("the variable store offers %q, want %q", stores, want)
	}
	for _, resolution := range []string{"60", "3600", "86400"} {
		for _, store := range []string{"all:", "store:s0"} {
			p := all
			p.variables = map[string]string{"resolution": resolution, "store": store}
			for _, panel := range d.Panels {
				t.Run(fmt.Sprintf("%s %s %s", panel.Title, resolution, store), func(t *testing.T) {
					for _, q := range panel.Targets {
						a := ask(t, conn, &p, q.RawSQL)
						switch panel.Type {
						case "timeseries":
							a.timeSeries(t)
						case "stat":
							a.stat(t)
						case "table":
							a.table(t)
						case "barchart":
							a.bars(t)
						default:
							t.Fatalf("no test knows what a %s needs", panel.Type)
						}
					}
				})
			}
		}
	}
}

func TestTheFiguresOfARangeAreThoseOfItsPanes(t *testing.T) {
	now := time.Now().UTC().Truncate(time.Second)
	d, conn := read(t), database(t, now)
	sql := map[string]string{}
	for _, p := range d.Panels {
		sql[p.Title] = p.Targets[0].RawSQL
	}
	for _, resolution := range []string{"60", "3600", "86400"} {
		for _, length := range []time.Duration{36 * time.Hour, 50*time.Hour + 7*time.Minute, 7 * 24 * time.Hour} {
			p := picked{from: now.Add(-length), to: now, variables: map[string]string{"resolution": resolution, "store": "store:s1"}}
			var sum uint64
			series := ask(t, conn, &p, sql["Satisfaction over time"])
			for _, row := range series.rows {
				sum += row[slices.Index(series.columns, "Responses")].(uint64)
			}
			if got := ask(t, conn, &p, sql["Responses"]).rows[0][0]; got != sum {
				t.Errorf("resolution %s, %s: the figure is %v responses, the panes have %d", resolution, length, got, sum)
			}
		}
	}
}

// storesOf runs the queries of the variables, and gives the values that the variable "store" offers.
func storesOf(t *testing.T, d *dashboard, conn driver.Conn, p *picked) (stores []string) {
	t.Helper()
	for _, v := range d.Templating.List {
		if v.Type != "query" {
			if !slices.ContainsFunc(v.Options, func(o struct{ Value string }) bool { return o.Value == v.Current.Value }) {
				t.Errorf("variable %s: %q is not among its options", v.Name, v.Current.Value)
			}
			continue
		}
		a := ask(t, conn, p, v.query(t).RawSQL)
		if len(a.columns) != 2 {
			t.Fatalf("variable %s: columns %q, want value and text", v.Name, a.columns)
		}
		for _, row := range a.rows {
			if v.Name == "store" {
				stores = append(stores, fmt.Sprint(row[0]))
			}
		}
		if first := a.rows[0][0]; first != v.Current.Value {
			t.Errorf("variable %s: the first option is %v, picked is %q", v.Name, first, v.Current.Value)
		}
	}
	return stores
}

func TestOnlyTheViewsAreRead(t *testing.T) {
	views := []string{"satisfaction", "satisfaction_by_survey", "recovery", "rolling_satisfaction", "rolling_recovery", "churn_risk", "complaint_state"}
	check := func(asker, sql string) {
		words := strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ").Replace(sql))
		for i, w := range words {
			if (w == "FROM" || w == "JOIN" && words[i-1] != "ARRAY") && words[i+1] != "(" && !slices.Contains(views, words[i+1]) {
				t.Errorf("%s reads %s, which is no view", asker, words[i+1])
			}
		}
	}
	d := read(t)
	for _, p := range d.Panels {
		for _, q := range p.Targets {
			check(p.Title, q.RawSQL)
		}
	}
	for _, v := range d.Templating.List {
		if v.Type == "query" {
			check("variable "+v.Name, v.query(t).RawSQL)
		}
	}
}

func TestUnknownMacrosAndVariablesAreErrors(t *testing.T) {
	p := picked{variables: map[string]string{"store": "it's"}}
	for _, sql := range []string{"$__timeFiltre(a)", "$__timeFilter", "$__timeFilter(a, b)", "${shop}", "${store:csv}", "$store"} {
		if got, err := p.expand(sql); err == nil {
			t.Errorf("%s expands to %s", sql, got)
		}
	}
	if got, err := p.expand("${store:singlequote} $__fromTime"); err != nil || got != `'it\'s' toDateTime(-62135596800)` {
		t.Errorf("got %s, %v", got, err)
	}
}

func TestDashboardsAreProvisionedFromOneFolder(t *testing.T) {
	files, err := filepath.Glob("dashboards/*.json")
	if err != nil || len(files) != 1 {
		t.Errorf("dashboards %q (%v): this test reads one", files, err)
	}
	b, err := os.ReadFile("provisioning/dashboards/csatflow.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		APIVersion int `yaml:"apiVersion"`
		Providers  []struct {
			Type    string
			Options struct{ Path string }
		}
	}
	if err := yaml.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	if file.APIVersion != 1 || len(file.Providers) != 1 || file.Providers[0].Type != "file" || file.Providers[0].Options.Path == "" {
		t.Errorf("provisioning is %+v", file)
	}
}

// answer is what a query gave.
type answer struct {
	columns []string
	rows    [][]any
}

func ask(t *testing.T, conn driver.Conn, p *picked, rawSQL string) (a answer) {
	t.Helper()
	sql, err := p.expand(rawSQL)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	rows, err := conn.Query(ctx, sql)
	if err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	defer func() { _ = rows.Close() }()
	a.columns = rows.Columns()
	for rows.Next() {
		row := make([]any, len(a.columns))
		for i, c := range rows.ColumnTypes() {
			row[i] = reflect.New(c.ScanType()).Interface()
		}
		if err := rows.Scan(row...); err != nil {
			t.Fatal(err)
		}
		for i := range row {
			row[i] = plain(row[i])
		}
		a.rows = append(a.rows, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	if len(a.rows) == 0 {
		t.Fatalf("no rows:\n%s", sql)
	}
	return a
}

// plain follows pointers; a NULL is nil.
func plain(v any) any {
	r := reflect.ValueOf(v)
	for r.Kind() == reflect.Pointer {
		if r.IsNil() {
			return nil
		}
		r = r.Elem()
	}
	return r.Interface()
}

// number says that v is a finite number.
func number(v any) bool {
	r := reflect.ValueOf(v)
	return r.IsValid() && (r.CanInt() || r.CanUint() || r.CanFloat() && !math.IsNaN(r.Float()) && !math.IsInf(r.Float(), 0))
}

func (a *answer) timeSeries(t *testing.T) {
	t.Helper()
	if a.columns[0] != "time" || len(a.columns) < 2 {
		t.Fatalf("columns %q: want time first, then numbers", a.columns)
	}
	seen := make([]bool, len(a.columns))
	var last time.Time
	for _, row := range a.rows {
		at, ok := row[0].(time.Time)
		if !ok || !at.After(last) {
			t.Fatalf("time %v after %v: want times that rise", row[0], last)
		}
		last = at
		for i, v := range row[1:] {
			if v != nil && !number(v) {
				t.Fatalf("%s is %v, not a number", a.columns[i+1], v)
			}
			seen[i+1] = seen[i+1] || v != nil
		}
	}
	for i, column := range a.columns[1:] {
		if !seen[i+1] {
			t.Errorf("%s is always NULL", column)
		}
	}
}

func (a *answer) stat(t *testing.T) {
	t.Helper()
	if len(a.rows) != 1 || len(a.columns) != 1 || !number(a.rows[0][0]) {
		t.Errorf("%q: %v: want one number", a.columns, a.rows)
	}
}

func (a *answer) table(t *testing.T) {
	t.Helper()
	if len(a.columns) < 2 {
		t.Errorf("columns %q: want at least two", a.columns)
	}
}

func (a *answer) bars(t *testing.T) {
	t.Helper()
	if len(a.columns) != 2 {
		t.Fatalf("columns %q: want a name and a number", a.columns)
	}
	for _, row := range a.rows {
		if name, ok := row[0].(string); !ok || name == "" || !number(row[1]) {
			t.Errorf("%v: want a name and a number", row)
		}
	}
}
