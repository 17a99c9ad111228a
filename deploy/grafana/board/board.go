package board

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"

	"csatflow/schemas/catalogue"
)

// Tag is the tag of all dashboards, by which their links find each other.
const Tag = "csatflow"

// Dashboard and builder are of the schema for provisioning by files; only Grafana's API knows the newer one.
type (
	//lint:ignore SA1019 see above
	Dashboard = dashboard.Dashboard //nolint:staticcheck // deprecated for the API's sake, see above
	//lint:ignore SA1019 see above
	builder = dashboard.DashboardBuilder //nolint:staticcheck // the same
)

// schemaVersion is the version of Grafana's JSON that the SDK knows.
const schemaVersion = 39

// File is a dashboard as Grafana reads it.
type File struct {
	Name string // of the file
	JSON []byte
}

// All makes every dashboard.
func All() ([]File, error) {
	c, err := catalogue.Load()
	if err != nil {
		return nil, fmt.Errorf("names of the measures: %w", err)
	}
	var files []File
	for _, d := range []struct {
		name string
		make func(*maker) *builder
	}{
		{"overview", overview}, {"store", store}, {"recovery", recovery}, {"churn", churn}, {"standards", standards}, {"dimension", dimension}, {"pipeline", pipeline},
	} {
		text, err := encode(&maker{catalogue: c}, d.make)
		if err != nil {
			return nil, fmt.Errorf("dashboard %s: %w", d.name, err)
		}
		files = append(files, File{Name: d.name + ".json", JSON: text})
	}
	return files, nil
}

func encode(m *maker, from func(*maker) *builder) ([]byte, error) {
	d, err := from(m).Build()
	if err := errors.Join(append(m.errs, err)...); err != nil {
		return nil, err
	}
	d.SchemaVersion = schemaVersion
	for i := range d.Panels {
		id := uint32(i + 1)
		d.Panels[i].Panel.Id = &id
	}
	text, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing JSON: %w", err)
	}
	return append(text, '\n'), nil
}

// maker makes the parts of a dashboard, and collects errors.
type maker struct {
	catalogue *catalogue.Catalogue
	errs      []error
}

func (m *maker) check(err error) {
	if err != nil {
		m.errs = append(m.errs, err)
	}
}

// page is a dashboard with everything that all of them share.
func page(uid, title, description string, panels []cog.Builder[dashboard.Panel], variables ...cog.Builder[dashboard.VariableModel]) *builder {
	//lint:ignore SA1019 see Dashboard
	b := dashboard.NewDashboardBuilder(title) //nolint:staticcheck // see Dashboard
	b.Uid(uid).Description(description).Tags([]string{Tag}).Readonly().
		Tooltip(dashboard.DashboardCursorSyncCrosshair).Timezone("browser").Refresh("30s").Time("now-7d", "now").Version(1).
		Variables(variables).
		Link(dashboard.NewDashboardLinkBuilder("Other dashboards").Type(dashboard.DashboardLinkTypeDashboards).Tags([]string{Tag}).IncludeVars(true).KeepTime(true))
	for _, p := range panels {
		b.WithPanel(p)
	}
	return b
}
