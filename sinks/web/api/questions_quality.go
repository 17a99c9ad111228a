package api

var qualityQuestions = []Question{
	{
		ID: "standards", Summary: "The service standards with defects and sigma level of a scope over a period; the first row is for all standards together.", Views: []string{"standards", "sigma"}, Period: true, Scope: true,
		SQL: `SELECT g.standard_id AS standard_id, s.does_en AS does_en, s.does_zh AS does_zh, s.stage AS stage, s.dimension AS dimension, s.target AS target, s.owner AS owner, s.faults AS faults,
    g.opportunities AS opportunities, g.defects AS defects, g.dpmo AS dpmo, g.sigma_level AS sigma_level
FROM (SELECT * FROM {{db}}.sigma_between(` + period + ") WHERE " + within + `) AS g
LEFT JOIN {{db}}.standards AS s ON g.standard_id = s.standard_id
ORDER BY g.standard_id != '', g.sigma_level NULLS LAST, g.standard_id`,
	},
	{
		ID: "sigma_trend", Summary: "Sigma level of all standards of a scope by day.", Views: []string{"sigma"}, Period: true, Scope: true,
		SQL: `SELECT pane_start, opportunities, defects, dpmo, sigma_level
FROM {{db}}.sigma
WHERE standard_id = '' AND pane_start >= {from:DateTime('UTC')} - INTERVAL 1 DAY AND pane_start < {to:DateTime('UTC')} AND ` + within + `
ORDER BY pane_start`,
	},
	{
		ID: "mystery", Summary: "Mystery shoppers' scores: whom to reward, and whom to visit again, by more than chance.", Views: []string{"mystery_score"}, Most: 1000,
		SQL: "SELECT scope_kind, scope_id, visits, score, low, high, last_visit_at, action\nFROM {{db}}.mystery_score\nORDER BY score DESC, scope_kind, scope_id",
	},
	{
		ID: "employees", Summary: "Employees with at least 30 responses, ranked over the whole days of a period by their mean at the same mix of work, with the places that chance allows.", Views: []string{"employee_ranking"}, Period: true, Most: 1000,
		Params: []Param{{Name: "store", Summary: "only those of this store"}},
		SQL: `SELECT employee_id, store_id, responses, mean_grade, posterior_mean, low, high, place, adjusted_mean, rank_low, rank_high
FROM {{db}}.employee_ranking_between(` + days + `)
WHERE {store:String} = '' OR store_id = {store:String}
ORDER BY isNull(rank_low), adjusted_mean DESC, employee_id`,
	},
	{
		ID: "gaps", Summary: "The five gaps of a scope over the whole days of a period, with 95 % intervals.", Views: []string{"gaps"}, Period: true, Scope: true,
		SQL: "SELECT gap, dimension, value, n, low, high\nFROM {{db}}.gaps_between(" + days + ")\nWHERE " + within + "\nORDER BY gap, dimension",
	},
	{
		ID: "gap_causes", Summary: "Causes of the gaps, with the evidence for them in all data.", Views: []string{"gap_causes"},
		SQL: "SELECT gap, cause, cause_en, cause_zh, evidence, remedies_en, remedies_zh\nFROM {{db}}.gap_causes\nORDER BY gap, evidence DESC NULLS LAST, cause",
	},
	{
		ID: "benchmark", Summary: "The own brand beside others, and how far it leads in answers of the same survey, source and month, over at most the last 31 days of the period.", Views: []string{"benchmark"}, Period: true,
		SQL: "SELECT measure, brand, responses, mean, low, high, place, rank_low, rank_high, own_lead, lead_low, lead_high, own_compared, own_compared_responses, compared_mean, compared_responses\nFROM {{db}}.benchmark_between(" + lately + ")\nORDER BY measure, brand != 'own', brand",
	},
	{
		ID: "csi", Summary: "The newest estimate of the satisfaction index and its paths by csatflow csi.", Views: []string{"csi"},
		SQL: `SELECT period_from, period_to, scope_kind, scope_id, kind, from_variable, to_variable, value, low, high, responses
FROM {{db}}.csi
WHERE (period_to, period_from, scope_kind, scope_id) IN (SELECT period_to, period_from, scope_kind, scope_id FROM {{db}}.csi ORDER BY scope_kind = 'all' DESC, period_to DESC, period_from LIMIT 1)
ORDER BY kind, from_variable, to_variable`,
	},
	{
		ID: "improvements", Summary: "Improvements, and what they brought.", Views: []string{"improvements"}, Most: 1000,
		SQL: "SELECT id, name, measure, method, scope_kind, scope_id, state, target, planned_at, changed_at, checked_at, closed_at, effect, low, high, p_placebo, before, after, control_before, control_after, outcome, note\nFROM {{db}}.improvements\nORDER BY planned_at DESC, id",
	},
}
