package board

// standards shows how well the service keeps its standards, and where it falls short of expectation.
func standards(m *maker) *builder {
	var list panels
	for _, name := range []string{"sigma_level", "dpmo", "opportunities", "defects"} {
		list = append(list, figure(m.of("sigma", name), "Over the range, of all standards.", "SELECT "+name+"\nFROM "+between("sigma_between")+"\nWHERE standard_id = '' AND "+in(pickedStore)).Span(6))
	}
	list = append(list,
		m.byStandard("sigma_level"), m.byStandard("dpmo"),
		m.standardsTable(), m.mystery(),
		m.gaps(),
		m.causes(),
		m.benchmark(),
		m.serviceTypes(), m.employees("("+pickedStore+" = 'all:' OR concat('store:', store_id) = "+pickedStore+")", size{12, 11}),
		m.csi("Customer satisfaction index by variable", "index", size{10, 9}), m.csi("Paths of the customer satisfaction index", "path", size{14, 9}),
		m.improvements(),
	)
	return page("csatflow-standards", "Standards and gaps", "Six sigma, mystery shoppers, the five gaps and their causes, benchmark, employees, satisfaction index, improvements.", list, stores()).
		Time("now-30d", "now").Annotation(m.alertsOf(pickedStore))
}

func (m *maker) byStandard(name string) *timeseriesPanel {
	c := m.of("sigma", name)
	return curvesBy(c.heading+" by standard", "By day and standard.",
		"SELECT pane_start AS time, if(standard_id = '', 'all standards', standard_id) AS standard, "+name+"\nFROM sigma\nWHERE "+in(pickedStore)+" AND $__timeFilter(pane_start)\nORDER BY time, standard", size{12, 9}, "standard", c)
}

func (m *maker) standardsTable() *tablePanel {
	columns := m.all("standards", "standard_id", "dimension", "owner", "target", "level", "faults", "review")
	columns = append(columns, m.all("sigma", "opportunities", "defects", "sigma_level")...)
	return list(m.view("standards"), "Each standard, and how well it was kept over the range.",
		"SELECT s.standard_id AS standard_id, "+m.words("rater", "s.dimension")+" AS dimension, s.owner AS owner, s.target AS target, s.level AS level, s.faults AS faults, s.review AS review, o.opportunities AS opportunities, o.defects AS defects, o.sigma_level AS sigma_level\n"+
			"FROM standards AS s\nLEFT JOIN (SELECT * FROM "+between("sigma_between")+" WHERE "+in(pickedStore)+") AS o ON s.standard_id = o.standard_id\nORDER BY standard_id", size{14, 9}, columns...)
}

func (m *maker) mystery() *tablePanel {
	columns := m.all("mystery_score", "scope_kind", "scope_id", "visits", "score", "low", "high", "last_visit_at", "action")
	return list(m.view("mystery_score"), "Whom to reward and whom to visit again, where the interval of the mean is beyond the line as a whole; the lowest scores first.",
		"SELECT "+m.words("scope_kind", "scope_kind")+" AS scope_kind, scope_id, visits, score, low, high, last_visit_at, "+m.words("mystery_action", "action")+" AS action\nFROM (SELECT * FROM mystery_score WHERE "+pickedStore+" = 'all:' OR "+in(pickedStore)+")\nORDER BY score, scope_id", size{10, 9}, columns...)
}

func (m *maker) serviceTypes() *tablePanel {
	columns := append([]column{m.of("service_type", "scope_id").toStore()}, m.all("service_type", "pane_start", "responses", "procedural", "personal", "service_type")...)
	return list(m.view("service_type"), "Each store on its latest day in the range.",
		"SELECT scope_id, pane_start, responses, procedural, personal, "+m.words("service_type", "service_type")+" AS service_type\nFROM service_type\nWHERE resolution = 86400 AND scope_kind = 'store' AND $__timeFilter(pane_start) AND ("+pickedStore+" = 'all:' OR "+in(pickedStore)+")\nORDER BY scope_id, pane_start DESC\nLIMIT 1 BY scope_id", size{12, 9}, columns...)
}

