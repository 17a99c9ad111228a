package api

import "fmt"

const gradeMeasures = "responses, mean_grade, csat_index, csat_index_low, csat_index_high, satisfied_share, satisfied_low, satisfied_high, dissatisfied_share, dissatisfied_low, dissatisfied_high"

// byCustomers begins a query with how many times greater the variance of a period's levels is because customers answer several times, and how
// many times wider that makes their intervals. Events as received are read for 31 days at most; in a longer period each customer answers so many
// times more.
func byCustomers(scope string) string {
	return `WITH ifNull((SELECT design_effect FROM {{db}}.design_effect_between(` + lately + ", " + scope + `)), 1) AS design_effect,
    sqrt(1 + (design_effect - 1) * greatest(1, {total_s:UInt32} / 2678400)) AS wider
`
}

// widened are the two ends of a level of g, which stay on its scale.
func widened(level, name, greatest string) string {
	return fmt.Sprintf("if(isNull(g.%[2]s_low), NULL, greatest(0, g.%[1]s - (g.%[1]s - g.%[2]s_low) * wider)) AS %[2]s_low, if(isNull(g.%[2]s_high), NULL, least(%[3]s, g.%[1]s + (g.%[2]s_high - g.%[1]s) * wider)) AS %[2]s_high", level, name, greatest)
}

var (
	wideIndex  = widened("csat_index", "csat_index", "100")
	wideGrades = "SELECT responses, mean_grade, csat_index, " + wideIndex + ",\n    satisfied_share, " + widened("satisfied_share", "satisfied", "1") + ",\n    dissatisfied_share, " + widened("dissatisfied_share", "dissatisfied", "1") + ", design_effect"
)

// listed are the parameters of lists of scopes, and amongListed their condition on scope_id.
var listed = []Param{
	{Name: "kind", Summary: "kind of scope", of: scopeKinds},
	{Name: "parent_kind", Summary: "only those in a scope of this kind", Choices: []string{"all", "region", "store"}},
	{Name: "parent_id", Summary: "that scope"},
	{Name: "search", Summary: "only those whose id contains this text"},
}

const amongListed = `({parent_kind:String} = 'all' OR scope_id IN (SELECT scope_id FROM {{db}}.places WHERE scope_kind = {kind:String} AND parent_kind = {parent_kind:String} AND parent_id = {parent_id:String}))
    AND positionCaseInsensitiveUTF8(scope_id, {search:String}) > 0`

