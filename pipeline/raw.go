package pipeline

import (
	"time"

	"csatflow/pipeline/event"
)

// maxRowBytes is about the most that a row keeps of a message: a comment, ids and answers have their limits.
const maxRowBytes = 128 << 10

// addResponse adds a response as it was received (table responses).
func (w *rowBuilder) addResponse(partition int, rec *Record, r *event.Response) {
	a := w.row()
	add(a, "partition", uint32(partition))
	add(a, "offset", rec.Offset)
	add(a, "appended_at", rec.Time)
	add(a, "event_id", string(r.EventID))
	add(a, "occurred_at", time.UnixMilli(r.OccurredAt).UTC())
	add(a, "customer_id", string(r.CustomerID))
	add(a, "terminal_id", string(r.TerminalID))
	add(a, "grade", r.Grade)
	add(a, "source", event.Name(event.Sources, r.Source))
	add(a, "survey", event.Name(event.Surveys, r.Survey))
	add(a, "touchpoint", string(r.Touchpoint))
	add(a, "store_id", string(r.StoreID))
	add(a, "region", string(r.Region))
	add(a, "employee_id", string(r.EmployeeID))
	add(a, "product_category", string(r.ProductCategory))
	add(a, "order_id", string(r.OrderID))
	add(a, "brand", string(r.Brand))
	add(a, "expectation", r.Expectation)
	add(a, "performance", r.Performance)
	add(a, "rater", given(r.Rater[:]))
	add(a, "factors", given(r.Factors[:]))
	add(a, "facets", given(r.Facets[:]))
	add(a, "scorecard", given(r.Scorecard[:]))
	add(a, "tcs", given(r.TCS[:]))
	add(a, "experience", names(event.ExperienceNames, r.Experience))
	add(a, "has_experience", r.HasExperience)
	add(a, "need_level", event.Name(event.NeedLevels, r.NeedLevel))
	add(a, "customer_kind", event.Name(event.CustomerKinds, r.CustomerKind))
	add(a, "customer_type", event.Name(event.CustomerTypes, r.CustomerType))
	add(a, "customer_role", event.Name(event.CustomerRoles, r.CustomerRole))
	add(a, "equity", equityOf(r))
	add(a, "perceived_price", r.PerceivedPrice)
	add(a, "emotion", event.Name(event.Emotions, r.Emotion))
	add(a, "repurchase", event.Name(event.Repurchases, r.Repurchase))
	add(a, "recommend", event.Name(event.Recommends, r.Recommend))
	add(a, "answers", answersOf(r))
	add(a, "attributes", attributesOf(r.Attributes))
	add(a, "comment", string(r.Comment))
	add(a, "unknown_fields", uint32(r.Unknown))
}

// addComplaint adds a step as it was received (table complaint_events).
func (w *rowBuilder) addComplaint(partition int, rec *Record, c *event.Complaint) {
	a := w.row()
	add(a, "partition", uint32(partition))
	add(a, "offset", rec.Offset)
	add(a, "appended_at", rec.Time)
	add(a, "event_id", string(c.EventID))
	add(a, "occurred_at", time.UnixMilli(c.OccurredAt).UTC())
	add(a, "customer_id", string(c.CustomerID))
	add(a, "complaint_id", string(c.ComplaintID))
	add(a, "step", event.Name(event.Steps, c.Step))
	add(a, "source", event.Name(event.Sources, c.Source))
	add(a, "store_id", string(c.StoreID))
	add(a, "region", string(c.Region))
	add(a, "employee_id", string(c.EmployeeID))
	add(a, "category", event.Name(event.Categories, c.Category))
	add(a, "emotion", event.Name(event.Emotions, c.Emotion))
	add(a, "remedies", names(event.RemedyNames, c.Remedies))
	add(a, "compensation", compensationOf(c))
	add(a, "outcome_fairness", c.OutcomeFairness)
	add(a, "process_fairness", c.ProcessFairness)
	add(a, "leave_reason", event.Name(event.LeaveReasons, c.LeaveReason))
	add(a, "attributes", attributesOf(c.Attributes))
	add(a, "comment", string(c.Comment))
	add(a, "unknown_fields", uint32(c.Unknown))
}

