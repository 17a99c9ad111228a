package pane

import "csatflow/pipeline/index"

// cell is the sum of what events since the last flush gave to one series in one of its finest panes, or to a day alone. A flush
// adds it to the panes of the minute, the hour and the day; so most events touch one sum for each scope instead of three.
type cell struct {
	series    SeriesRef
	time, day Start // time is the start of the finest pane, noTime if the day alone receives it
	chain     uint32
	sums
	first, last int64 // offsets of the events
	finest      Resolution
	fresh       bool // it has changed since [Set.FlushMinutes]
}

// noTime is the time of a cell for a day alone.
const noTime = ^Start(0)

// cells are found by series and time: first the one last used by the series, then by a table.
type cells struct {
	in      sumsIn
	list    []cell      // from 1
	heads   [2][]uint32 // by series: the cell last used, 0 for none; those of days alone apart
	chains  []uint32    // by series: the newest cell, which links to the others
	touched []SeriesRef // those with a cell
	fresh   []uint32    // cells that have changed since the last [Set.FlushMinutes], if they have minutes
	index   index.Index // by series and time
}

func newCells(l *Layout) *cells {
	return &cells{in: sumsIn{orders: orders{l: l}}, list: make([]cell, 1)}
}

func (c *cells) len() int { return len(c.list) - 1 }

// find returns the index of the cell of a series and a time for the event at an offset; made is true if the cell is new.
func (c *cells) find(series SeriesRef, finest Resolution, time, day Start, offset int64) (_ uint32, made bool) {
	for int(series) >= len(c.chains) {
		more := make([]uint32, max(64, len(c.chains)))
		c.heads[0], c.heads[1], c.chains = append(c.heads[0], more...), append(c.heads[1], more...), append(c.chains, more...)
	}
	heads := c.heads[0]
	if time == noTime {
		heads = c.heads[1]
	}
	if i := heads[series]; i != 0 {
		if found := &c.list[i]; found.time == time && found.day == day {
			return i, false
		}
	}
	hash := hashOf(series, time)
	if i, found := c.index.Find(hash, func(i uint32) bool {
		is := &c.list[i]
		return is.series == series && is.time == time && is.day == day
	}); found {
		heads[series] = i
		return i, false
	}
	i := uint32(len(c.list))
	if c.chains[series] == 0 {
		c.touched = append(c.touched, series)
	}
	c.list = append(c.list, cell{series: series, finest: finest, time: time, day: day, chain: c.chains[series], first: offset})
	c.index.Add(hash, i)
	heads[series], c.chains[series] = i, i
	return i, true
}

func hashOf(series SeriesRef, time Start) uint32 {
	return uint32((uint64(series)<<32 | uint64(time)) * 0x9e3779b97f4a7c15 >> 32)
}

// add adds what the event at an offset gives.
func (c *cells) add(i uint32, offset int64, p *part) {
	to := &c.list[i]
	to.last = offset
	c.in.add(&to.sums, p)
	if !to.fresh && to.finest == Minute && to.time != noTime {
		to.fresh = true
		c.fresh = append(c.fresh, i)
	}
}

// panes returns the keys of the panes that the cell adds to, 0 for none.
func (c *cell) panes() (k [Resolutions]Key) {
	if c.time != noTime {
		if c.finest == Minute {
			k[Minute] = NewKey(c.series, Minute, c.time)
		}
		k[Hour] = NewKey(c.series, Hour, c.time-c.time%60)
	}
	k[Day] = NewKey(c.series, Day, c.day)
	return k
}

// reset forgets all cells and keeps the memory.
func (c *cells) reset() {
	for _, s := range c.touched {
		c.heads[0][s], c.heads[1][s], c.chains[s] = 0, 0, 0
	}
	c.index.Reset()
	c.list, c.touched, c.fresh = c.list[:1], c.touched[:0], c.fresh[:0]
	c.in.reset()
}
