package board

import (
	"fmt"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

type variable = cog.Builder[dashboard.VariableModel]

func option(text, value string, selected bool) dashboard.VariableOption {
	return dashboard.VariableOption{Selected: &selected, Text: dashboard.StringOrArrayOfString{String: &text}, Value: dashboard.StringOrArrayOfString{String: &value}}
}

// choice is a variable with the values of a query, as value and text, with all first.
func choice(name, label, description, all, sql string) variable {
	q := rows(sql)
	return dashboard.NewQueryVariableBuilder(name).Label(label).Description(description).Datasource(clickHouse()).Definition(sql).
		Query(dashboard.StringOrMap{Map: map[string]any{"refId": name, "editorType": q.EditorType, "queryType": q.QueryType, "format": q.Format, "rawSql": sql}}).
		Current(option(all, "all:", true)).Refresh(dashboard.VariableRefreshOnTimeRangeChanged).Sort(dashboard.VariableSortDisabled)
}

// scopes selects all, then the scopes of a kind in the range.
func scopes(kind, all, where string) string {
	return fmt.Sprintf(`SELECT scope, name
FROM (
    SELECT 'all:' AS scope, '%[2]s' AS name, 0 AS place
    UNION ALL
    SELECT DISTINCT concat('%[1]s:', scope_id), scope_id, 1
    FROM satisfaction
    WHERE resolution = 86400 AND scope_kind = '%[1]s' AND pane_start >= $__fromTime - toIntervalDay(1) AND pane_start <= $__toTime%[3]s
)
ORDER BY place, name`, kind, all, where)
}

func regions() variable {
	return choice("region", "Region", "One region, or all of them.", "All regions", scopes("region", "All regions", ""))
}

func storesOfRegion() variable {
	return choice("store", "Store", "One store of the region, or all of them.", "All stores", scopes("store", "All stores", " AND "+inRegion("scope_id")))
}

func stores() variable {
	return choice("store", "Store", "One store, or all of them.", "All stores", scopes("store", "All stores", ""))
}

// resolutions are the lengths of panes.
func resolutions() variable {
	list := [][2]string{{"minute", "60"}, {"hour", "3600"}, {"day", "86400"}}
	var options []dashboard.VariableOption
	var texts []string
	for _, r := range list {
		options = append(options, option(r[0], r[1], r[0] == "hour"))
		texts = append(texts, r[0]+" : "+r[1])
	}
	query := strings.Join(texts, ", ")
	return dashboard.NewCustomVariableBuilder("resolution").Label("Resolution").Description("Length of a pane.").
		Values(dashboard.StringOrMap{String: &query}).Options(options).Current(options[1])
}
