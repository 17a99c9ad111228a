package grafana

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"csatflow/deploy/grafana/board"
)

func TestDashboardsLeadToOneAnother(t *testing.T) {
	list := dashboards(t)
	for _, d := range list {
		if !slices.Contains(d.Tags, board.Tag) {
			t.Errorf("%s has the tags %q: no other leads to it", *d.Title, d.Tags)
		}
		if len(d.Links) != 1 {
			t.Fatalf("%s has %d links", *d.Title, len(d.Links))
		}
		l := d.Links[0]
		if l.Type != dashboard.DashboardLinkTypeDashboards || !slices.Equal(l.Tags, []string{board.Tag}) || !l.IncludeVars || !l.KeepTime {
			t.Errorf("%s: link %+v: want one by tag that keeps variables and time", *d.Title, l)
		}
	}
}

// TestALinkLeadsWhereThereIsSomething: the dashboards that rows link to exist, and so do their variables.
func TestALinkLeadsWhereThereIsSomething(t *testing.T) {
	links := 0
	for _, d := range dashboards(t) {
		for _, p := range panels(d) {
			for _, o := range p.FieldConfig.Overrides {
				list, _ := property(o.Properties, "links").([]any)
				for _, l := range list {
					links++
					if err := leads(t, fmt.Sprint(l.(map[string]any)["url"])); err != nil {
						t.Errorf("%s: %s: %v", *d.Title, *p.Title, err)
					}
				}
			}
		}
	}
	if links < 6 {
		t.Errorf("%d links were followed", links)
	}
	for _, wrong := range []string{"/d/csatflow-shop?var-store=store:a", "/d/csatflow-store?var-shop=store:a", "/d/csatflow-store?${__url_time_range}", "https://example.com/"} {
		if leads(t, wrong) == nil {
			t.Errorf("%s leads somewhere", wrong)
		}
	}
}

func leads(t *testing.T, link string) error {
	t.Helper()
	uid, query, found := strings.Cut(strings.TrimPrefix(link, "/d/"), "?")
	if !found {
		return fmt.Errorf("%s is no dashboard with variables", link)
	}
	list := dashboards(t)
	i := slices.IndexFunc(list, func(d *board.Dashboard) bool { return *d.Uid == uid })
	if i < 0 {
		return fmt.Errorf("%s: there is no dashboard %s", link, uid)
	}
	given, err := url.ParseQuery(strings.ReplaceAll(query, "${__url_time_range}", "from=now-1d&to=now"))
	if err != nil {
		return fmt.Errorf("%s: %w", link, err)
	}
	variables := 0
	for name := range given {
		v, isVariable := strings.CutPrefix(name, "var-")
		if !isVariable {
			continue
		}
		if variables++; !slices.ContainsFunc(list[i].Templating.List, func(m dashboard.VariableModel) bool { return m.Name == v }) {
			return fmt.Errorf("%s: dashboard %s has no variable %s", link, uid, v)
		}
	}
	if variables == 0 {
		return fmt.Errorf("%s sets no variable", link)
	}
	return nil
}
