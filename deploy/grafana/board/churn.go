package board

// churn shows who is about to leave, why, and what that would cost.
func churn(m *maker) *builder {
	var list panels
	for _, name := range []string{"customers", "high", "high_share", "value_at_risk"} {
		list = append(list, figure(m.of("risk_over_time", name), "As last noted in the range.",
			"SELECT "+name+"\nFROM risk_over_time\nWHERE scope_kind = 'all' AND at <= $__toTime\nORDER BY at DESC\nLIMIT 1").Span(6))
	}
	high := []column{m.of("risk_over_time", "high"), m.of("risk_over_time", "high_share").right().dashed()}
	value := m.all("risk_over_time", "value_at_risk")
	list = append(list,
		curves("Customers at risk over time", "Customers at high risk (left) and their share (right), by the hour.", noted(high), size{12, 9}, high...),
		curves(m.measure("value_at_risk").heading+" over time", "In the configured currency, by the hour.", noted(value), size{12, 9}, value...),
		m.bands(size{6, 10}), m.reasons(), m.leaveReasons(),
		m.mostAtRisk(size{24, 10}),
		m.tiers(), m.strategies(),
		m.customers("best_customers"), m.customers("worst_customers"),
		m.openActions(),
	)
	return page("csatflow-churn", "Customers at risk", "Who is about to leave, why, what they are worth, and what is to be done.", list).Annotation(m.alertsOf(""))
}

func noted(columns []column) string {
	return "SELECT at AS time, " + ids(columns) + "\nFROM risk_over_time\nWHERE scope_kind = 'all' AND $__timeFilter(at)\nORDER BY time"
}

const stays = "NOT ifNull(churned, false)"

func (m *maker) bands(s size) *barchartPanel {
	return chart("Customers by churn band", "All customers who have not left, now, for any store and range. "+m.measure("churn_band").formula+".",
		"SELECT "+m.words("churn_band", "churn_band")+" AS name, count() AS customers\nFROM churn_risk\nWHERE "+stays+"\nGROUP BY churn_band\nORDER BY indexOf(['low', 'medium', 'high'], churn_band)", s, "name", "purple", own("customers", "Customers", "short"))
}

func (m *maker) reasons() *barchartPanel {
	return chart(m.measure("reasons").heading, "Customers of medium and high risk who have the input among the three that add most to it, now.",
		"SELECT "+m.words("churn_input", "arrayJoin(reasons)")+" AS name, count() AS customers\nFROM churn_risk\nWHERE churn_band != 'low' AND "+stays+"\nGROUP BY name\nORDER BY customers DESC, name", size{10, 10}, "name", "purple", own("customers", "Customers", "short"))
}

func (m *maker) leaveReasons() *piechartPanel {
	c := m.of("churn_risk", "leave_reason")
	return slices(c.heading, "Customers by the likely reason: "+c.formula+".",
		"SELECT "+m.words("leave_reason", "leave_reason")+" AS name, count() AS customers\nFROM churn_risk\nWHERE leave_reason != ''\nGROUP BY name\nORDER BY customers DESC, name", size{8, 10})
}

func (m *maker) mostAtRisk(s size) *tablePanel {
	columns := append(m.all("churn_risk", "customer_id", "churn_risk"), m.of("churn_risk", "reasons").wide())
	columns = append(columns, m.all("churn_risk", "leave_reason", "value_at_risk", "latest_grade", "latest_at", "complaints")...)
	return list("Customers most at risk", "The fifty customers most likely to leave, now, for any store and range, with the reasons that add most to the score.",
		"SELECT customer_id, churn_risk, arrayStringConcat(arrayMap(r -> "+m.words("churn_input", "r")+", reasons), ', ') AS reasons, "+m.words("leave_reason", "leave_reason")+" AS leave_reason, value_at_risk, latest_grade, latest_at, complaints\nFROM churn_risk\nWHERE "+stays+"\nORDER BY churn_risk DESC, customer_id\nLIMIT 50", s, columns...)
}

func (m *maker) tiers() *tablePanel {
	columns := m.all("tiers", "tier", "customers", "spend", "spend_share", "from_spend", "pareto_share", "closed_month")
	return list("Customer tiers", "By the spend of twelve whole months, in the configured currency.",
		"SELECT "+m.words("tier", "tier")+" AS tier, customers, spend, spend_share, from_spend, pareto_share, closed_month\nFROM tiers", size{14, 8}, columns...)
}

func (m *maker) strategies() *piechartPanel {
	c := m.of("customer_strategy", "strategy")
	return slices(c.heading, "Customers by strategy: "+c.formula+".",
		"SELECT "+m.words("strategy", "strategy")+" AS name, count() AS customers\nFROM customer_strategy\nGROUP BY name\nORDER BY customers DESC, name", size{10, 8})
}

func (m *maker) customers(view string) *tablePanel {
	columns := m.all(view, "customer_id", "historical_value", "spend", "purchases", "churn_risk")
	return list(m.view(view), "The twenty customers at that end, by value after service cost, in the configured currency.", "SELECT "+ids(columns)+"\nFROM "+view, size{12, 10}, columns...)
}

func (m *maker) openActions() *tablePanel {
	columns := append(m.all("actions", "action", "customer_id", "employee_id"), m.of("actions", "store_id").toStore())
	columns = append(columns, m.all("actions", "complaint_id", "opened_at", "reason")...)
	return list(m.view("actions"), "Actions that are open, the oldest first.",
		"SELECT "+m.words("action", "action")+" AS action, customer_id, employee_id, store_id, complaint_id, opened_at, reason\nFROM actions\nWHERE state = 'open'\nORDER BY opened_at\nLIMIT 100", size{24, 9}, columns...)
}
