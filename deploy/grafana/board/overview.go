package board

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
)

// overview is the first dashboard to look at: satisfaction, recovery and risk.
func overview(m *maker) *builder {
	list := m.figures("satisfaction", during("rolling_satisfaction", false), pickedScope, "csat_index", "satisfied_share", "responses")
	list = append(list, m.figures("recovery", during("rolling_recovery", false), pickedScope, "backlog", "recovery_p50", "recovery_p90")...)
	list = append(list,
		m.satisfactionOverTime(size{16, 9}),
		m.dimensions(size{8, 9}),
		m.storesTable(),
		m.recoveryOverTime(size{12, 9}),
		m.openComplaints(size{12, 9}),
		m.byCategory(size{8, 10}),
		m.bands(size{4, 10}).Orientation(common.VizOrientationVertical),
		m.mostAtRisk(size{12, 10}),
	)
	return page("csatflow-overview", "Customer satisfaction", "Satisfaction, complaint recovery and churn risk, from the views of csatflow.", list, regions(), storesOfRegion(), resolutions()).
		Annotation(m.alertsOf(pickedScope))
}

// storesTable lists the stores of the region with figures of responses and complaints.
func (m *maker) storesTable() *tablePanel {
	satisfaction := m.all("satisfaction", "responses", "satisfied_share", "dissatisfied_share", "dissatisfied_low")
	recovery := m.all("recovery", "opened", "breached")
	columns := append([]column{m.of("satisfaction", "scope_id").toStore(), m.of("satisfaction", "csat_index").gauge()}, satisfaction...)
	sql := `SELECT s.scope_id AS scope_id, s.csat_index AS csat_index, s.responses AS responses, s.satisfied_share AS satisfied_share, s.dissatisfied_share AS dissatisfied_share, s.dissatisfied_low AS dissatisfied_low, ifNull(r.opened, 0) AS opened, ifNull(r.breached, 0) AS breached
FROM (
    SELECT * FROM ` + during("rolling_satisfaction", false) + ` WHERE scope_kind = 'store'
) AS s
LEFT JOIN (
    SELECT * FROM ` + during("rolling_recovery", false) + ` WHERE scope_kind = 'store'
) AS r ON s.scope_id = r.scope_id
WHERE ` + inRegion("s.scope_id") + `
ORDER BY csat_index`
	return list("Stores", "Every store of the region over the range, the least satisfied first. The lower end of the share of the dissatisfied is that of its 95 % interval: a store with few responses is not called bad for one of them.",
		sql, size{24, 9}, append(columns, recovery...)...)
}
