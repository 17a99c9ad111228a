package pipeline

import (
	"time"

	"csatflow/pipeline/customer"
	"csatflow/pipeline/event"
	"csatflow/pipeline/pane"
	"csatflow/pipeline/rows"
)

// moment is a row of the table moments: a response or a resolution, and what the other topic says of it.
type moment struct {
	kind       string // response, or recovery: a complaint and the grade that followed
	id         string
	version    uint64
	at         int64
	dims       pane.Dims
	own        []string // values of the owner's dimensions; none if it has none of any
	grade      uint8    // of the response; after the resolution; 0 if there is none
	voiced     bool     // a complaint was opened within a week
	complained bool     // the customer has complained at some time
	valid      bool     // false takes back an earlier row
}

func (t *Task) momentRow(w *rows.Moments, m *moment, customerID string) {
	w.Row()
	w.Partition = append(w.Partition, uint32(t.Partition))
	w.CustomerID = append(w.CustomerID, customerID)
	w.Kind = append(w.Kind, m.kind)
	w.MomentID = append(w.MomentID, m.id)
	w.Version = append(w.Version, m.version)
	w.OccurredAt = append(w.OccurredAt, time.UnixMilli(m.at).UTC())
	w.Region = append(w.Region, m.dims[pane.Region])
	w.StoreID = append(w.StoreID, m.dims[pane.Store])
	w.Source = append(w.Source, m.dims[pane.Source])
	w.Touchpoint = append(w.Touchpoint, m.dims[pane.Touchpoint])
	w.EmployeeID = append(w.EmployeeID, m.dims[pane.Employee])
	w.ProductCategory = append(w.ProductCategory, m.dims[pane.ProductCategory])
	w.CustomerType = append(w.CustomerType, m.dims[pane.CustomerType])
	w.Attributes = append(w.Attributes, t.ownByName(m.own))
	w.Grade = append(w.Grade, m.grade)
	w.Voiced = append(w.Voiced, m.voiced)
	w.Complained = append(w.Complained, m.complained)
	w.Valid = append(w.Valid, m.valid)
}

// responseMoment writes an instant response that was bad, or whose customer has complained at some time. What it says
// follows from the response and the complaints: its version counts the complaints' events alone.
func (t *Task) responseMoment(w *rows.Moments, customerID string, c *customer.Complaints, m *customer.Moment) {
	absorbed := c.Absorbed()
	if m.Survey != event.SurveyInstant || !m.Bad() && absorbed == 0 {
		return
	}
	dims, _, _ := t.registry.Cut(m.Dims)
	row := moment{kind: "response", id: t.rows.texts.of(hex(m.ID)), version: rows.VersionOf(absorbed), at: m.At, dims: dims, own: t.registry.Own(m.Dims),
		grade: m.Grade, voiced: c.OpenedWithin(m.At), complained: absorbed > 0, valid: true}
	t.momentRow(w, &row, customerID)
}

// hex gives 16 digits.
func hex(id uint64) []byte {
	const digits = "0123456789abcdef"
	var b [16]byte
	for i := range b {
		b[i] = digits[id>>(60-4*i)&15]
	}
	return b[:]
}

// lastMoment writes what is said of a response that leaves its customer's history: no later complaint changes it.
func (t *Task) lastMoment(number uint32, m *customer.Moment) {
	t.responseMoment(&t.left, string(t.identities.ID(number)), t.complaintsOf(number), m)
}

// recoveryMoment writes a complaint with the first grade after its resolution. It follows from both histories, and
// is written whenever either has grown.
func (t *Task) recoveryMoment(p *subject, id string, s *customer.Summary) {
	row := moment{kind: "recovery", id: id, version: rows.VersionOf(p.responses.Absorbed() + p.complaints.Absorbed()), dims: *complaintDims(s), own: s.Attributes.Values(), complained: true}
	if s.ResolvedAt != customer.Never {
		row.valid, row.at = true, s.ResolvedAt
		if next := p.responses.After(row.at); next != nil {
			row.grade = next.Grade
		}
	}
	t.momentRow(&t.rows.moments, &row, p.id)
}

// complaintRow writes where one complaint stands (table complaints).
func (t *Task) complaintRow(p *subject, id string, s *customer.Summary) {
	w := &t.rows.states
	w.Row()
	w.Partition = append(w.Partition, uint32(t.Partition))
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
	w.Category = append(w.Category, event.Name(event.Categories, s.Category))
	w.Emotion = append(w.Emotion, event.Name(event.Emotions, s.Emotion))
	w.LeaveReason = append(w.LeaveReason, event.Name(event.LeaveReasons, s.LeaveReason))
	w.Region = append(w.Region, s.Region)
	w.StoreID = append(w.StoreID, s.Store)
	w.Source = append(w.Source, event.Name(event.Sources, s.Source))
	w.EmployeeID = append(w.EmployeeID, s.Employee)
	w.Attributes = append(w.Attributes, t.ownByName(s.Attributes.Values()))
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

// endOfTime closes what is still open, in columns that cannot be null.
var endOfTime = time.Date(2106, 1, 1, 0, 0, 0, 0, time.UTC)

func instant(ms int64) *time.Time {
	if ms == customer.Never {
		return nil
	}
	t := time.UnixMilli(ms).UTC()
	return &t
}

func seconds(s int64) *int64 {
	if s < 0 {
		return nil
	}
	return &s
}
