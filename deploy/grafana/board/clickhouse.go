package board

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
)

// ClickHouseType is the plugin's id.
const ClickHouseType = "grafana-clickhouse-datasource"

const clickHouseUID = "csatflow-clickhouse"

// Query is a query of the ClickHouse plugin, which the SDK does not know.
type Query struct {
	RefID      string                `json:"refId"`
	Datasource *common.DataSourceRef `json:"datasource"`
	EditorType string                `json:"editorType"`
	QueryType  string                `json:"queryType"`
	Format     int                   `json:"format"` // the plugin's number of the query type
	RawSQL     string                `json:"rawSql"`
}

// The plugin's numbers of its answer formats.
const (
	formatTimeSeries = 0
	formatTable      = 1
)

func source(kind, uid string) common.DataSourceRef {
	return common.DataSourceRef{Type: &kind, Uid: &uid}
}

func clickHouse() common.DataSourceRef { return source(ClickHouseType, clickHouseUID) }

func asked(sql, kind string, format int) *Query {
	ref := clickHouse()
	return &Query{RefID: "A", Datasource: &ref, EditorType: "sql", QueryType: kind, Format: format, RawSQL: sql}
}

// rows asks for a table, series for curves over time.
func rows(sql string) *Query   { return asked(sql, "table", formatTable) }
func series(sql string) *Query { return asked(sql, "timeseries", formatTimeSeries) }

// Build returns it as a target of a panel.
func (q *Query) Build() (variants.Dataquery, error) { return q, nil }

// ImplementsDataqueryVariant is required by the SDK.
func (q *Query) ImplementsDataqueryVariant() {}

// DataqueryType is the plugin's id.
func (q *Query) DataqueryType() string { return ClickHouseType }

// Equals reports whether another query is the same.
func (q *Query) Equals(other variants.Dataquery) bool { return reflect.DeepEqual(q, other) }

// Validate returns an error if a query lacks something.
func (q *Query) Validate() error {
	if q.RefID == "" || q.Datasource == nil || q.RawSQL == "" {
		return fmt.Errorf("a query of ClickHouse lacks refId, datasource or rawSql: %+v", *q)
	}
	return nil
}

// Register registers the plugin's queries with the SDK, so that it can decode dashboards strictly.
func Register() {
	read := func(raw []byte) (variants.Dataquery, error) {
		q, d := &Query{}, json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(q); err != nil {
			return nil, fmt.Errorf("a query of ClickHouse: %w", err)
		}
		return q, nil
	}
	cog.NewRuntime().RegisterDataqueryVariant(variants.DataqueryConfig{Identifier: ClickHouseType, DataqueryUnmarshaler: read, StrictDataqueryUnmarshaler: read})
}
