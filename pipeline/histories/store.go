// Package histories keeps the histories of a partition's customers and terminals in memory, in their stored form, and
// what has changed since the last flush. Start at [Store].
package histories

import (
	"encoding/binary"

	"csatflow/pipeline/customer"
	"csatflow/pipeline/derived"
	"csatflow/pipeline/event"
	"csatflow/pipeline/identity"
)

// Store has the customers and terminals of a partition by number. A history that it returns is scratch memory, valid until
// the next call for one of its kind. One goroutine uses it.
type Store struct {
	identities *identity.Store
	codec      *customer.Codec
	changes    []Change
	stepped    []uint32 // changes with steps that EachStepped has not told
	bands      [3]int

	responses  customer.Responses   // of the present customer, see Responses
	complaints *customer.Complaints // likewise
	purchases  customer.Purchases   // likewise
	spare      []*customer.Complaints
	resident   []byte
	encoded    []byte
}

// New returns an empty store.
func New(codec *customer.Codec) *Store {
	return &Store{identities: identity.New(), codec: codec, complaints: customer.NewComplaints()}
}

// Len returns the number of customers and terminals; their numbers are below it.
func (s *Store) Len() int { return s.identities.Len() }

// Number returns the number of a customer or terminal, and assigns one the first time.
func (s *Store) Number(id []byte, terminal bool) uint32 { return s.identities.Number(id, terminal) }

// Find returns the number of a known customer or terminal.
func (s *Store) Find(id []byte, terminal bool) (number uint32, found bool) {
	return s.identities.Find(id, terminal)
}

// ID returns the id of a number; it is valid until the store changes.
func (s *Store) ID(number uint32) []byte { return s.identities.ID(number) }

// Terminal reports whether a number is a terminal's.
func (s *Store) Terminal(number uint32) bool { return s.identities.At(number).Terminal }

// Responses returns an identity's history of responses, valid until the next call.
func (s *Store) Responses(number uint32) *customer.Responses {
	s.codec.SetResident(s.identities.State(number).Responses, &s.responses)
	return &s.responses
}

// KeepResponses stores an identity's history of responses.
func (s *Store) KeepResponses(number uint32, h *customer.Responses) {
	state := s.identities.State(number)
	s.identities.End(number, s.codec.AppendResident(s.identities.Begin(&state), h))
}

// Purchases returns a customer's history of purchases, valid until the next call.
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

// KeepPurchases stores a customer's history of purchases: the mark, then its stored form.
func (s *Store) KeepPurchases(number uint32, h *customer.Purchases) {
	s.resident = s.codec.AppendPurchases(binary.AppendUvarint(s.resident[:0], uint64(h.Mark+1)), h)
	state := s.identities.State(number)
	state.Purchases = s.resident
	s.identities.End(number, append(s.identities.Begin(&state), state.Responses...))
}

// Complaints returns a customer's history of complaints, valid until the next call or flush.
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

// HoldComplaints keeps the result of Complaints in the change, so that a flush encodes its steps once.
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

// keepComplaints stores a customer's history of complaints, given in its stored form.
func (s *Store) keepComplaints(number uint32, h *customer.Complaints, stored []byte) {
	b := binary.AppendUvarint(binary.AppendUvarint(s.resident[:0], uint64(h.Mark+1)), h.Absorbed())
	s.resident = append(b, stored...)
	state := s.identities.State(number)
	state.Complaints = s.resident
	s.identities.End(number, append(s.identities.Begin(&state), state.Responses...))
}

// Absorbed returns how many events of each topic an identity's histories have absorbed, without decoding them.
func (s *Store) Absorbed(number uint32) (n derived.Absorbed) {
	state := s.identities.State(number)
	if len(state.Responses) > 0 {
		n.Responses = customer.AbsorbedOfResident(state.Responses)
	}
	if len(state.Complaints) > 0 {
		_, at := binary.Uvarint(state.Complaints)
		n.Steps, _ = binary.Uvarint(state.Complaints[at:])
	}
	if len(state.Purchases) > 0 {
		_, at := binary.Uvarint(state.Purchases)
		n.Purchases = customer.AbsorbedOfPurchases(state.Purchases[at:])
	}
	return n
}

// SetBand sets which of [customer.Bands] a customer is in.
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

// Bands returns how many customers are in each of [customer.Bands].
func (s *Store) Bands() [3]int { return s.bands }