// gaps has a row for each dimension; beliefs of management and promises of standards are the same for all stores.
func (m *maker) gaps() *tablePanel {
	columns := []column{m.of("gaps", "dimension")}
	sql := "SELECT if(dimension = '', 'All dimensions', " + m.words("rater", "dimension") + ") AS dimension"
	// The range of a gap is beside it where the data tell one: gap 2 counts all standards.
	for _, g := range [][2]string{{"1", "gap_knowledge"}, {"2", "gap_standards"}, {"3", "gap_delivery"}, {"4", "gap_communication"}, {"5", "gap_perceived"}} {
		sql += ", maxIf(toNullable(value), gap = " + g[0] + ") AS " + g[1]
		columns = append(columns, m.measure(g[1]))
		if g[0] != "2" {
			sql += ", if(countIf(gap = " + g[0] + " AND isNotNull(low)) = 0, '', concat(toString(round(minIf(low, gap = " + g[0] + "), 2)), ' … ', toString(round(maxIf(high, gap = " + g[0] + "), 2)))) AS range_" + g[0]
			columns = append(columns, own("range_"+g[0], "95 %", ""))
		}
	}
	return list("Gaps by dimension", "On the scale of expectation, over the days that begin in the range, each with its 95 % interval. Knowledge and perceived gap have the dimensions of which customers say what they expect.",
		sql+"\nFROM "+between("gaps_between")+"\nWHERE "+in(pickedStore)+" OR gap = 2\nGROUP BY dimension\nORDER BY dimension", size{24, 9}, columns...)
}

func (m *maker) causes() *tablePanel {
	columns := []column{m.of("gap_causes", "gap_en"), m.of("gap_causes", "cause_en").wide(), m.of("gap_causes", "evidence"), m.of("gap_causes", "remedies_en").wide()}
	return list(m.view("gap_causes"), "The causes with the most evidence, and their remedies; over all time and all stores.",
		"SELECT gap_en, cause_en, evidence, arrayStringConcat(remedies_en, '; ') AS remedies_en\nFROM gap_causes\nWHERE isNotNull(evidence)\nORDER BY evidence DESC, gap_en, cause_en", size{24, 10}, columns...)
}

func (m *maker) benchmark() *tablePanel {
	columns := m.all("benchmark", "measure", "brand", "place", "mean", "low", "high", "responses", "own_compared", "compared_mean", "compared_responses", "lead_low", "lead_high", "own_lead")
	names := m.names("measure", "rater_", "factor_", "facet_", "scorecard_", "tcs_")
	return list(m.view("benchmark_between"), "The own brand beside each other, by measure, over the range. A lead is over answers of the same survey, source and month; it is empty where chance explains it, and so are all of its figures where nothing is alike.",
		"SELECT "+names+" AS measure, brand, place, mean, low, high, responses, own_compared, compared_mean, compared_responses, lead_low, lead_high, own_lead\nFROM "+between("benchmark_between")+"\nORDER BY measure, brand != 'own', brand", size{24, 11}, columns...)
}

func (m *maker) csi(title, kind string, s size) *tablePanel {
	figure := m.measure("csi_" + kind)
	columns := []column{m.of("csi", "from_variable"), m.of("csi", "to_variable"), figure.called("value", figure.heading), m.of("csi", "low"), m.of("csi", "high"), m.of("csi", "responses"), m.of("csi", "period_from"), m.of("csi", "period_to")}
	if kind == "index" {
		columns = append(columns[:1], columns[2:]...)
	}
	sql := "SELECT " + m.words("latent", "from_variable") + " AS from_variable, "
	if kind != "index" {
		sql += m.words("latent", "to_variable") + " AS to_variable, "
	}
	return list(title, "The latest estimated period, for all stores.",
		sql+"value, low, high, responses, period_from, period_to\nFROM csi\nWHERE kind = '"+kind+"' AND scope_kind = 'all' AND period_to = (SELECT max(period_to) FROM csi WHERE scope_kind = 'all')\nORDER BY value DESC", s, columns...)
}

func (m *maker) improvements() *tablePanel {
	columns := m.all("improvements", "name", "measure", "scope_kind", "scope_id", "state", "planned_at", "changed_at", "target", "effect", "low", "high", "before", "after", "outcome")
	return list(m.view("improvements"), "What was changed, and the effect compared with scopes in which nothing changed.",
		"SELECT name, measure, "+m.words("scope_kind", "scope_kind")+" AS scope_kind, scope_id, state, planned_at, changed_at, target, effect, low, high, before, after, outcome\nFROM improvements\nORDER BY planned_at DESC", size{24, 8}, columns...)
}
