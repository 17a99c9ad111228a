package pane

import (
	"cmp"
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

// Pane is the sums of one pane as one partition of one topic saw it.
type Pane struct {
	Key  Key
	Mark int64 // the offset up to which the stored row has absorbed the log; -1 for none
	Counters
	Hist  Histogram
	dirty bool
}

// Change is what an event does to a pane: counters and, for recovery, histogram buckets.
type Change struct {
	*Delta
	Hist Histogram
}

// waiting is the change of an event whose pane has to be read back.
type waiting struct {
	offset   int64
	counters Counters
	hist     Histogram
}

// Set is the panes of one layout that a partition holds in memory. Old panes that are not changing leave it; an event
// that belongs to one of those waits until the caller has read it back (see [Set.Absent]). One goroutine uses it.
type Set struct {
	Layout   *Layout
	panes    map[Key]*Pane
	dirty    []*Pane
	frontier [Resolutions]Start // a pane at or after it is in memory or was never stored
	absent   map[Key][]waiting
	waiters  int
	limit    int
}

// NewSet makes an empty set that keeps about limit panes.
func NewSet(l *Layout, limit int) *Set {
	return &Set{Layout: l, panes: map[Key]*Pane{}, absent: map[Key][]waiting{}, limit: max(limit, 4)}
}

// Len is the number of panes in memory; Dirty the number of those to flush.
func (s *Set) Len() int   { return len(s.panes) }
func (s *Set) Dirty() int { return len(s.dirty) }

// Load puts a stored pane into the set, and lets events that waited for it in. A pane that is there already stays: it
// knows more.
func (s *Set) Load(p *Pane) {
	if s.panes[p.Key] == nil {
		s.panes[p.Key] = p
	}
}

// SetFrontier says that panes of this resolution before start may be stored without being in memory.
func (s *Set) SetFrontier(r Resolution, start Start) { s.frontier[r] = max(s.frontier[r], start) }

// Add applies the change that the event at offset makes to a pane, unless the pane's stored row has absorbed that event.
func (s *Set) Add(key Key, offset int64, c Change) {
	p := s.panes[key]
	if p == nil {
		if key.Start() < s.frontier[key.Resolution()] {
			kept := waiting{offset: offset, hist: slices.Clone(c.Hist)}
			kept.counters.Add(c.Delta)
			s.absent[key] = append(s.absent[key], kept)
			s.waiters++
			return
		}
		p = &Pane{Key: key, Mark: NoMark}
		s.panes[key] = p
	}
	if offset > p.Mark {
		p.Add(c.Delta)
		s.changed(p, c.Hist)
	}
}

// changed adds what came into the histogram and marks the pane for the next flush.
func (s *Set) changed(p *Pane, hist Histogram) {
	for _, e := range hist {
		p.Hist.Add(e.Bucket, e.Count)
	}
	if !p.dirty {
		p.dirty = true
		s.dirty = append(s.dirty, p)
	}
}

// Absent lists the panes that events wait for. The caller reads those that are stored, gives them to Load, and calls
// Settle; the rest are new.
func (s *Set) Absent() []Key {
	return slices.Sorted(maps.Keys(s.absent))
}

// Waiters is how many changes wait for panes.
func (s *Set) Waiters() int { return s.waiters }

// Settle applies the waiting events.
func (s *Set) Settle() {
	for key, events := range s.absent {
		p := s.panes[key]
		if p == nil {
			p = &Pane{Key: key, Mark: NoMark}
			s.panes[key] = p
		}
		for _, e := range events {
			if e.offset > p.Mark {
				p.merge(s.Layout, &e.counters)
				s.changed(p, e.hist)
			}
		}
	}
	clear(s.absent)
	s.waiters = 0
}

// Flush calls each for every pane that changed, its mark set to at: the last offset that the partition has applied.
// Then old panes leave memory if there are too many.
func (s *Set) Flush(at int64, each func(*Pane)) {
	for _, p := range s.dirty {
		p.Mark = max(p.Mark, at)
		p.dirty = false
		each(p)
	}
	clear(s.dirty)
	s.dirty = s.dirty[:0]
	if len(s.panes) > s.limit {
		s.shrink()
	}
}

// end is the nominal end of a pane.
func (k Key) end() Start { return k.Start() + Start(k.Resolution().Seconds()/60) }

// shrink lets the panes that ended first go, down to three quarters of the limit. Since they leave by their end alone,
// one bound a resolution tells which may be stored but not here.
func (s *Set) shrink() {
	keys := slices.SortedFunc(maps.Keys(s.panes), func(a, b Key) int { return cmp.Compare(a.end(), b.end()) })
	bound := keys[len(keys)-s.limit*3/4].end()
	for r := range Resolution(Resolutions) {
		if length := Start(r.Seconds() / 60); bound > length {
			s.SetFrontier(r, bound-length)
		}
	}
	for _, k := range keys {
		if k.end() >= bound {
			break
		}
		delete(s.panes, k)
	}
}

// NoMark is the mark of a row that has absorbed nothing.
const NoMark = int64(-1)
