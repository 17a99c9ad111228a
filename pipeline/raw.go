package pipeline

import (
	"time"

	"csatflow/pipeline/event"
	"csatflow/pipeline/rows"
)

// maxRowBytes is about the most that a row keeps of a message: a comment, ids and answers have their limits.
const maxRowBytes = 128 << 10

// received are the events of all topics as they were received.
type received struct {
	responses    rows.Responses
	complaints   rows.ComplaintEvents
	purchases    rows.Purchases
	observations rows.Observations
	departures   rows.Departures
}

// len is how many they are.
func (r *received) len() int {
	return r.responses.Len() + r.complaints.Len() + r.purchases.Len() + r.observations.Len() + r.departures.Len()
}

// take gives them and begins anew.
func (r *received) take() []Rows {
	return appendRows(nil, r.responses.Take(), r.complaints.Take(), r.purchases.Take(), r.observations.Take(), r.departures.Take())
}

// addResponse adds a response as it was received (table responses).
func addResponse(w *rows.Responses, partition int, rec *Record, r *event.Response) {
	w.Row()
	w.Partition = append(w.Partition, uint32(partition))
	w.Offset = append(w.Offset, rec.Offset)
	w.AppendedAt = append(w.AppendedAt, rec.Time)
	w.EventID = append(w.EventID, string(r.EventID))
	w.OccurredAt = append(w.OccurredAt, time.UnixMilli(r.OccurredAt).UTC())
	w.CustomerID = append(w.CustomerID, string(r.CustomerID))
	w.TerminalID = append(w.TerminalID, string(r.TerminalID))
	w.Grade = append(w.Grade, r.Grade)
	w.Source = append(w.Source, event.Name(event.Sources, r.Source))
	w.Survey = append(w.Survey, event.Name(event.Surveys, r.Survey))
	w.Touchpoint = append(w.Touchpoint, string(r.Touchpoint))
	w.StoreID = append(w.StoreID, string(r.StoreID))
	w.Region = append(w.Region, string(r.Region))
	w.EmployeeID = append(w.EmployeeID, string(r.EmployeeID))
	w.ProductCategory = append(w.ProductCategory, string(r.ProductCategory))
	w.OrderID = append(w.OrderID, string(r.OrderID))
	w.Brand = append(w.Brand, string(r.Brand))
	w.Expectation = append(w.Expectation, r.Expectation)
	w.Performance = append(w.Performance, r.Performance)
	w.Rater = append(w.Rater, given(r.Rater[:]))
	w.Factors = append(w.Factors, given(r.Factors[:]))
	w.Facets = append(w.Facets, given(r.Facets[:]))
	w.Scorecard = append(w.Scorecard, given(r.Scorecard[:]))
	w.Tcs = append(w.Tcs, given(r.TCS[:]))
	w.Experience = append(w.Experience, names(event.ExperienceNames, r.Experience))
	w.HasExperience = append(w.HasExperience, r.HasExperience)
	w.NeedLevel = append(w.NeedLevel, event.Name(event.NeedLevels, r.NeedLevel))
	w.CustomerKind = append(w.CustomerKind, event.Name(event.CustomerKinds, r.CustomerKind))
	w.CustomerType = append(w.CustomerType, event.Name(event.CustomerTypes, r.CustomerType))
	w.CustomerRole = append(w.CustomerRole, event.Name(event.CustomerRoles, r.CustomerRole))
	w.Equity = append(w.Equity, equityOf(r))
	w.PerceivedPrice = append(w.PerceivedPrice, r.PerceivedPrice)
	w.Emotion = append(w.Emotion, event.Name(event.Emotions, r.Emotion))
	w.Repurchase = append(w.Repurchase, event.Name(event.Repurchases, r.Repurchase))
	w.Recommend = append(w.Recommend, event.Name(event.Recommends, r.Recommend))
	w.Answers = append(w.Answers, answersOf(r))
	w.Attributes = append(w.Attributes, attributesOf(r.Attributes))
	w.Comment = append(w.Comment, string(r.Comment))
	w.UnknownFields = append(w.UnknownFields, uint32(r.Unknown))
}

