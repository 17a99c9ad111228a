package board

// Panels about satisfaction that several dashboards share.

func (m *maker) satisfactionOverTime(s size) *timeseriesPanel {
	columns := []column{m.of("satisfaction", "csat_index"), m.of("satisfaction", "responses").bars().right()}
	return curves("Satisfaction over time", "The index of each pane (left) and its number of responses (right). A pane with few responses says little.",
		overTime("satisfaction", pickedScope, columns...), s, columns...)
}

// dimensions shows the RATER dimensions of the picked scope.
func (m *maker) dimensions(s size) *barchartPanel {
	return chart("RATER dimensions", "Mean grade, 1 to 7, of each dimension of service quality over the range, of the responses that name it.",
		m.perValue("rater", "rater_%s", during("rolling_satisfaction", false)+" WHERE "+in(pickedScope)), s, "name", "blue", m.of("satisfaction", "mean_grade").called("figure_0", "Mean grade"))
}

// against shows the measures of a scale, one for each value: of the picked scope, of the period before, and of all stores.
func (m *maker) against(title, text, scale, format string, s size, like column) *barchartPanel {
	now, before := during("rolling_satisfaction", false), during("rolling_satisfaction", true)
	return chart(title, text, m.perValue(scale, format, now+" WHERE "+in(pickedScope), before+" WHERE "+in(pickedScope), now+" WHERE scope_kind = 'all'"), s, "name", "blue",
		like.called("figure_0", "This period"), like.called("figure_1", "Period before"), like.called("figure_2", "All stores"))
}

// compared has a row for the period, one for the period before, and one for all stores.
func (m *maker) compared(title, view, of string, s size, names ...string) *tablePanel {
	columns := m.all(view, names...)
	sql := "SELECT period, " + ids(columns) + "\nFROM (\n" +
		"    SELECT 'This period' AS period, 1 AS place, * FROM " + during(of, false) + " WHERE " + in(pickedScope) + "\n    UNION ALL\n" +
		"    SELECT 'Period before', 2, * FROM " + during(of, true) + " WHERE " + in(pickedScope) + "\n    UNION ALL\n" +
		"    SELECT 'All stores', 3, * FROM " + during(of, false) + " WHERE scope_kind = 'all'\n)\nORDER BY place"
	return list(title, "The picked scope over the range and over as long a time before, and all stores over the range.", sql, s, append([]column{own("period", "Period", "")}, columns...)...)
}
