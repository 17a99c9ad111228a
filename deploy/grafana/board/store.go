package board

const storeUID = "csatflow-store"

// store shows one store or region, beside the period before and beside all others.
func store(m *maker) *builder {
	shares, grades := m.measure("satisfied_share"), m.measure("mean_grade")
	fits := m.all("satisfaction", "mean_expectation", "mean_performance", "disconfirmation")
	loyal := m.all("loyalty_between", "loyalty_index", "low", "high", "responses")
	loyal[3] = loyal[3].right().bars()
	list := m.figures("satisfaction", during("rolling_satisfaction", false), pickedScope, "csat_index", "satisfied_share", "dissatisfied_share", "responses")
	list = append(list, figure(loyal[0], "Over the range, from responses as received.", "SELECT loyalty_index\nFROM "+loyalty("4294967295")+"\nWHERE "+in(pickedScope)))
	list = append(list, m.figures("satisfaction", during("rolling_satisfaction", false), pickedScope, "voice_rate")...)
	list = append(list,
		m.compared("Satisfaction compared", "satisfaction", "rolling_satisfaction", size{24, 5}, "responses", "csat_index", "csat_index_low", "csat_index_high", "satisfied_share", "dissatisfied_share", "voice_rate", "silent_dissatisfied"),
		m.compared("Recovery compared", "recovery", "rolling_recovery", size{24, 5}, "opened", "resolved", "breached", "complaints_per_1000_responses", "recovery_p50", "recovery_p90", "first_contact_resolution", "outcome_fairness", "process_fairness", "backlog"),
		m.satisfactionOverTime(size{12, 9}),
		curves("Loyalty over time", "The loyalty index of the responses that answer all its parts, with its 95 % interval, and how many they are (right).", "SELECT step_start AS time, "+ids(loyal)+"\nFROM "+loyalty("${resolution}")+"\nWHERE "+in(pickedScope)+"\nORDER BY time", size{12, 9}, loyal...),
		m.npsOverTime(size{8, 9}), m.effortOverTime(size{8, 9}), m.starsOverTime(size{8, 9}),
		m.otherScales(size{24, 7}),
		m.against("RATER dimensions compared", "Mean grade, 1 to 7, of the responses that name the dimension.", "rater", "rater_%s", size{8, 10}, grades),
		m.against("Emotions compared", "Share of each emotion among those named.", "emotion", "emotion_%s", size{8, 10}, shares),
		m.against("Facets compared", "Mean grade, 1 to 7, of the responses that name the facet.", "facets", "facet_%s", size{8, 10}, grades),
		m.against("Factors compared", "Mean grade, 1 to 7, of the responses that name the factor of expectation.", "factors", "factor_%s", size{12, 13}, grades),
		curves("Expectation and performance", "What customers expected, and what they got.", overTime("satisfaction", pickedScope, fits...), size{12, 13}, fits...),
		m.touchpoints(), m.employees(ofStore("store_id"), size{12, 10}),
		m.recoveryOverTime(size{12, 9}), m.openComplaints(size{12, 9}),
		m.byCategory(size{8, 11}), m.oldestOpen(size{16, 11}),
		m.whoAnswers(size{24, 5}), m.whoWasAsked(size{24, 5}),
	)
	return page(storeUID, "Store", "One store or region: satisfaction, service quality, complaints; beside the period before and all stores.", list, regions(), storesOfRegion(), resolutions()).
		Annotation(m.alertsOf(pickedScope))
}

// loyalty is the view over the range, by steps of so many seconds.
func loyalty(step string) string {
	return between("loyalty_between", "resolution = ${resolution}", "step_s = "+step)
}

func (m *maker) touchpoints() *tablePanel {
	sql := "SELECT if(touchpoint = '', 'none', touchpoint) AS touchpoint, count() AS responses, avg(grade) AS mean_grade\nFROM " + between("responses_between", pickedParts) + "\nGROUP BY touchpoint\nORDER BY mean_grade"
	return list("Touchpoints", "Instant responses of the range by touchpoint, the least satisfied first; from responses as received.", sql, size{12, 10},
		m.of("responses_between", "touchpoint"), m.measure("responses"), m.measure("mean_grade").gauge())
}

func (m *maker) employees(where string, s size) *tablePanel {
	columns := append([]column{m.of("employee_ranking", "employee_id"), m.of("employee_ranking", "store_id").toStore()}, m.all("employee_ranking", "place", "rank_low", "rank_high", "responses", "mean_grade", "adjusted_mean", "posterior_mean", "low", "high")...)
	return list(m.view("employee_ranking_between"), "Employees with at least 30 responses, by their mean grade at the same mix of work; without places if no two can be told apart.",
		"SELECT "+ids(columns)+"\nFROM "+between("employee_ranking_between")+"\nWHERE "+where+"\nORDER BY isNull(rank_low), adjusted_mean DESC\nLIMIT 100", s, columns...)
}

// whoAnswers has a row where purchases are read, else none.
func (m *maker) whoAnswers(s size) *tablePanel {
	columns := m.all("weighted_between", "purchases", "answered", "response_rate", "csat_index", "weighted_csat_index", "weighted_csat_index_low", "weighted_csat_index_high", "effective_n", "joined_classes")
	sql := "SELECT " + ids(columns) + "\nFROM " + between("weighted_between", "scope_kind = "+pickedKind) + "\nWHERE scope_id = " + pickedID
	return list("Who answers", "The satisfaction index as answered, and weighted so that the answers stand for all purchases of the range. That the unhappy, or the happy, answer more it does not remove. From events as received; empty where no purchases are read.", sql, s, columns...)
}

// whoWasAsked has a row where invitations are read, else none.
func (m *maker) whoWasAsked(s size) *tablePanel {
	columns := m.all("asked_between", "asked", "asked_answered", "asked_response_rate", "asked_response_rate_low", "asked_response_rate_high", "asked_response_rate_ripe", "asked_counted", "unasked_responses")
	sql := "SELECT " + ids(columns) + "\nFROM " + between("asked_between", "resolution = ${resolution}", "step_s = 4294967295") + "\nWHERE " + in(pickedScope)
	return list("Who was asked", "How many were asked in the range, and how many of them answered. From events as received; empty where nobody was asked.", sql, s, columns...)
}