// addComplaint adds a step as it was received (table complaint_events).
func addComplaint(w *rows.ComplaintEvents, partition int, rec *Record, c *event.Complaint) {
	w.Row()
	w.Partition = append(w.Partition, uint32(partition))
	w.Offset = append(w.Offset, rec.Offset)
	w.AppendedAt = append(w.AppendedAt, rec.Time)
	w.EventID = append(w.EventID, string(c.EventID))
	w.OccurredAt = append(w.OccurredAt, time.UnixMilli(c.OccurredAt).UTC())
	w.CustomerID = append(w.CustomerID, string(c.CustomerID))
	w.ComplaintID = append(w.ComplaintID, string(c.ComplaintID))
	w.Step = append(w.Step, event.Name(event.Steps, c.Step))
	w.Source = append(w.Source, event.Name(event.Sources, c.Source))
	w.StoreID = append(w.StoreID, string(c.StoreID))
	w.Region = append(w.Region, string(c.Region))
	w.EmployeeID = append(w.EmployeeID, string(c.EmployeeID))
	w.Category = append(w.Category, event.Name(event.Categories, c.Category))
	w.Emotion = append(w.Emotion, event.Name(event.Emotions, c.Emotion))
	w.Remedies = append(w.Remedies, names(event.RemedyNames, c.Remedies))
	w.Compensation = append(w.Compensation, compensationOf(c))
	w.OutcomeFairness = append(w.OutcomeFairness, c.OutcomeFairness)
	w.ProcessFairness = append(w.ProcessFairness, c.ProcessFairness)
	w.LeaveReason = append(w.LeaveReason, event.Name(event.LeaveReasons, c.LeaveReason))
	w.Attributes = append(w.Attributes, attributesOf(c.Attributes))
	w.Comment = append(w.Comment, string(c.Comment))
	w.UnknownFields = append(w.UnknownFields, uint32(c.Unknown))
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

// addPurchase adds a purchase as it was received (table purchases).
func addPurchase(w *rows.Purchases, partition int, rec *Record, p *event.Purchase) {
	w.Row()
	w.Partition = append(w.Partition, uint32(partition))
	w.Offset = append(w.Offset, rec.Offset)
	w.AppendedAt = append(w.AppendedAt, rec.Time)
	w.EventID = append(w.EventID, string(p.EventID))
	w.OccurredAt = append(w.OccurredAt, time.UnixMilli(p.OccurredAt).UTC())
	w.CustomerID = append(w.CustomerID, string(p.CustomerID))
	w.Amount = append(w.Amount, p.Amount)
	w.Margin = append(w.Margin, optional(p.Margin, p.HasMargin))
	w.ServiceCost = append(w.ServiceCost, optional(p.ServiceCost, p.HasServiceCost))
	w.StoreID = append(w.StoreID, string(p.StoreID))
	w.Region = append(w.Region, string(p.Region))
	w.ProductCategory = append(w.ProductCategory, string(p.ProductCategory))
	w.OrderID = append(w.OrderID, string(p.OrderID))
	w.UnknownFields = append(w.UnknownFields, uint32(p.Unknown))
}

// addObservation adds an observation (table observations).
func addObservation(w *rows.Observations, partition int, rec *Record, o *event.Observation) {
	w.Row()
	w.Partition = append(w.Partition, uint32(partition))
	w.Offset = append(w.Offset, rec.Offset)
	w.AppendedAt = append(w.AppendedAt, rec.Time)
	w.EventID = append(w.EventID, string(o.EventID))
	w.OccurredAt = append(w.OccurredAt, time.UnixMilli(o.OccurredAt).UTC())
	w.Kind = append(w.Kind, event.Name(event.ObservationKinds, o.Kind))
	w.StoreID = append(w.StoreID, string(o.StoreID))
	w.EmployeeID = append(w.EmployeeID, string(o.EmployeeID))
	w.StandardID = append(w.StandardID, string(o.StandardID))
	w.Opportunities = append(w.Opportunities, optional(int64(o.Opportunities), o.HasOpportunities))
	w.Defects = append(w.Defects, optional(int64(o.Defects), o.HasDefects))
	w.SecondsToGreet = append(w.SecondsToGreet, optional(o.SecondsToGreet, o.HasSecondsToGreet))
	w.SellingEffort = append(w.SellingEffort, o.SellingEffort)
	w.ProductKnowledge = append(w.ProductKnowledge, o.ProductKnowledge)
	w.Promised = append(w.Promised, o.Promised)
	w.Delivered = append(w.Delivered, o.Delivered)
	w.UnknownFields = append(w.UnknownFields, uint32(o.Unknown))
}

// addDeparture adds a departure (table departures).
func addDeparture(w *rows.Departures, partition int, rec *Record, d *event.Departure) {
	w.Row()
	w.Partition = append(w.Partition, uint32(partition))
	w.Offset = append(w.Offset, rec.Offset)
	w.AppendedAt = append(w.AppendedAt, rec.Time)
	w.EventID = append(w.EventID, string(d.EventID))
	w.OccurredAt = append(w.OccurredAt, time.UnixMilli(d.OccurredAt).UTC())
	w.CustomerID = append(w.CustomerID, string(d.CustomerID))
	w.LeaveReason = append(w.LeaveReason, event.Name(event.LeaveReasons, d.LeaveReason))
	w.UnknownFields = append(w.UnknownFields, uint32(d.Unknown))
}

// optional is nil for what was not given.
func optional[T any](v T, given bool) *T {
	if !given {
		return nil
	}
	return &v
}