// given copies the answers of a scale, in the order of their names, 0 where there is none; nothing if none was given.
func given(answers []uint8) []uint8 {
	for _, a := range answers {
		if a != 0 {
			return append([]uint8(nil), answers...)
		}
	}
	return nil
}

func names(of []string, set uint8) []string {
	var list []string
	for i, n := range of {
		if set>>i&1 == 1 {
			list = append(list, n)
		}
	}
	return list
}

func equityOf(r *event.Response) *int8 {
	if !r.HasEquity {
		return nil
	}
	v := r.Equity
	return &v
}

func compensationOf(c *event.Complaint) *float64 {
	if !c.HasCompensation {
		return nil
	}
	v := c.Compensation
	return &v
}

func answersOf(r *event.Response) map[string]uint8 {
	m := make(map[string]uint8, len(r.Answers))
	for _, a := range r.Answers {
		m[string(a.Question)] = a.Value
	}
	return m
}

// attributesOf gives attributes by name; nil when there is none.
func attributesOf(list []event.Attribute) map[string]string {
	if len(list) == 0 {
		return nil
	}
	m := make(map[string]string, len(list))
	for _, a := range list {
		m[string(a.Name)] = string(a.Value)
	}
	return m
}

// addEvent adds what every event as received has.
func addEvent(a *adder, partition int, rec *Record, id []byte, at int64) {
	add(a, "partition", uint32(partition))
	add(a, "offset", rec.Offset)
	add(a, "appended_at", rec.Time)
	add(a, "event_id", string(id))
	add(a, "occurred_at", time.UnixMilli(at).UTC())
}

// addPurchase adds a purchase as it was received (table purchases).
func (w *rowBuilder) addPurchase(partition int, rec *Record, p *event.Purchase) {
	a := w.row()
	addEvent(a, partition, rec, p.EventID, p.OccurredAt)
	add(a, "customer_id", string(p.CustomerID))
	add(a, "amount", p.Amount)
	add(a, "margin", optional(p.Margin, p.HasMargin))
	add(a, "service_cost", optional(p.ServiceCost, p.HasServiceCost))
	add(a, "store_id", string(p.StoreID))
	add(a, "region", string(p.Region))
	add(a, "product_category", string(p.ProductCategory))
	add(a, "order_id", string(p.OrderID))
	add(a, "unknown_fields", uint32(p.Unknown))
}

// addObservation adds an observation (table observations).
func (w *rowBuilder) addObservation(partition int, rec *Record, o *event.Observation) {
	a := w.row()
	addEvent(a, partition, rec, o.EventID, o.OccurredAt)
	add(a, "kind", event.Name(event.ObservationKinds, o.Kind))
	add(a, "store_id", string(o.StoreID))
	add(a, "employee_id", string(o.EmployeeID))
	add(a, "standard_id", string(o.StandardID))
	add(a, "opportunities", optional(int64(o.Opportunities), o.HasOpportunities))
	add(a, "defects", optional(int64(o.Defects), o.HasDefects))
	add(a, "seconds_to_greet", optional(o.SecondsToGreet, o.HasSecondsToGreet))
	add(a, "selling_effort", o.SellingEffort)
	add(a, "product_knowledge", o.ProductKnowledge)
	add(a, "promised", o.Promised)
	add(a, "delivered", o.Delivered)
	add(a, "unknown_fields", uint32(o.Unknown))
}

// addDeparture adds a departure (table departures).
func (w *rowBuilder) addDeparture(partition int, rec *Record, d *event.Departure) {
	a := w.row()
	addEvent(a, partition, rec, d.EventID, d.OccurredAt)
	add(a, "customer_id", string(d.CustomerID))
	add(a, "leave_reason", event.Name(event.LeaveReasons, d.LeaveReason))
	add(a, "unknown_fields", uint32(d.Unknown))
}

// optional is nil for what was not given.
func optional[T any](v T, given bool) *T {
	if !given {
		return nil
	}
	return &v
}