var satisfactionQuestions = []Question{
	{
		ID: "satisfaction", Summary: "Every measure of satisfaction of a scope over a period.", Views: []string{"satisfaction_between"}, Period: true, Scope: true,
		SQL: "SELECT * EXCEPT (step_start, scope_kind, scope_id)\nFROM {{db}}.satisfaction_between(" + whole + ")\nWHERE " + within,
	},
	{
		ID: "grades", Summary: "The measures of a scope over a period that need grades only, with intervals that take customers as clusters where events as received are kept.", Views: []string{"grades_between", "design_effect_between"}, Period: true, Scope: true,
		SQL: byCustomers(scope) + wideGrades + "\nFROM {{db}}.grades_between(" + whole + ") AS g\nWHERE " + within,
	},
	{
		ID: "grades_before", Summary: "The same over a period of the same length before it, with the design effect of this one.", Views: []string{"grades_between", "design_effect_between"}, Period: true, Scope: true,
		SQL: byCustomers(scope) + wideGrades + "\nFROM {{db}}.grades_between(" + former + ") AS g\nWHERE " + within,
	},
	{
		ID: "trend", Summary: "Satisfaction of a scope by steps of a period.", Views: []string{"grades_between"}, Period: true, Scope: true,
		SQL: "SELECT step_start, " + gradeMeasures + "\nFROM {{db}}.grades_between(" + steps + ")\nWHERE " + within + "\nORDER BY step_start",
	},
	{
		ID: "trend_before", Summary: "The same for a period of the same length before it.", Views: []string{"grades_between"}, Period: true, Scope: true,
		SQL: "SELECT step_start, " + gradeMeasures + "\nFROM {{db}}.grades_between(resolution = {resolution:UInt32}, step_s = {step_s:UInt32}, from = {before:DateTime('UTC')}, to = {before_to:DateTime('UTC')})\nWHERE " + within + "\nORDER BY step_start",
	},
	{
		ID: "pulse", Summary: "Responses minute by minute in the hour before the end of the period; of a scope without minutes, of its latest pane.", Views: []string{"grades_between"}, Period: true, Scope: true,
		SQL: "SELECT step_start, {finest:UInt32} AS resolution, responses, csat_index\nFROM {{db}}.grades_between(resolution = {finest:UInt32}, step_s = {finest:UInt32}, from = {hour:DateTime('UTC')}, to = {at:DateTime('UTC')})\nWHERE " + within + "\nORDER BY step_start",
	},
	{
		ID: "places", Summary: "The scopes of a kind with responses or complaints in a period, with the change from a period of the same length before (interval: Zou, Donner 2008; change_sure holds for all scopes together at a false discovery rate of 5 %: Benjamini, Hochberg 1995), complaints, and the index by steps.", Views: []string{"grades_between", "recovery_between"}, Period: true, Most: 1000,
		Params: listed,
		Sort:   []string{"csat_index", "scope_id", "responses", "dissatisfied_share", "change", "opened", "breached", "recovery_p50"},
		SQL: byCustomers("scope_kind = {kind:String}, scope_id = ''") + `SELECT scope_id, responses, csat_index, csat_index_low, csat_index_high, dissatisfied_share, change, change_low, change_high,
    min(chance * compared / place) OVER (ORDER BY place DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) <= 0.05 AS change_sure,
    opened, breached, recovery_p50, course
FROM (
    SELECT *, row_number() OVER (ORDER BY chance) AS place, count(chance) OVER () AS compared
    FROM (
        SELECT s.scope_id AS scope_id, s.responses AS responses, s.csat_index AS csat_index, s.csat_index_low AS csat_index_low, s.csat_index_high AS csat_index_high, s.dissatisfied_share AS dissatisfied_share,
            if(ifNull(b.responses, 0) = 0, NULL, s.csat_index - b.csat_index) AS change,
            change - sqrt(pow(s.csat_index - s.csat_index_low, 2) + pow(b.csat_index_high - b.csat_index, 2)) AS change_low, change + sqrt(pow(s.csat_index_high - s.csat_index, 2) + pow(b.csat_index - b.csat_index_low, 2)) AS change_high,
            erfc(abs(change) * 1.959963984540054 / ((change_high - change_low) / 2) / sqrt(2)) AS chance,
            s.opened AS opened, s.breached AS breached, s.recovery_p50 AS recovery_p50, t.course AS course
        FROM (SELECT assumeNotNull(if(ifNull(g.responses, 0) = 0, r.scope_id, g.scope_id)) AS scope_id, ifNull(g.responses, 0) AS responses,
            if(responses = 0, NULL, g.csat_index) AS csat_index, if(responses = 0, NULL, g.csat_index_low) AS csat_index_low, if(responses = 0, NULL, g.csat_index_high) AS csat_index_high,
            if(responses = 0, NULL, g.dissatisfied_share) AS dissatisfied_share, ifNull(r.opened, 0) AS opened, ifNull(r.breached, 0) AS breached, r.recovery_p50 AS recovery_p50
            FROM (SELECT scope_id, responses, csat_index, ` + wideIndex + `, dissatisfied_share FROM {{db}}.grades_between(` + whole + `) AS g WHERE scope_kind = {kind:String}) AS g
            FULL JOIN (SELECT scope_id, opened, breached, recovery_p50 FROM {{db}}.recovery_between(` + whole + `) WHERE scope_kind = {kind:String} AND (opened > 0 OR breached > 0 OR recovery_p50 IS NOT NULL)) AS r ON g.scope_id = r.scope_id
            WHERE ` + amongListed + `) AS s
        LEFT JOIN (SELECT scope_id, responses, csat_index, ` + wideIndex + ` FROM {{db}}.grades_between(` + former + `) AS g WHERE scope_kind = {kind:String}) AS b ON s.scope_id = b.scope_id
        LEFT JOIN (SELECT scope_id, arraySort(groupArray((intDiv(toInt64(toUnixTimestamp(step_start)) - toInt64(toUnixTimestamp({from:DateTime('UTC')})), {step_s:UInt32}), csat_index))) AS course FROM {{db}}.grades_between(` + steps + `) WHERE scope_kind = {kind:String} GROUP BY scope_id) AS t ON s.scope_id = t.scope_id
    )
)`,
	},
	{
		ID: "scopes", Summary: "The scopes of a kind that have responses in a period, those with the most first.", Views: []string{"grades_between"}, Period: true, Most: 10_000,
		Params: []Param{{Name: "kind", Summary: "kind of scope", of: scopeKinds}},
		SQL:    "SELECT scope_id, responses\nFROM {{db}}.grades_between(" + whole + ")\nWHERE scope_kind = {kind:String}\nORDER BY responses DESC, scope_id",
	},
	{
		ID: "parts", Summary: "The parts of a scope over at most the last 31 days of a period: its touchpoints, employees and so on, from responses as received.", Views: []string{"responses_between", "satisfaction_between"}, Period: true, Scope: true, Most: 1000,
		Params: []Param{{Name: "dimension", Summary: "by which", of: partsOf}},
		Sort:   []string{"csat_index", "responses", "dissatisfied_share"},
		SQL: `SELECT toString({{dimension}}) AS part_id, count() AS responses, (avg(grade) - 1) / 6 * 100 AS csat_index, avg(grade <= 3) AS dissatisfied_share
FROM {{db}}.responses_between(` + lately + ", " + scope + `)
WHERE {{dimension}} != ''
GROUP BY part_id`,
	},
	{
		ID: "response_rate", Summary: "How many purchases of a scope are answered, over at most the last 31 days of a period; nothing where no purchases are read.", Views: []string{"response_rate_between"}, Period: true, Scope: true,
		SQL: "SELECT * EXCEPT (step_start, scope_kind, scope_id)\nFROM {{db}}.response_rate_between(resolution = {resolution:UInt32}, step_s = {total_s:UInt32}, " + lately + ")\nWHERE " + within,
	},
	{
		ID: "scales", Summary: "Answers of a scope over a period in scales of their own, by survey: likelihood to recommend, customer effort and stars, with intervals that take answers as independent; nothing where there are none.", Views: []string{"scales_between"}, Period: true, Scope: true,
		SQL: "SELECT * EXCEPT (step_start, scope_kind, scope_id, nps_counts, ces_counts, stars_counts)\nFROM {{db}}.scales_between(" + whole + ")\nWHERE " + within + "\nORDER BY survey DESC",
	},
	{
		ID: "scales_before", Summary: "The same for a period of the same length before it.", Views: []string{"scales_between"}, Period: true, Scope: true,
		SQL: "SELECT * EXCEPT (step_start, scope_kind, scope_id, nps_counts, ces_counts, stars_counts)\nFROM {{db}}.scales_between(" + former + ")\nWHERE " + within + "\nORDER BY survey DESC",
	},
	{
		ID: "scales_trend", Summary: "The same by steps of the period.", Views: []string{"scales_between"}, Period: true, Scope: true,
		SQL: "SELECT step_start, survey, nps_responses, nps, ces_responses, ces_mean, stars_responses, stars_top_share\nFROM {{db}}.scales_between(" + steps + ")\nWHERE " + within + "\nORDER BY step_start, survey DESC",
	},
	{
		ID: "places_scales", Summary: "The scopes of a kind with answers in scales of their own in a period, by survey: likelihood to recommend, customer effort and stars, with intervals that take answers as independent.", Views: []string{"scales_between"}, Period: true, Most: 1000,
		Params: listed,
		Sort:   []string{"nps", "ces_mean", "stars_top_share", "scope_id"},
		SQL:    "SELECT scope_id, survey, * EXCEPT (step_start, scope_kind, scope_id, survey, nps_counts, ces_counts, stars_counts)\nFROM {{db}}.scales_between(" + whole + ")\nWHERE scope_kind = {kind:String} AND " + amongListed,
	},
	{
		ID: "converted", Summary: "From which scales the grades of a scope were converted, over at most the last 31 days of a period; grade_from is empty where the customer was asked for one of the seven grades.", Views: []string{"converted_between"}, Period: true, Scope: true, Most: 1000,
		SQL: "SELECT grade_from, responses, mean_grade\nFROM {{db}}.converted_between(" + lately + ", " + scope + ")\nORDER BY responses DESC, grade_from",
	},
	{
		ID: "bursts", Summary: "Satisfaction of a scope with and without bursts of presses at one terminal, over at most the last 31 days of a period.", Views: []string{"bursts_between"}, Period: true, Scope: true,
		SQL: "SELECT responses, burst_responses, burst_terminals, csat_index, csat_index_without_bursts\nFROM {{db}}.bursts_between(resolution = {resolution:UInt32}, step_s = {total_s:UInt32}, " + lately + ")\nWHERE " + within,
	},
	{
		ID: "burst_terminals", Summary: "The terminals of the company or a store with bursts of presses, over at most the last 31 days of a period; none for scopes of other kinds.", Views: []string{"burst_terminals_between"}, Period: true, Scope: true, Most: 1000,
		Sort: []string{"burst_responses", "last_press_at", "terminal_id"},
		SQL:  "SELECT terminal_id, store_id, burst_responses, mean_grade, first_press_at, last_press_at\nFROM {{db}}.burst_terminals_between(" + lately + ")\nWHERE {scope_kind:String} = 'all' OR {scope_kind:String} = 'store' AND store_id = {scope_id:String}",
	},
	{
		ID: "asked", Summary: "How many were asked in a scope and how many of them answered, over at most the last 31 days of a period; nothing where nobody was asked.", Views: []string{"asked_between"}, Period: true, Scope: true,
		SQL: "SELECT * EXCEPT (step_start, scope_kind, scope_id)\nFROM {{db}}.asked_between(resolution = {resolution:UInt32}, step_s = {total_s:UInt32}, " + lately + ")\nWHERE " + within,
	},
	{
		ID: "asked_by_grade", Summary: "Whether the customers of a scope who were content before are asked more often, over the same days; nothing where nobody was asked, or no purchases are read.", Views: []string{"asked_by_grade_between"}, Period: true, Scope: true,
		SQL: "SELECT * EXCEPT (scope_kind, scope_id)\nFROM {{db}}.asked_by_grade_between(" + lately + ", scope_kind = {scope_kind:String})\nWHERE scope_id = {scope_id:String}",
	},
	{
		ID: "weighted", Summary: "Satisfaction of a scope over the same days, as answered and weighted so that the answers stand for all purchases; nothing where no purchases are read.", Views: []string{"weighted_between"}, Period: true, Scope: true,
		SQL: "SELECT * EXCEPT (scope_kind, scope_id)\nFROM {{db}}.weighted_between(" + lately + ", scope_kind = {scope_kind:String})\nWHERE scope_id = {scope_id:String}",
	},
	{
		ID: "parent", Summary: "The scope that contains an employee or a store.", Views: []string{"places"}, Scope: true,
		SQL: "SELECT parent_kind, parent_id\nFROM {{db}}.places\nWHERE " + within,
	},
	{
		ID: "known", Summary: "Whether there is anything of a scope: a response or a complaint, of any time.", Views: []string{"grades_between", "scales_between", "complaint_state"}, Scope: true,
		SQL: `SELECT (SELECT count() FROM {{db}}.grades_between(resolution = 86400, step_s = 4294967295, from = '1970-01-01 00:00:00', to = '2106-01-01 00:00:00') WHERE ` + within + `) + (SELECT count() FROM {{db}}.scales_between(resolution = 86400, step_s = 4294967295, from = '1970-01-01 00:00:00', to = '2106-01-01 00:00:00') WHERE ` + within + `) + (SELECT count() FROM {{db}}.complaint_state WHERE ` + complaintScope + `) > 0 AS known`,
	},
	{
		ID: "importance", Summary: "Importance and performance of RATER dimensions and factors, over at most the last 31 days of the period.", Views: []string{"importance_between"}, Period: true, Scope: true,
		SQL: "SELECT question, importance, importance_low, importance_high, performance, performance_low, performance_high, responses, quadrant\nFROM {{db}}.importance_between(" + lately + ", " + scope + ")\nORDER BY importance DESC",
	},
	{
		ID: "service_types", Summary: "The procedural and the personal side of service, of each scope of a kind.", Views: []string{"service_type_between"}, Period: true, Most: 1000,
		Params: []Param{{Name: "kind", Summary: "kind of scope", Choices: []string{"store", "region", "employee", "all"}}},
		SQL:    "SELECT scope_id, responses, procedural, personal, service_type\nFROM {{db}}.service_type_between(" + whole + ")\nWHERE scope_kind = {kind:String}\nORDER BY responses DESC, scope_id",
	},
}
