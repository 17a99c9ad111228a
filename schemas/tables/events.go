package tables

// Responses is the table responses.
var Responses = &Table{
	Name:  "responses",
	About: "Responses as received, repetitions included (section 2). Scales are 0 when not given.",
	Kind:  AsReceived, Topics: []string{"responses"}, Stage: FactsStage,
	Key: []string{"partition", "offset"}, Customer: []string{"customer_id", "terminal_id"}, Keep: Retention{Raw: true, Column: "appended_at"},
	Indexes: []string{"by_time occurred_at TYPE minmax GRANULARITY 1", "by_customer customer_id TYPE bloom_filter(0.01) GRANULARITY 1"},
	Columns: asReceived("responses", Column{Name: "touchpoint", Type: fewNames}, Column{Name: "region", Type: fewNames}, Column{Name: "product_category", Type: fewNames},
		Column{Name: "brand", Type: fewNames}, Column{Name: "grade"}, Column{Name: "grade_from", Type: fewNames, Comment: "scale that the grade was converted from; grade is 0 where the response is in other scales alone"}, Column{Name: "rater", Comment: "in the order of the scale, empty when not given"}, Column{Name: "rater_expectation", Comment: "in the order of the scale rater, empty when not given"}),
}

// ComplaintEvents is the table complaint_events.
var ComplaintEvents = &Table{
	Name:  "complaint_events",
	About: "Steps of complaints as received, repetitions included.",
	Kind:  AsReceived, Topics: []string{"complaints"}, Stage: FactsStage,
	Key: []string{"partition", "offset"}, Customer: []string{"customer_id"}, Keep: Retention{Raw: true, Column: "appended_at"},
	Indexes: []string{"by_customer customer_id TYPE bloom_filter(0.01) GRANULARITY 1"},
	Columns: asReceived("complaints", Column{Name: "region", Type: fewNames}),
}

// Purchases is the table purchases.
var Purchases = &Table{
	Name:  "purchases",
	About: "Purchases as received, repetitions included.",
	Kind:  AsReceived, Topics: []string{"purchases"}, Stage: FactsStage,
	Key: []string{"partition", "offset"}, Customer: []string{"customer_id"}, Keep: Retention{Raw: true, Column: "appended_at"},
	Indexes: []string{"by_time occurred_at TYPE minmax GRANULARITY 1", "by_customer customer_id TYPE bloom_filter(0.01) GRANULARITY 1"},
	Columns: asReceived("purchases", Column{Name: "amount", Comment: "in the configured currency, negative for a return"}, Column{Name: "region", Type: fewNames},
		Column{Name: "product_category", Type: fewNames}),
}

// Observations is the table observations.
var Observations = &Table{
	Name:  "observations",
	About: "Observations as received, repetitions included. No other table has them, so they are kept for ever.",
	Kind:  AsReceived, Topics: []string{"observations"}, Stage: FactsStage,
	Key: []string{"partition", "offset"}, Customer: []string{"store_id"},
	Columns: asReceived("observations", Column{Name: "kind", Comment: "mystery_visit or standard_check"}, Column{Name: "selling_effort", Comment: notSaid},
		Column{Name: "product_knowledge", Comment: notSaid}, Column{Name: "promised", Comment: notSaid}, Column{Name: "delivered", Comment: notSaid}),
}

// Departures is the table departures.
var Departures = &Table{
	Name:  "departures",
	About: "Departures as received, repetitions included. No other table has them, so they are kept for ever.",
	Kind:  AsReceived, Topics: []string{"departures"}, Stage: FactsStage,
	Key: []string{"partition", "offset"}, Customer: []string{"customer_id"},
	Indexes: []string{"by_customer customer_id TYPE bloom_filter(0.01) GRANULARITY 1"},
	Columns: asReceived("departures"),
}

// Asked is the table asked.
var Asked = &Table{
	Name:  "asked",
	About: "Invitations as received, repetitions included: who was asked.",
	Kind:  AsReceived, Topics: []string{"asked"}, Stage: FactsStage,
	Key: []string{"partition", "offset"}, Customer: []string{"customer_id", "terminal_id"}, Keep: Retention{Raw: true, Column: "appended_at"},
	Indexes: []string{"by_time occurred_at TYPE minmax GRANULARITY 1", "by_customer customer_id TYPE bloom_filter(0.01) GRANULARITY 1"},
	Columns: asReceived("asked", Column{Name: "occasion", Type: fewNames}, Column{Name: "channel", Type: fewNames}, Column{Name: "touchpoint", Type: fewNames},
		Column{Name: "region", Type: fewNames}, Column{Name: "product_category", Type: fewNames}),
}
