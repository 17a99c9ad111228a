package pipeline

import (
	"time"

	"csatflow/pipeline/customer"
	"csatflow/pipeline/event"
	"csatflow/pipeline/pane"
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

func (t *Task) momentRow(w *rowBuilder, m *moment, customerID string) {
	a := w.row()
	add(a, "partition", uint32(t.Partition))
	add(a, "customer_id", customerID)
	add(a, "kind", m.kind)
	add(a, "moment_id", m.id)
	add(a, "version", m.version)
	add(a, "occurred_at", time.UnixMilli(m.at).UTC())
	dimensions := t.set.Kinds.Set().All()
	for d, v := range m.dims {
		add(a, dimensions[d].Column, v)
	}
	t.addOwn(a, m.own)
	add(a, "grade", m.grade)
	add(a, "voiced", m.voiced)
	add(a, "complained", m.complained)
	add(a, "valid", m.valid)
}

// responseMoment writes an instant response that was bad, or whose customer has complained at some time. What it says
// follows from the response and the complaints: its version counts the complaints' events alone.
func (t *Task) responseMoment(w *rowBuilder, customerID string, c *customer.Complaints, m *customer.Moment) {
	absorbed := c.Absorbed()
	if m.Survey != event.SurveyInstant || !m.Bad() && absorbed == 0 {
		return
	}
	dims, _, _ := t.registry.Cut(m.Dims)
	row := moment{kind: "response", id: t.rows.texts.of(hex(m.ID)), version: versionOf(absorbed), at: m.At, dims: dims, own: t.registry.Own(m.Dims),
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
	t.responseMoment(&t.left, string(t.people.id(number)), t.complaintsOf(number), m)
}

// recoveryMoment writes a complaint with the first grade after its resolution. It follows from both histories, and
// is written whenever either has grown.
func (t *Task) recoveryMoment(p *of, id string, s *customer.Summary) {
	row := moment{kind: "recovery", id: id, version: versionOf(p.responses.Absorbed() + p.complaints.Absorbed()), dims: *complaintDims(s), own: s.Attributes.Values(), complained: true}
	if s.ResolvedAt != customer.Never {
		row.valid, row.at = true, s.ResolvedAt
		if next := p.responses.After(row.at); next != nil {
			row.grade = next.Grade
		}
	}
	t.momentRow(&t.rows.moments, &row, p.id)
}

// complaintRow writes where one complaint stands (table complaints).
func (t *Task) complaintRow(p *of, id string, s *customer.Summary) {
	a := t.rows.states.row()
	add(a, "partition", uint32(t.Partition))
	add(a, "customer_id", p.id)
	add(a, "complaint_id", id)
	add(a, "mark", p.complaints.Mark)
	add(a, "version", markVersion(p.complaints.Mark))
	add(a, "state", s.State.String())
	add(a, "opened_at", instant(s.OpenedAt))
	add(a, "resolved_at", instant(s.ResolvedAt))
	add(a, "withdrawn_at", instant(s.WithdrawnAt))
	add(a, "first_response_at", instant(s.FirstResponseAt))
	add(a, "breached_at", instant(s.BreachedAt))
	add(a, "last_step_at", instant(s.LastAt))
	add(a, "reopened", uint32(len(s.Reopened)))
	add(a, "recovery_seconds", seconds(s.RecoverySeconds))
	add(a, "first_response_seconds", seconds(s.ResponseSeconds))
	add(a, "promise_seconds", s.Promise)
	add(a, "contacts", uint32(s.Contacts))
	add(a, "handoffs", uint32(s.Handoffs))
	add(a, "employees_met", uint32(s.EmployeesMet))
	add(a, "first_contact_resolution", s.FirstContact)
	add(a, "outcome_fairness", s.Outcome)
	add(a, "process_fairness", s.Process)
	add(a, "remedies", names(event.RemedyNames, s.Remedies))
	add(a, "category", event.Name(event.Categories, s.Category))
	add(a, "emotion", event.Name(event.Emotions, s.Emotion))
	add(a, "leave_reason", event.Name(event.LeaveReasons, s.LeaveReason))
	add(a, "region", s.Region)
	add(a, "store_id", s.Store)
	add(a, "source", event.Name(event.Sources, s.Source))
	add(a, "employee_id", s.Employee)
	t.addOwn(a, s.Attributes.Values())
	from, to := make([]time.Time, 0, len(s.OpenIntervals)), make([]time.Time, 0, len(s.OpenIntervals))
	for _, i := range s.OpenIntervals {
		end := endOfTime
		if i.To != customer.Never {
			end = time.UnixMilli(i.To).UTC()
		}
		from, to = append(from, time.UnixMilli(i.From).UTC()), append(to, end)
	}
	add(a, "open_from", from)
	add(a, "open_to", to)
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
