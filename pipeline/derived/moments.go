package derived

import (
	"time"

	"csatflow/pipeline/customer"
	"csatflow/pipeline/event"
	"csatflow/pipeline/pane"
	"csatflow/pipeline/rows"
)

// moment is a row of the table moments: a response or a resolution, with what the other topic says of it.
type moment struct {
	kind       string // response, or recovery: a complaint and the grade that followed
	id         string
	version    uint64
	at         int64
	dims       pane.Dims
	own        []string // values of the owner's dimensions; nil if there are none
	grade      uint8    // of the response, or the first after the resolution; 0 for none
	voiced     bool     // a complaint was opened within a week
	complained bool     // the customer has ever complained
	valid      bool     // false retracts an earlier row
}

func (r *Rows) momentRow(w *rows.Moments, m *moment, customerID string) {
	w.Row()
	w.Partition = append(w.Partition, uint32(r.Partition))
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
	w.Attributes = append(w.Attributes, r.ownByName(m.own))
	w.Grade = append(w.Grade, m.grade)
	w.Voiced = append(w.Voiced, m.voiced)
	w.Complained = append(w.Complained, m.complained)
	w.Valid = append(w.Valid, m.valid)
}

// responseMoment adds an instant response that was bad, or whose customer has ever complained. Only complaints can change
// the row, so its version counts only the complaints' events.
func (r *Rows) responseMoment(w *rows.Moments, customerID string, c *customer.Complaints, m *customer.Moment) {
	absorbed := c.Absorbed()
	if m.Survey != event.SurveyInstant || !m.Bad() && absorbed == 0 {
		return
	}
	dims, _, _ := r.Registry.Cut(m.Dims)
	row := moment{kind: "response", id: r.texts.of(hex(m.ID)), version: rows.VersionOf(absorbed), at: m.At, dims: dims, own: r.Registry.Own(m.Dims),
		grade: m.Grade, voiced: c.OpenedWithin(m.At), complained: absorbed > 0, valid: true}
	r.momentRow(w, &row, customerID)
}

// hex returns 16 hexadecimal digits.
func hex(id uint64) []byte {
	const digits = "0123456789abcdef"
	var b [16]byte
	for i := range b {
		b[i] = digits[id>>(60-4*i)&15]
	}
	return b[:]
}

// Left adds the row of a response that leaves its customer's history: no later complaint changes it.
func (r *Rows) Left(customerID []byte, c *customer.Complaints, m *customer.Moment) {
	r.responseMoment(&r.left, string(customerID), c, m)
}

// recoveryMoment adds a complaint with the first grade after its resolution. It depends on both histories, and
// is written whenever either has grown.
func (r *Rows) recoveryMoment(p *Subject, id string, s *customer.Summary) {
	row := moment{kind: "recovery", id: id, version: rows.VersionOf(p.responses.Absorbed() + p.complaints.Absorbed()), dims: *s.Dims(), own: s.Attributes.Values(), complained: true}
	if s.ResolvedAt != customer.Never {
		row.valid, row.at = true, s.ResolvedAt
		if next := p.responses.After(row.at); next != nil {
			row.grade = next.Grade
		}
	}
	r.momentRow(&r.moments, &row, p.id)
}

// ownByName returns the values of the owner's dimensions by name; nil if there are none.
func (r *Rows) ownByName(values []string) map[string]string {
	if len(values) == 0 {
		return nil
	}
	own := r.Kinds.Set().Own()
	m := make(map[string]string, len(own))
	for i, v := range values {
		if v != "" {
			m[own[i].Name] = v
		}
	}
	return m
}
