package grafana

import (
	"fmt"
	"os"
	"slices"
	"testing"

	"go.yaml.in/yaml/v3"

	"csatflow/deploy/grafana/board"
)

// The numbers that the plugin gives to formats of an answer.
const (
	formatTimeSeries = 0
	formatTable      = 1
)

func TestADashboardHasWhatGrafanaNeeds(t *testing.T) {
	sources, uids := provisioned(t), map[string]bool{}
	for _, d := range dashboards(t) {
		if *d.Uid == "" || uids[*d.Uid] || *d.Title == "" || d.SchemaVersion < 39 {
			t.Errorf("uid %q, title %q, schemaVersion %d: want a uid of its own, a title and at least 39", *d.Uid, *d.Title, d.SchemaVersion)
		}
		uids[*d.Uid] = true
		ids := map[uint32]string{}
		for i, p := range panels(d) {
			name := *d.Title + ": " + *p.Title
			if other, found := ids[*p.Id]; found || *p.Id < 1 {
				t.Errorf("%s: id %d is not its own (%s)", name, *p.Id, other)
			}
			ids[*p.Id] = *p.Title
			if p.Type == "" || *p.Title == "" || p.Description == nil || *p.Description == "" {
				t.Errorf("panel %d of %s: type, title or description is empty", *p.Id, *d.Title)
			}
			g := p.GridPos
			if g.W < 1 || g.H < 1 || g.X+g.W > 24 {
				t.Errorf("%s: %+v is not in the grid of 24 columns", name, g)
			}
			for _, q := range panels(d)[:i] {
				if o := q.GridPos; g.X < o.X+o.W && o.X < g.X+g.W && g.Y < o.Y+o.H && o.Y < g.Y+g.H {
					t.Errorf("%s lies over %s", name, *q.Title)
				}
			}
			if !known(sources, p.Datasource) {
				t.Errorf("%s: data source %+v is not among the provisioned %v", name, p.Datasource, sources)
			}
			if len(p.Targets) == 0 {
				t.Errorf("%s asks nothing", name)
			}
			for _, target := range p.Targets {
				q, ok := target.(*board.Query)
				if !ok {
					continue
				}
				format, kind := formatTable, "table"
				if p.Type == "timeseries" {
					format, kind = formatTimeSeries, "timeseries"
				}
				if q.RefID == "" || !known(sources, q.Datasource) || q.EditorType != "sql" || q.QueryType != kind || q.Format != format {
					t.Errorf("%s: target %+v is not the plugin's for a %s", name, q, p.Type)
				}
			}
		}
		for _, v := range d.Templating.List {
			if asks(&v) != "" && !known(sources, v.Datasource) {
				t.Errorf("%s: variable %s has the data source %+v", *d.Title, v.Name, v.Datasource)
			}
		}
		for _, a := range d.Annotations.List {
			if !known(sources, a.Datasource) || !a.Enable {
				t.Errorf("%s: annotation %s has the data source %+v, enabled %t", *d.Title, a.Name, a.Datasource, a.Enable)
			}
		}
	}
	for _, uid := range []string{"csatflow-overview", "csatflow-store", "csatflow-recovery", "csatflow-churn", "csatflow-standards", "csatflow-pipeline"} {
		if !uids[uid] {
			t.Errorf("there is no dashboard %s", uid)
		}
	}
}

func TestDashboardsAreProvisionedFromOneFolder(t *testing.T) {
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

func TestOnlyTheViewsAreRead(t *testing.T) {
	names := views(t)
	for _, d := range dashboards(t) {
		for _, s := range statements(d) {
			for _, name := range readBy(s.sql) {
				if !slices.Contains(names, name) {
					t.Errorf("%s reads %s, which is no view", s.asker, name)
				}
			}
		}
	}
	if got, want := fmt.Sprint(readBy("SELECT a FROM x(b = 1) JOIN (SELECT 1 FROM y) ON c ARRAY JOIN z")), "[x y]"; got != want {
		t.Errorf("read are %s, want %s", got, want)
	}
}
