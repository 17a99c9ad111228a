package histories

import "csatflow/pipeline/customer"

// Change is what a flush writes of one customer or terminal.
type Change struct {
	Number     uint32
	Responses  bool                 // the history of responses has grown
	Purchases  bool                 // the history of purchases has grown
	AllMoments bool                 // the row of every response is made again
	Fresh      []uint64             // ids of the responses applied since the last flush
	Grown      *customer.Complaints // the grown history of complaints, decoded until the flush; nil if it has not grown
	SteppedOn  []string             // ids of complaints with a new step
	told       int                  // how many of them [Store.EachStepped] has told
}

// Touch returns the change of a number. It is valid until the next new one.
func (s *Store) Touch(number uint32) *Change {
	p := s.identities.At(number)
	if p.Change != 0 {
		return &s.changes[p.Change-1]
	}
	n := len(s.changes)
	if n < cap(s.changes) {
		s.changes = s.changes[:n+1] // reuse the lists of an earlier flush
	} else {
		s.changes = append(s.changes, Change{})
	}
	p.Change = uint32(n + 1)
	c := &s.changes[n]
	*c = Change{Number: number, Fresh: c.Fresh[:0], SteppedOn: c.SteppedOn[:0]}
	return c
}

// SteppedOn notes a complaint with a new step.
func (s *Store) SteppedOn(c *Change, id string) {
	if c.told == len(c.SteppedOn) {
		s.stepped = append(s.stepped, s.identities.At(c.Number).Change-1)
	}
	c.SteppedOn = append(c.SteppedOn, id)
}

// EachStepped calls each with the changes whose complaints have new steps since the last call or flush, and with the ids of those.
func (s *Store) EachStepped(each func(c *Change, ids []string)) {
	for _, i := range s.stepped {
		c := &s.changes[i]
		each(c, c.SteppedOn[c.told:])
		c.told = len(c.SteppedOn)
	}
	s.stepped = s.stepped[:0]
}

// Changed returns the number of changes.
func (s *Store) Changed() int { return len(s.changes) }

// Flush calls each with every change, and removes it.
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
	s.changes, s.stepped = s.changes[:0], s.stepped[:0]
	if cap(s.changes) > changesKept { // a restore with another model makes many
		s.changes = nil
	}
	if len(s.spare) > spares {
		clear(s.spare[spares:])
		s.spare = s.spare[:spares]
	}
}

// How many changes and histories of complaints keep their memory for the next flush.
const (
	changesKept = 1 << 16
	spares      = 1 << 8
)
