package pane

import (
	"maps"
	"slices"
)

// Key names a pane within one partition and registry.
type Key uint64

// NewKey packs the parts: 32 bits of series, 2 of resolution, 30 of start.
func NewKey(s SeriesRef, r Resolution, start Start) Key {
	return Key(s)<<32 | Key(r)<<30 | Key(start)
}

// Series, Resolution and Start unpack a key.
func (k Key) Series() SeriesRef      { return SeriesRef(k >> 32) }
func (k Key) Resolution() Resolution { return Resolution(k >> 30 & 3) }
func (k Key) Start() Start           { return Start(k & (1<<30 - 1)) }

// NoMark is the absorbed offset of a row that has absorbed nothing.
const NoMark = int64(-1)

// Pane is the sums of one pane as one partition of one topic saw it.
type Pane struct {
	Key      Key
	Mark     int64   // absorbed offset: the log up to it is in the row
	Groups   uint32  // a bit set of the groups in use
	Counters []int64 // of these groups, one after another
	Hist     Histogram
}

// Change is what an event adds to a pane: counters and, for recovery, histogram buckets.
type Change struct {
	*Delta
	Hist Histogram
}

// Set is the panes of one layout that a partition holds in memory. Events are first summed by the finest panes of a series; at a
// flush [Set.Merge] adds these sums to the panes. Between flushes [Set.FlushMinutes] hands over the panes of minutes as they would
// be then. Old panes that do not change leave memory; a change to one of them waits
// until the caller has read it back (see [Set.Absent]). One goroutine uses it.
//
// A stored row may have absorbed some of the events already. Up to the highest mark that any row is known to have, each
// event is compared with its rows; after it, a sum is added or left out as a whole. If a row turns up that has absorbed
// a part of a sum (another owner of the partition wrote it meanwhile), Merge refuses, and the partition has to be
// restored with [Set.Expect].
type Set struct {
	Layout   *Layout
	finest   func(SeriesRef) Resolution
	cells    *cells
	totals   *totals
	part     part
	now      sums               // of the pane that FlushMinutes hands over, in the totals' memory
	values   []int64            // of the pane that a flush hands over
	exact    int64              // events up to this offset are compared with their rows one by one
	frontier [Resolutions]Start // a pane at or after it is in memory or was never stored
	absent   map[Key][]waiting
	waiters  int
	limit    int
}

// waiting is the change that one event makes to a pane that has to be read back.
type waiting struct {
	offset int64
	part
}

// NewSet makes an empty set that keeps about limit panes; finest says the finest panes of a series, see [Registry.Finest].
func NewSet(l *Layout, finest func(SeriesRef) Resolution, limit int) *Set {
	return &Set{Layout: l, finest: finest, cells: newCells(l), totals: newTotals(l), exact: NoMark, absent: map[Key][]waiting{}, limit: max(limit, 4)}
}

// Len is the number of panes and of sums not yet merged in memory.
func (s *Set) Len() int { return s.totals.len() + s.cells.len() }

// Dirty is roughly how many panes a flush would write.
func (s *Set) Dirty() int {
	return len(s.totals.dirty) + s.cells.len() + 2*len(s.cells.touched) + s.waiters
}

// Fresh is how many panes [Set.FlushMinutes] would hand over.
func (s *Set) Fresh() int { return len(s.cells.fresh) }

// Expect tells the set that rows may have marks up to this offset.
func (s *Set) Expect(mark int64) { s.exact = max(s.exact, mark) }

// Load puts a stored pane into the set; Settle then adds what waited for it. A pane that is already there stays: it has
// absorbed more. An unknown group, or a wrong number of counters, is an error.
func (s *Set) Load(p *Pane) error {
	groups, err := s.Layout.Split(p.Groups, p.Counters)
	if err != nil {
		return err
	}
	if _, here := s.totals.find(p.Key); here {
		return nil
	}
	t := &s.totals.list[s.totals.slot(p.Key)]
	t.mark = p.Mark
	var given part
	given.begin(p.Groups)
	for _, g := range groups {
		given.append(g)
	}
	given.hist = p.Hist
	s.totals.in.add(&t.sums, &given)
	s.Expect(p.Mark)
	return nil
}

// SetFrontier tells the set that panes of this resolution before start may be stored without being in memory.
func (s *Set) SetFrontier(r Resolution, start Start) { s.frontier[r] = max(s.frontier[r], start) }

// Add adds a change to the panes of an instant in each of the series, in the resolutions that they have, except panes whose
// stored rows have absorbed the event at this offset.
func (s *Set) Add(offset int64, series []SeriesRef, at [Resolutions]Start, c Change) {
	s.pack(c)
	for _, ref := range series {
		if ref == NoSeries {
			continue
		}
		finest := s.finest(ref)
		switch {
		case offset <= s.exact:
			for r := finest; r < Resolutions; r++ {
				s.addAlone(offset, NewKey(ref, r, at[r]))
			}
		case finest == Day:
			s.addToCell(offset, ref, finest, noTime, at[Day])
		default:
			s.addToCell(offset, ref, finest, at[finest], at[Day])
		}
	}
}

