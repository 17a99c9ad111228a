package derived

import (
	"time"

	"csatflow/pipeline/customer"
	"csatflow/pipeline/event"
	"csatflow/pipeline/rows"
)

// complaintRow adds the state of a complaint (table complaints).
func (r *Rows) complaintRow(p *Subject, id string, s *customer.Summary) {
	w := &r.states
	w.Row()
	w.Partition = append(w.Partition, uint32(r.Partition))
	w.CustomerID = append(w.CustomerID, p.id)
	w.ComplaintID = append(w.ComplaintID, id)
	w.Mark = append(w.Mark, p.complaints.Mark)
	w.Version = append(w.Version, rows.MarkVersion(p.complaints.Mark))
	w.State = append(w.State, s.State.String())
	w.OpenedAt = append(w.OpenedAt, instant(s.OpenedAt))
	w.ResolvedAt = append(w.ResolvedAt, instant(s.ResolvedAt))
	w.WithdrawnAt = append(w.WithdrawnAt, instant(s.WithdrawnAt))
	w.FirstResponseAt = append(w.FirstResponseAt, instant(s.FirstResponseAt))
	w.BreachedAt = append(w.BreachedAt, instant(s.BreachedAt))
	w.LastStepAt = append(w.LastStepAt, time.UnixMilli(s.LastAt).UTC())
	w.Reopened = append(w.Reopened, uint32(len(s.Reopened)))
	w.RecoverySeconds = append(w.RecoverySeconds, seconds(s.RecoverySeconds))
	w.FirstResponseSeconds = append(w.FirstResponseSeconds, seconds(s.ResponseSeconds))
	w.PromiseSeconds = append(w.PromiseSeconds, s.Promise)
	w.Contacts = append(w.Contacts, uint32(s.Contacts))
	w.Handoffs = append(w.Handoffs, uint32(s.Handoffs))
	w.EmployeesMet = append(w.EmployeesMet, uint32(s.EmployeesMet))
	w.FirstContactResolution = append(w.FirstContactResolution, s.FirstContact)
	w.OutcomeFairness = append(w.OutcomeFairness, s.Outcome)
	w.ProcessFairness = append(w.ProcessFairness, s.Process)
	w.Remedies = append(w.Remedies, event.Names(event.RemedyNames, s.Remedies))
	w.Category = append(w.Category, s.CategoryName())
	w.Emotion = append(w.Emotion, event.Name(event.Emotions, s.Emotion))
	w.LeaveReason = append(w.LeaveReason, event.Name(event.LeaveReasons, s.LeaveReason))
	w.Region = append(w.Region, s.Region)
	w.StoreID = append(w.StoreID, s.Store)
	w.Source = append(w.Source, s.SourceName())
	w.EmployeeID = append(w.EmployeeID, s.Employee)
	w.Attributes = append(w.Attributes, r.ownByName(s.Attributes.Values()))
	from, to := make([]time.Time, 0, len(s.OpenIntervals)), make([]time.Time, 0, len(s.OpenIntervals))
	for _, i := range s.OpenIntervals {
		end := endOfTime
		if i.To != customer.Never {
			end = time.UnixMilli(i.To).UTC()
		}
		from, to = append(from, time.UnixMilli(i.From).UTC()), append(to, end)
	}
	w.OpenFrom = append(w.OpenFrom, from)
	w.OpenTo = append(w.OpenTo, to)
}

// endOfTime ends open intervals, in columns that cannot be null.
var endOfTime = time.Date(2106, 1, 1, 0, 0, 0, 0, time.UTC)
