package board

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
)

// Panels about complaints that several dashboards share.

// ofComplaint is the condition for complaints of the picked scope.
const ofComplaint = "(" + pickedScope + " = 'all:' OR concat('store:', store_id) = " + pickedScope + " OR concat('region:', region) = " + pickedScope + ")"

func (m *maker) recoveryOverTime(s size) *timeseriesPanel {
	columns := append(m.all("recovery", "recovery_p50", "recovery_p90", "recovery_p99"), m.of("recovery", "breached").bars().right())
	return curves("Recovery over time", "Time from opening to resolution of the complaints resolved in each pane (left); complaints whose promised time ran out (right).",
		overTime("recovery", pickedScope, columns...), s, columns...).SpanNulls(spanned())
}

func (m *maker) openComplaints(s size) *timeseriesPanel {
	columns := []column{m.of("recovery", "backlog"), m.of("recovery", "backlog_age").right().with("custom.lineInterpolation", "linear").dashed()}
	return curves("Open complaints", "Complaints open at the end of each pane (left), and how long the oldest of them has been open (right). A pane in which nothing happened is not shown: its number is that of the pane before.",
		overTime("recovery", pickedScope, columns...), s, columns...).SpanNulls(spanned()).LineInterpolation(common.LineInterpolationStepAfter)
}

func (m *maker) byCategory(s size) *barchartPanel {
	sql := "SELECT if(category = '', 'None', " + m.words("category", "category") + ") AS name, count() AS complaints\nFROM complaint_state\nWHERE $__timeFilter(opened_at) AND " + ofComplaint + "\nGROUP BY name\nORDER BY complaints DESC, name"
	return chart("Complaints by category", "Complaints opened in the range, by category; those without one as \"None\".", sql, s, "name", "orange", own("complaints", "Complaints", "short"))
}

// oldestOpen lists open complaints with the time left of their promise.
func (m *maker) oldestOpen(s size) *tablePanel {
	columns := []column{m.of("complaint_state", "store_id").toStore()}
	columns = append(columns, m.all("complaint_state", "complaint_id", "customer_id", "category", "opened_at", "promise_seconds")...)
	columns = append(columns, own("open_seconds", "Open for", "s"), late(own("left_seconds", "Left of the promise", "s")))
	columns = append(columns, m.all("complaint_state", "contacts", "handoffs", "employee_id")...)
	sql := "SELECT store_id, complaint_id, customer_id, " + m.words("category", "category") + " AS category, opened_at, promise_seconds, dateDiff('second', opened_at, $__toTime) AS open_seconds, promise_seconds - open_seconds AS left_seconds, contacts, handoffs, employee_id\n" +
		"FROM complaint_state\nWHERE state = 'open' AND opened_at <= $__toTime AND " + ofComplaint + "\nORDER BY opened_at\nLIMIT 50"
	return list("Oldest open complaints", "The fifty complaints open for longest, and what is left of the promised time: below 0 the promise is broken.", sql, s, columns...)
}
