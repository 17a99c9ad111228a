package board

import "fmt"

// Panels of answers in scales of their own; they are empty where there are none. Those over time are of the instant survey.

func (m *maker) npsOverTime(s size) *timeseriesPanel {
	return m.scaleOverTime("Net Promoter Score over time", s, "nps", "nps_low", "nps_high", "nps_responses")
}

func (m *maker) effortOverTime(s size) *timeseriesPanel {
	return m.scaleOverTime("Customer effort over time", s, "ces_mean", "ces_low", "ces_high", "ces_responses")
}

func (m *maker) starsOverTime(s size) *timeseriesPanel {
	return m.scaleOverTime("Stars over time", s, "stars_top_share", "stars_top_low", "stars_top_high", "stars_responses")
}

// scaleOverTime shows a measure with its interval, and how many answered, the last name.
func (m *maker) scaleOverTime(title string, s size, names ...string) *timeseriesPanel {
	columns := m.all("scales_between", names...)
	columns[3] = columns[3].right().bars()
	sql := fmt.Sprintf("SELECT step_start AS time, %s\nFROM %s\nWHERE %s AND survey = 'instant' AND %s > 0\nORDER BY time", ids(columns), scales("${resolution}"), in(pickedScope), names[3])
	return curves(title, "Answers in this scale to the instant survey, with the 95 % interval, and how many they are (right). Empty where nobody answers in it.", sql, s, columns...)
}

// otherScales has a row a survey.
func (m *maker) otherScales(s size) *tablePanel {
	columns := m.all("scales_between", "survey", "nps_responses", "nps", "nps_low", "nps_high", "ces_responses", "ces_mean", "ces_low", "ces_high", "ces_easy_share", "stars_responses", "stars_mean", "stars_top_share", "stars_top_low", "stars_top_high")
	return list("Other scales", "Over the range, by survey, each in its own scale and never converted to grades; of responses with a grade and without. Empty where nobody answers in other scales.",
		"SELECT "+ids(columns)+"\nFROM "+scales("4294967295")+"\nWHERE "+in(pickedScope)+"\nORDER BY survey DESC", s, columns...)
}

// scales is the view over the range, by steps of so many seconds.
func scales(step string) string {
	return between("scales_between", "resolution = ${resolution}", "step_s = "+step)
}
