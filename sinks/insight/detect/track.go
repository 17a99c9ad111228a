package detect

import "time"

// Lengths of the cells, and how much of the past is kept in each.
const (
	Fine     = 5 * time.Minute
	Coarse   = time.Hour
	fineKept = int64(50 * time.Hour / Fine)
	// Baseline is the length of the past that is compared with.
	Baseline   = 28 * 24 * time.Hour
	coarseKept = int64((Baseline + 16*24*time.Hour) / Coarse)
)

// Track is the past of one scope: grades by five minutes for two days and by the hour for six weeks.
type Track struct {
	Kind, ID string
	fine     ring
	coarse   ring
	// odd marks hours of alerts and of special days, which do not count as usual; special those that are compared with nothing either.
	odd, special map[int64]bool
	// from is the first hour that counts as usual: later than the start if a fall has lasted so long that it has become the usual.
	from int64
}

// NewTrack returns an empty track of a scope.
func NewTrack(kind, id string) *Track {
	return &Track{Kind: kind, ID: id, fine: newRing(fineKept), coarse: newRing(coarseKept), odd: map[int64]bool{}, special: map[int64]bool{}}
}

// Put sets the grades of a cell of a length, [Fine] or [Coarse], that begins at a time. Cells may be set again, and in any order.
func (t *Track) Put(length time.Duration, start time.Time, g *Grades) {
	if length == Fine {
		t.fine.put(slot(start, Fine), g)
		return
	}
	t.coarse.put(slot(start, Coarse), g)
}

// Odd excludes the time between two instants from the usual.
func (t *Track) Odd(from, to time.Time) { mark(t.odd, from, to) }

// Special excludes the time between two instants from the usual, and from what is compared with it.
func (t *Track) Special(from, to time.Time) {
	mark(t.odd, from, to)
	mark(t.special, from, to)
}

func mark(hours map[int64]bool, from, to time.Time) {
	for h := slot(from, Coarse); h <= slot(to.Add(-1), Coarse); h++ {
		hours[h] = true
	}
}

// Anew lets the usual begin at a time: earlier hours no longer count, and later ones are not odd.
func (t *Track) Anew(from time.Time) {
	t.from = slot(from, Coarse)
	clear(t.odd)
}

// Latest is the end of the last fine cell with a response, zero when there is none.
func (t *Track) Latest() time.Time {
	for s := t.fine.last; s > t.fine.last-fineKept; s-- {
		if g := t.fine.get(s); g != nil && g.N() > 0 {
			return time.Unix((s+1)*int64(Fine/time.Second), 0).UTC()
		}
	}
	return time.Time{}
}

// Since returns the grades between two instants, from fine cells.
func (t *Track) Since(from, to time.Time) (g Grades) {
	for s := slot(from, Fine); s < slot(to, Fine); s++ {
		if c := t.fine.get(s); c != nil {
			g.Add(c)
		}
	}
	return g
}

func slot(at time.Time, length time.Duration) int64 { return at.Unix() / int64(length/time.Second) }

// ring holds the cells of the last slots.
type ring struct {
	cells []Grades
	slots []int64 // the slot that each cell holds
	last  int64
}

func newRing(n int64) ring { return ring{cells: make([]Grades, n), slots: make([]int64, n)} }

func (r *ring) put(s int64, g *Grades) {
	i := s % int64(len(r.cells))
	if s < r.slots[i] {
		return // older than what is kept
	}
	r.cells[i], r.slots[i] = *g, s
	r.last = max(r.last, s)
}

func (r *ring) get(s int64) *Grades {
	if s < 0 {
		return nil
	}
	i := s % int64(len(r.cells))
	if r.slots[i] != s {
		return nil
	}
	return &r.cells[i]
}

// Hours returns the grades between two instants, from whole hours.
func (t *Track) Hours(from, to time.Time) (g Grades) {
	for h := slot(from, Coarse); h < slot(to, Coarse); h++ {
		if c := t.coarse.get(h); c != nil {
			g.Add(c)
		}
	}
	return g
}
