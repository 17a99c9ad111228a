package pipeline

import (
	"encoding/binary"
	"slices"

	"csatflow/pipeline/customer"
	"csatflow/pipeline/event"
)

// change is what a flush has to write of one customer or terminal.
type change struct {
	person     uint32
	responses  bool                 // the history of responses has grown
	purchases  bool                 // that of purchases has
	allMoments bool                 // every response's row is to be made again
	fresh      []uint64             // responses taken in since the last flush
	complaints *customer.Complaints // nil unless that history has grown: then it stays read until the flush
	steppedOn  []string             // complaints with a new step
}

// touch gives the change of an identity. It holds until the next one is made.
func (t *Task) touch(number uint32) *change {
	p := t.identities.At(number)
	if p.Change != 0 {
		return &t.changes[p.Change-1]
	}
	n := len(t.changes)
	if n < cap(t.changes) {
		t.changes = t.changes[:n+1] // one of an earlier flush: the memory of its lists is used again
	} else {
		t.changes = append(t.changes, change{})
	}
	p.Change = uint32(n + 1)
	c := &t.changes[n]
	*c = change{person: number, fresh: c.fresh[:0], steppedOn: c.steppedOn[:0]}
	return c
}

// responsesOf gives an identity's history of responses, until the next call.
func (t *Task) responsesOf(number uint32) *customer.Responses {
	t.codec.SetResident(t.identities.State(number).Responses, &t.responses)
	return &t.responses
}

// keepResponses keeps what an identity's history of responses has become.
func (t *Task) keepResponses(number uint32, h *customer.Responses) {
	s := t.identities.State(number)
	t.identities.End(number, t.codec.AppendResident(t.identities.Begin(&s), h))
}

// purchasesOf gives a customer's history of purchases, until the next call.
func (t *Task) purchasesOf(number uint32) *customer.Purchases {
	h, b := &t.purchases, t.identities.State(number).Purchases
	if len(b) == 0 {
		h.Reset()
		return h
	}
	mark, n := binary.Uvarint(b)
	if err := t.codec.ReadPurchases(b[n:], h); err != nil {
		panic(err) // the task wrote it
	}
	h.Mark = int64(mark) - 1
	return h
}

// keepPurchases keeps what a customer's history of purchases has become, in its stored form after the mark.
func (t *Task) keepPurchases(number uint32, h *customer.Purchases) {
	t.resident = t.codec.AppendPurchases(binary.AppendUvarint(t.resident[:0], uint64(h.Mark+1)), h)
	s := t.identities.State(number)
	s.Purchases = t.resident
	t.identities.End(number, append(t.identities.Begin(&s), s.Responses...))
}

// complaintsOf gives a customer's history of complaints, until the next call or flush.
func (t *Task) complaintsOf(number uint32) *customer.Complaints {
	if at := t.identities.At(number).Change; at != 0 && t.changes[at-1].complaints != nil {
		return t.changes[at-1].complaints
	}
	b := t.identities.State(number).Complaints
	t.complaints.Reset()
	if len(b) == 0 {
		return t.complaints
	}
	mark, n := binary.Uvarint(b)
	_, m := binary.Uvarint(b[n:]) // events absorbed
	if err := t.codec.ReadComplaints(b[n+m:], t.complaints); err != nil {
		panic(err) // the task wrote it
	}
	t.complaints.Mark = int64(mark) - 1
	return t.complaints
}

// holdComplaints keeps what complaintsOf gave in the change, so that the steps of a flush are written once.
func (t *Task) holdComplaints(c *change, h *customer.Complaints) {
	if c.complaints == h {
		return
	}
	c.complaints = h
	if n := len(t.spare); n > 0 {
		t.complaints, t.spare = t.spare[n-1], t.spare[:n-1]
	} else {
		t.complaints = customer.NewComplaints()
	}
}

