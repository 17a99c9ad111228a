package histories

import "csatflow/pipeline/customer"

// Change is what a flush has to write of one customer or terminal.
type Change struct {
	Number     uint32
	Responses  bool                 // the history of responses has grown
	Purchases  bool                 // that of purchases has
	AllMoments bool                 // every response's row is to be made again
	Fresh      []uint64             // responses taken in since the last flush
	Grown      *customer.Complaints // nil unless that history has grown: then it stays read until the flush
	SteppedOn  []string             // complaints with a new step
}

// Touch gives the change of a number. It holds until the next one is made.
func (s *Store) Touch(number uint32) *Change {
	p := s.identities.At(number)
	if p.Change != 0 {
		return &s.changes[p.Change-1]
	}
	n := len(s.changes)
	if n < cap(s.changes) {
		s.changes = s.changes[:n+1] // one of an earlier flush: the memory of its lists is used again
	} else {
		s.changes = append(s.changes, Change{})
	}
	p.Change = uint32(n + 1)
	c := &s.changes[n]
	*c = Change{Number: number, Fresh: c.Fresh[:0], SteppedOn: c.SteppedOn[:0]}
	return c
}

// Changed is how many changes there are.
func (s *Store) Changed() int { return len(s.changes) }

// Flush gives every change, and forgets it.
func (s *Store) Flush(each func(c *Change)) {
	for i := range s.changes {
		c := &s.changes[i]
		each(c)
		if c.Grown != nil {
			s.spare = append(s.spare, c.Grown)
			c.Grown = nil
		}
		s.identities.At(c.Number).Change = 0
	}
	s.changes = s.changes[:0]
	if cap(s.changes) > changesKept { // many after a restore with another model
		s.changes = nil
	}
	if len(s.spare) > spares {
		clear(s.spare[spares:])
		s.spare = s.spare[:spares]
	}
}

// How many changes, and how many histories of complaints, keep their memory for the next flush.
const (
	changesKept = 1 << 16
	spares      = 1 << 8
)
