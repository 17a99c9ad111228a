package grafana

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"go.yaml.in/yaml/v3"

	"csatflow/deploy/grafana/board"
)

// strict decodes a dashboard by Grafana's schema: an unknown field is an error.
func strict(text []byte) (*board.Dashboard, error) {
	plugins.RegisterDefaultPlugins()
	board.Register()
	// In strict mode the SDK returns a list of errors, even if empty, and then leaves out the panels.
	var list cog.BuildErrors
	if err := (&board.Dashboard{}).UnmarshalJSONStrict(text); err != nil && (!errors.As(err, &list) || len(list) > 0) {
		return nil, err
	}
	d := &board.Dashboard{}
	if err := json.Unmarshal(text, d); err != nil {
		return nil, err
	}
	return d, d.Validate()
}

// dashboards reads all dashboards from the folder.
func dashboards(t *testing.T) (list []*board.Dashboard) {
	t.Helper()
	files, err := filepath.Glob("dashboards/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("dashboards %q: %v", files, err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		d, err := strict(text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		list = append(list, d)
	}
	return list
}

func byUID(t *testing.T, uid string) *board.Dashboard {
	t.Helper()
	list := dashboards(t)
	i := slices.IndexFunc(list, func(d *board.Dashboard) bool { return *d.Uid == uid })
	if i < 0 {
		t.Fatalf("no dashboard has the uid %s", uid)
	}
	return list[i]
}

func panels(d *board.Dashboard) (list []*dashboard.Panel) {
	for _, p := range d.Panels {
		list = append(list, p.Panel)
	}
	return list
}

// statement is a query of ClickHouse with its panel or variable.
type statement struct{ asker, sql string }

// statements are those of panels, variables and annotations.
func statements(d *board.Dashboard) (list []statement) {
	for _, p := range panels(d) {
		for _, target := range p.Targets {
			if q, ok := target.(*board.Query); ok {
				list = append(list, statement{*d.Title + ": " + *p.Title, q.RawSQL})
			}
		}
	}
	for _, v := range d.Templating.List {
		if sql := asks(&v); sql != "" {
			list = append(list, statement{*d.Title + ": variable " + v.Name, sql})
		}
	}
	for _, a := range d.Annotations.List {
		if q, ok := a.Target.(*board.Query); ok {
			list = append(list, statement{*d.Title + ": annotation " + a.Name, q.RawSQL})
		}
	}
	return list
}

// asks returns the SQL of a variable, "" if it has none.
func asks(v *dashboard.VariableModel) string {
	if v.Query == nil || v.Query.Map == nil {
		return ""
	}
	sql, _ := v.Query.Map["rawSql"].(string)
	return sql
}

// expressions returns the Prometheus expressions of a panel.
func expressions(p *dashboard.Panel) (list []string) {
	for _, target := range p.Targets {
		if q, ok := target.(*prometheus.Dataquery); ok {
			list = append(list, q.Expr)
		}
	}
	return list
}

// provisioned are the data sources, uid by type.
func provisioned(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("provisioning/datasources/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var file struct{ Datasources []struct{ Type, UID string } }
		if err := yaml.Unmarshal(text, &file); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, s := range file.Datasources {
			if found[s.Type] != "" || s.UID == "" {
				t.Errorf("%s: data source %+v: want a uid, and one of each type", name, s)
			}
			found[s.Type] = s.UID
		}
	}
	return found
}

func known(sources map[string]string, ref *common.DataSourceRef) bool {
	return ref != nil && ref.Type != nil && ref.Uid != nil && *ref.Uid != "" && sources[*ref.Type] == *ref.Uid
}

func TestAMisspeltFieldIsAnError(t *testing.T) {
	text, err := os.ReadFile("dashboards/overview.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{"refresh", "gridPos", "fieldConfig", "graphMode", "rawSql", "iconColor", "drawStyle", "keepTime"} {
		wrong := strings.Replace(string(text), `"`+field+`"`, `"x`+field+`"`, 1)
		if wrong == string(text) {
			t.Errorf("the dashboard has no %s", field)
		} else if _, err := strict([]byte(wrong)); err == nil {
			t.Errorf("x%s is read as if it were known", field)
		}
	}
}
