package board

import (
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// The picked scope of any dimension, as kind:id; "all:" for all.
const pickedOfDimension = "${scope:singlequote}"

// dimension shows the scopes of any kind, including the owner's dimensions.
func dimension(m *maker) *builder {
	satisfaction := m.all("satisfaction", "responses", "satisfied_share", "dissatisfied_share", "dissatisfied_low")
	columns := append([]column{m.of("satisfaction", "scope_id"), m.of("satisfaction", "csat_index").gauge()}, satisfaction...)
	scopes := list("Scopes of the dimension", "Every scope over the range, the least satisfied first. The lower end of the share of the dissatisfied is that of its 95 % interval.",
		"SELECT "+ids(columns)+"\nFROM "+during("rolling_satisfaction", false)+"\nWHERE scope_kind = ${dimension:singlequote}\nORDER BY csat_index", size{24, 10}, columns...)
	index := []column{m.of("satisfaction", "csat_index"), m.of("satisfaction", "responses").bars().right()}
	over := m.all("recovery", "opened", "resolved", "breached")
	return page("csatflow-dimension", "Dimension", "The scopes of any dimension: stores, touchpoints, and what the owner declared (measures.dimensions).", panels{
		scopes,
		curves("Satisfaction over time", "The index of each pane of the picked scope (left) and its number of responses (right).", overTime("satisfaction", pickedOfDimension, index...), size{12, 9}, index...),
		curves("Complaints over time", "Complaints of the picked scope, by pane; none for a dimension that complaints do not have.", overTime("recovery", pickedOfDimension, over...), size{12, 9}, over...),
	}, kinds(), scopesOfKind(), resolutions()).Annotation(m.alertsOf(pickedOfDimension))
}

// kinds is the variable of dimensions that have responses in the range.
func kinds() variable {
	sql := `SELECT DISTINCT toString(scope_kind) AS kind, toString(scope_kind) AS name
FROM satisfaction
WHERE resolution = 86400 AND scope_kind != 'all' AND pane_start >= $__fromTime - toIntervalDay(1) AND pane_start <= $__toTime
ORDER BY kind != 'store', kind`
	q := rows(sql)
	return dashboard.NewQueryVariableBuilder("dimension").Label("Dimension").Description("The property by which responses are broken down.").Datasource(clickHouse()).Definition(sql).
		Query(dashboard.StringOrMap{Map: map[string]any{"refId": "dimension", "editorType": q.EditorType, "queryType": q.QueryType, "format": q.Format, "rawSql": sql}}).
		Current(option("store", "store", true)).Refresh(dashboard.VariableRefreshOnTimeRangeChanged).Sort(dashboard.VariableSortDisabled)
}

func scopesOfKind() variable {
	return choice("scope", "Scope", "One scope of the dimension, or everything.", "Everything", `SELECT scope, name
FROM (
    SELECT 'all:' AS scope, 'Everything' AS name, 0 AS place
    UNION ALL
    SELECT DISTINCT concat(toString(scope_kind), ':', scope_id), scope_id, 1
    FROM satisfaction
    WHERE resolution = 86400 AND scope_kind = ${dimension:singlequote} AND pane_start >= $__fromTime - toIntervalDay(1) AND pane_start <= $__toTime
)
ORDER BY place, name`)
}
