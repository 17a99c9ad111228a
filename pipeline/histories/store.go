// Package histories keeps the histories of all customers and terminals of a partition in memory, in the form in which they are
// stored, and what has changed of them since the last flush. Start at [Store].
package histories

import (
	"encoding/binary"

	"csatflow/pipeline/customer"
	"csatflow/pipeline/event"
	"csatflow/pipeline/identity"
)

// Store is the customers and terminals of a partition by number. A history that it gives is scratch memory: it holds until the
// next one of its kind is asked for. One goroutine uses it.
type Store struct {
	identities *identity.Store
	codec      *customer.Codec
	changes    []Change
	bands      [3]int

	responses  customer.Responses   // of the customer that is looked at; see Responses
	complaints *customer.Complaints // likewise
	purchases  customer.Purchases   // likewise
	spare      []*customer.Complaints
	resident   []byte
	encoded    []byte
}

// New makes a store without customers.
func New(codec *customer.Codec) *Store {
	return &Store{identities: identity.New(), codec: codec, complaints: customer.NewComplaints()}
}

// Len is how many customers and terminals there are; their numbers are below it.
func (s *Store) Len() int { return s.identities.Len() }

// Number gives the number of a customer or terminal, a new one at the first time.
func (s *Store) Number(id []byte, terminal bool) uint32 { return s.identities.Number(id, terminal) }

// Find gives the number of a customer or terminal that is known.
func (s *Store) Find(id []byte, terminal bool) (number uint32, found bool) {
	return s.identities.Find(id, terminal)
}

// ID gives the id behind a number, until the store changes.
func (s *Store) ID(number uint32) []byte { return s.identities.ID(number) }

// Terminal tells whether a number stands for a terminal.
func (s *Store) Terminal(number uint32) bool { return s.identities.At(number).Terminal }

// Responses gives an identity's history of responses, until the next call.
func (s *Store) Responses(number uint32) *customer.Responses {
	s.codec.SetResident(s.identities.State(number).Responses, &s.responses)
	return &s.responses
}

// KeepResponses keeps what an identity's history of responses has become.
func (s *Store) KeepResponses(number uint32, h *customer.Responses) {
	state := s.identities.State(number)
	s.identities.End(number, s.codec.AppendResident(s.identities.Begin(&state), h))
}

// Purchases gives a customer's history of purchases, until the next call.
func (s *Store) Purchases(number uint32) *customer.Purchases {
	h, b := &s.purchases, s.identities.State(number).Purchases
	if len(b) == 0 {
		h.Reset()
		return h
	}
	mark, n := binary.Uvarint(b)
	if err := s.codec.ReadPurchases(b[n:], h); err != nil {
		panic(err) // it was written here
	}
	h.Mark = int64(mark) - 1
	return h
}

// KeepPurchases keeps what a customer's history of purchases has become, in its stored form after the mark.
func (s *Store) KeepPurchases(number uint32, h *customer.Purchases) {
	s.resident = s.codec.AppendPurchases(binary.AppendUvarint(s.resident[:0], uint64(h.Mark+1)), h)
	state := s.identities.State(number)
	state.Purchases = s.resident
	s.identities.End(number, append(s.identities.Begin(&state), state.Responses...))
}

// Complaints gives a customer's history of complaints, until the next call or flush.
func (s *Store) Complaints(number uint32) *customer.Complaints {
	if at := s.identities.At(number).Change; at != 0 && s.changes[at-1].Grown != nil {
		return s.changes[at-1].Grown
	}
	b := s.identities.State(number).Complaints
	s.complaints.Reset()
	if len(b) == 0 {
		return s.complaints
	}
	mark, n := binary.Uvarint(b)
	_, m := binary.Uvarint(b[n:]) // events absorbed
	if err := s.codec.ReadComplaints(b[n+m:], s.complaints); err != nil {
		panic(err) // it was written here
	}
	s.complaints.Mark = int64(mark) - 1
	return s.complaints
}

// HoldComplaints keeps what Complaints gave in the change, so that the steps of a flush are written once.
func (s *Store) HoldComplaints(c *Change, h *customer.Complaints) {
	if c.Grown == h {
		return
	}
	c.Grown = h
	if n := len(s.spare); n > 0 {
		s.complaints, s.spare = s.spare[n-1], s.spare[:n-1]
	} else {
		s.complaints = customer.NewComplaints()
	}
}

// keepComplaints keeps what a customer's history of complaints has become, in its stored form.
func (s *Store) keepComplaints(number uint32, h *customer.Complaints, stored []byte) {
	b := binary.AppendUvarint(binary.AppendUvarint(s.resident[:0], uint64(h.Mark+1)), h.Absorbed())
	s.resident = append(b, stored...)
	state := s.identities.State(number)
	state.Complaints = s.resident
	s.identities.End(number, append(s.identities.Begin(&state), state.Responses...))
}

// Absorbed is how many events an identity's histories have absorbed, without reading more of them.
func (s *Store) Absorbed(number uint32) uint64 {
	state, n := s.identities.State(number), uint64(0)
	if len(state.Responses) > 0 {
		n = customer.AbsorbedOfResident(state.Responses)
	}
	if len(state.Complaints) > 0 {
		_, at := binary.Uvarint(state.Complaints)
		steps, _ := binary.Uvarint(state.Complaints[at:])
		n += steps
	}
	if len(state.Purchases) > 0 {
		_, at := binary.Uvarint(state.Purchases)
		n += customer.AbsorbedOfPurchases(state.Purchases[at:])
	}
	return n
}

// SetBand says in which of [customer.Bands] a customer is.
func (s *Store) SetBand(number uint32, band string) {
	p := s.identities.At(number)
	if p.Band > 0 {
		s.bands[p.Band-1]--
	}
	p.Band = event.Code(customer.Bands, band)
	if p.Band > 0 {
		s.bands[p.Band-1]++
	}
}

// Bands is how many customers are in each of [customer.Bands].
func (s *Store) Bands() [3]int { return s.bands }