// keepComplaints keeps what a customer's history of complaints has become, in its stored form.
func (t *Task) keepComplaints(number uint32, h *customer.Complaints, stored []byte) {
	b := binary.AppendUvarint(binary.AppendUvarint(t.resident[:0], uint64(h.Mark+1)), h.Absorbed())
	t.resident = append(b, stored...)
	s := t.identities.State(number)
	s.Complaints = t.resident
	t.identities.End(number, append(t.identities.Begin(&s), s.Responses...))
}

// absorbedOf is how many events an identity's histories have absorbed, without reading more of them.
func (t *Task) absorbedOf(number uint32) uint64 {
	s, n := t.identities.State(number), uint64(0)
	if len(s.Responses) > 0 {
		n = customer.AbsorbedOfResident(s.Responses)
	}
	if len(s.Complaints) > 0 {
		_, at := binary.Uvarint(s.Complaints)
		steps, _ := binary.Uvarint(s.Complaints[at:])
		n += steps
	}
	if len(s.Purchases) > 0 {
		_, at := binary.Uvarint(s.Purchases)
		n += customer.AbsorbedOfPurchases(s.Purchases[at:])
	}
	return n
}

func (t *Task) setBand(number uint32, band string) {
	p := t.identities.At(number)
	if p.Band > 0 {
		t.bands[p.Band-1]--
	}
	p.Band = event.Code(customer.Bands, band)
	if p.Band > 0 {
		t.bands[p.Band-1]++
	}
}

// flushCustomers makes the rows of all that changed of customers and terminals.
func (t *Task) flushCustomers(f *Flush) {
	for i := range t.changes {
		c := &t.changes[i]
		p := t.identities.At(c.person)
		one := subject{number: c.person, id: t.rows.texts.of(t.identities.ID(c.person)), terminal: p.Terminal, responses: t.responsesOf(c.person), complaints: t.complaintsOf(c.person), purchases: t.purchasesOf(c.person)}
		if c.responses {
			one.responses.Mark = max(one.responses.Mark, t.last[Responses])
			t.responseHistory(&one)
		}
		if c.complaints != nil {
			one.complaints.Mark = max(one.complaints.Mark, t.last[Complaints])
			t.complaintHistory(&one)
		}
		if c.purchases {
			one.purchases.Mark = max(one.purchases.Mark, t.last[Purchases])
			t.purchaseHistory(&one)
		}
		if !p.Terminal {
			t.flushCustomer(&one, c)
		}
		if c.complaints != nil {
			t.spare = append(t.spare, c.complaints)
			c.complaints = nil
		}
		p.Change = 0
	}
	t.changes = t.changes[:0]
	if cap(t.changes) > changesKept { // many after a restore with another model
		t.changes = nil
	}
	if len(t.spare) > spares {
		clear(t.spare[spares:])
		t.spare = t.spare[:spares]
	}
	t.rows.take(f, &t.left)
}

// How many changes, and how many histories of complaints, keep their memory for the next flush.
const (
	changesKept = 1 << 16
	spares      = 1 << 8
)

// flushCustomer makes the rows that are about one customer: stepped-on complaints, moments, and the churn row, which
// vouches for the moments.
func (t *Task) flushCustomer(p *subject, change *change) {
	r, c := p.responses, p.complaints
	t.summaries = t.summaries[:0]
	for i := range c.List {
		t.summaries = append(t.summaries, customer.Summarise(&c.List[i], t.set.PromiseOf))
		s := &t.summaries[i]
		t.recoveryMoment(p, c.List[i].ID, s)
		if slices.Contains(change.steppedOn, c.List[i].ID) {
			t.complaintRow(p, c.List[i].ID, s)
		}
	}
	for i := range r.Moments {
		if m := &r.Moments[i]; change.allMoments || slices.Contains(change.fresh, m.ID) {
			t.responseMoment(&t.rows.moments, p.id, c, m)
		}
	}
	score := t.set.Model.Score(r, t.summaries, c, p.purchases)
	t.churnRow(p, &score)
	t.setBand(p.number, score.Band)
}
