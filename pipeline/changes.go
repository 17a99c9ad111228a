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

// touch gives the change of a person. It holds until the next one is made.
func (t *Task) touch(number uint32) *change {
	p := t.people.at(number)
	if p.change != 0 {
		return &t.changes[p.change-1]
	}
	n := len(t.changes)
	if n < cap(t.changes) {
		t.changes = t.changes[:n+1] // one of an earlier flush: the memory of its lists is used again
	} else {
		t.changes = append(t.changes, change{})
	}
	p.change = uint32(n + 1)
	c := &t.changes[n]
	*c = change{person: number, fresh: c.fresh[:0], steppedOn: c.steppedOn[:0]}
	return c
}

// responsesOf gives a person's history of responses, until the next call.
func (t *Task) responsesOf(number uint32) *customer.Responses {
	t.codec.SetResident(t.people.state(number).responses, &t.responses)
	return &t.responses
}

// keepResponses keeps what a person's history of responses has become.
func (t *Task) keepResponses(number uint32, h *customer.Responses) {
	s := t.people.state(number)
	t.people.end(number, t.codec.AppendResident(t.people.begin(&s), h))
}

// purchasesOf gives a customer's history of purchases, until the next call.
func (t *Task) purchasesOf(number uint32) *customer.Purchases {
	h, b := &t.purchases, t.people.state(number).purchases
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
	s := t.people.state(number)
	s.purchases = t.resident
	t.people.end(number, append(t.people.begin(&s), s.responses...))
}

// complaintsOf gives a customer's history of complaints, until the next call or flush.
func (t *Task) complaintsOf(number uint32) *customer.Complaints {
	if at := t.people.at(number).change; at != 0 && t.changes[at-1].complaints != nil {
		return t.changes[at-1].complaints
	}
	b := t.people.state(number).complaints
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
	s := t.people.state(number)
	s.complaints = t.resident
	t.people.end(number, append(t.people.begin(&s), s.responses...))
}

// absorbedOf is how many events a person's histories have absorbed, without reading more of them.
func (t *Task) absorbedOf(number uint32) uint64 {
	s, n := t.people.state(number), uint64(0)
	if len(s.responses) > 0 {
		n = customer.AbsorbedOfResident(s.responses)
	}
	if len(s.complaints) > 0 {
		_, at := binary.Uvarint(s.complaints)
		steps, _ := binary.Uvarint(s.complaints[at:])
		n += steps
	}
	if len(s.purchases) > 0 {
		_, at := binary.Uvarint(s.purchases)
		n += customer.AbsorbedOfPurchases(s.purchases[at:])
	}
	return n
}

func (t *Task) setBand(number uint32, band string) {
	p := t.people.at(number)
	if p.band > 0 {
		t.bands[p.band-1]--
	}
	p.band = event.Code(customer.Bands, band)
	if p.band > 0 {
		t.bands[p.band-1]++
	}
}

// flushPeople makes the rows of all that changed of customers and terminals.
func (t *Task) flushPeople(f *Flush) {
	for i := range t.changes {
		c := &t.changes[i]
		p := t.people.at(c.person)
		one := of{number: c.person, id: t.rows.texts.of(t.people.id(c.person)), terminal: p.terminal, responses: t.responsesOf(c.person), complaints: t.complaintsOf(c.person), purchases: t.purchasesOf(c.person)}
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
		if !p.terminal {
			t.flushCustomer(&one, c)
		}
		if c.complaints != nil {
			t.spare = append(t.spare, c.complaints)
			c.complaints = nil
		}
		p.change = 0
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
func (t *Task) flushCustomer(p *of, change *change) {
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
