package board

import (
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// alertsOf marks the time during which alerts of the picked scope fired; "" is all scopes.
func (m *maker) alertsOf(picked string) *dashboard.AnnotationQueryBuilder {
	where := "started_at <= $__toTime AND ifNull(resolved_at, $__toTime) >= $__fromTime"
	if picked != "" {
		where += " AND (" + picked + " = 'all:' OR " + in(picked) + ")"
	}
	sql := "SELECT started_at AS time, ifNull(resolved_at, $__toTime) AS timeEnd, concat(" + m.words("alert_rule", "rule") + ", ': ', " +
		m.words("scope_kind", "scope_kind") + ", ' ', scope_id, if(part = '', '', concat(', ', " + m.words("category", "part") + "))) AS text, toString(severity) AS tags\nFROM alerts\nWHERE " + where + "\nORDER BY time"
	return dashboard.NewAnnotationQueryBuilder().Name("Alerts").Datasource(clickHouse()).Enable(true).IconColor("red").Target(rows(sql))
}
