package board

// recovery shows what becomes of complaints.
func recovery(m *maker) *builder {
	flow := m.all("recovery", "opened", "resolved", "reopened", "withdrawn", "breached")
	times := m.all("recovery", "recovery_p50", "recovery_p90", "recovery_p99", "mean_first_response_seconds")
	handling := m.all("recovery", "mean_contacts", "mean_handoffs", "mean_employees_met", "remedy_depth")
	fairness := m.all("recovery", "outcome_fairness", "process_fairness")
	ends := m.all("recovery", "first_contact_resolution", "recovered")
	list := m.figures("recovery", during("rolling_recovery", false), pickedScope, "opened", "resolved", "reopened", "breached", "backlog", "backlog_age",
		"recovery_p50", "recovery_p90", "recovery_p99", "first_contact_resolution", "mean_handoffs", "recovery_paradox")
	for i := range flow {
		flow[i] = flow[i].bars()
	}
	list = append(list,
		curves("Flow of complaints", "Complaints opened, resolved, reopened and past their promised time, by pane.", overTime("recovery", pickedScope, flow...), size{12, 9}, flow...),
		curves("Time to recovery", "Of the complaints resolved in each pane.", overTime("recovery", pickedScope, times...), size{12, 9}, times...).SpanNulls(spanned()),
		m.openComplaints(size{12, 9}),
		curves("First contact and recovered customers", "How many complaints were solved at once, and how many complainants came back satisfied.", overTime("recovery", pickedScope, ends...), size{12, 9}, ends...).SpanNulls(spanned()),
		curves("Handling", "What a resolved complaint took.", overTime("recovery", pickedScope, handling...), size{12, 9}, handling...).SpanNulls(spanned()),
		curves("Fairness", "How fair complainants found outcome and process.", overTime("recovery", pickedScope, fairness...), size{12, 9}, fairness...).SpanNulls(spanned()),
		m.byCategory(size{8, 10}), m.remedies(), m.recoveryByStore(),
		m.oldestOpen(size{24, 11}),
	)
	return page("csatflow-recovery", "Complaint recovery", "What becomes of complaints: flow, time, backlog, fairness, remedies.", list, regions(), storesOfRegion(), resolutions()).
		Annotation(m.alertsOf(pickedScope))
}

func (m *maker) remedies() *barchartPanel {
	sql := "SELECT " + m.words("remedy", "arrayJoin(remedies)") + " AS name, count() AS complaints\nFROM complaint_state\nWHERE $__timeFilter(opened_at) AND " + ofComplaint + "\nGROUP BY name\nORDER BY complaints DESC, name"
	return chart("Remedies", "Complaints opened in the range in which the remedy was done.", sql, size{8, 10}, "name", "green", own("complaints", "Complaints", "short"))
}

func (m *maker) recoveryByStore() *tablePanel {
	columns := append([]column{m.of("recovery", "scope_id").toStore()}, m.all("recovery", "opened", "breached", "backlog", "recovery_p90", "first_contact_resolution")...)
	return list("Recovery by store", "Every store of the region over the range, the most broken promises first.",
		"SELECT "+ids(columns)+"\nFROM "+during("rolling_recovery", false)+"\nWHERE scope_kind = 'store' AND "+inRegion("scope_id")+"\nORDER BY breached DESC, scope_id", size{8, 10}, columns...)
}