// AddToDay is Add for the day's pane alone.
func (s *Set) AddToDay(offset int64, series SeriesRef, day Start, c Change) {
	s.pack(c)
	if offset <= s.exact {
		s.addAlone(offset, NewKey(series, Day, day))
		return
	}
	s.addToCell(offset, series, Day, noTime, day)
}

func (s *Set) pack(c Change) {
	c.pack(&s.part)
	s.part.hist = c.Hist
}

func (s *Set) addToCell(offset int64, series SeriesRef, finest Resolution, time, day Start) {
	i, made := s.cells.find(series, finest, time, day, offset)
	if made {
		for _, k := range s.cells.list[i].panes() {
			s.want(k)
		}
	}
	s.cells.add(i, offset, &s.part)
}

// want notes a pane that has to be read back before it can be added to.
func (s *Set) want(k Key) {
	if k == 0 || k.Start() >= s.frontier[k.Resolution()] {
		return
	}
	if _, here := s.totals.find(k); !here && s.absent[k] == nil {
		s.absent[k] = []waiting{}
	}
}

func (s *Set) addAlone(offset int64, k Key) {
	i, here := s.totals.find(k)
	switch {
	case here:
	case k.Start() < s.frontier[k.Resolution()]:
		s.absent[k] = append(s.absent[k], waiting{offset, s.part.clone()})
		s.waiters++
		return
	default:
		i = s.totals.slot(k)
	}
	if offset > s.totals.list[i].mark {
		s.totals.add(i, &s.part)
	}
}

// Absent lists the panes to read back. The caller reads those that are stored, passes them to Load, and calls
// Settle; the others are new.
func (s *Set) Absent() []Key { return slices.Sorted(maps.Keys(s.absent)) }

// Waits reports whether changes wait for panes.
func (s *Set) Waits() bool { return len(s.absent) > 0 }

// Settle adds the changes that waited for panes.
func (s *Set) Settle() {
	for k, events := range s.absent {
		i := s.totals.slot(k)
		for j := range events {
			if events[j].offset > s.totals.list[i].mark {
				s.totals.add(i, &events[j].part)
			}
		}
	}
	clear(s.absent)
	s.waiters = 0
}

// Merge adds the sums since the last merge to the panes. It returns NoMark, or the highest mark of a row that has
// absorbed a part of a sum: the set is then unusable. Nothing may wait for panes.
func (s *Set) Merge() (conflict int64) {
	conflict = NoMark
	for _, series := range s.cells.touched {
		var last [Resolutions]placed // most cells of a series have the same hour and day
		for i := s.cells.chains[series]; i != 0; i = s.cells.list[i].chain {
			c := &s.cells.list[i]
			add := s.cells.in.part(&c.sums)
			for r, k := range c.panes() {
				if k == 0 {
					continue
				}
				if last[r].key != k {
					last[r] = placed{k, s.totals.slot(k)}
				}
				switch mark := s.totals.list[last[r].at].mark; {
				case mark < c.first:
					s.totals.add(last[r].at, &add)
				case mark < c.last:
					conflict = max(conflict, mark)
				}
			}
		}
	}
	s.cells.reset()
	return conflict
}

type placed struct {
	key Key
	at  uint32
}

// FlushMinutes calls each for the panes of minutes that have changed since the last call, as they are with all events up to the
// offset at, which is their mark. Nothing else changes: the sums stay for the next Merge, and a pane keeps the mark of what was
// merged into it. Panes that have to be read back are left out. The pane is valid until each returns.
func (s *Set) FlushMinutes(at int64, each func(*Pane)) {
	for _, i := range s.cells.fresh {
		c := &s.cells.list[i]
		c.fresh = false
		k := NewKey(c.series, Minute, c.time)
		if s.absent[k] != nil {
			continue
		}
		in := &s.totals.in
		if total, here := s.totals.find(k); here {
			held := in.part(&s.totals.list[total].sums)
			in.add(&s.now, &held)
		}
		add := s.cells.in.part(&c.sums)
		in.add(&s.now, &add)
		s.values = in.appendValues(s.values[:0], &s.now)
		each(&Pane{k, at, s.now.mask, s.values, in.histogram(&s.now)})
		in.drop(&s.now)
	}
	s.cells.fresh = s.cells.fresh[:0]
}

// Flush calls each for every changed pane, with its mark set to at: the last offset that the partition has applied. The
// pane is valid until each returns. Then old panes leave memory if there are too many. Call Merge first.
func (s *Set) Flush(at int64, each func(*Pane)) {
	var p Pane
	for _, i := range s.totals.dirty {
		t := &s.totals.list[i]
		t.mark, t.dirty = max(t.mark, at), false
		s.values = s.totals.in.appendValues(s.values[:0], &t.sums)
		p = Pane{t.key, t.mark, t.mask, s.values, s.totals.in.histogram(&t.sums)}
		each(&p)
	}
	s.totals.dirty = s.totals.dirty[:0]
	if s.totals.len() > s.limit {
		bound := s.totals.dropBefore(s.limit * 3 / 4)
		for r := range Resolution(Resolutions) {
			if length := Start(r.Seconds() / 60); bound > length {
				s.SetFrontier(r, bound-length)
			}
		}
	}
}
