package pane_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"csatflow/pipeline/pane"
)

// flushed merges and gives copies of the panes that changed.
func flushed(set *pane.Set, at int64) (list []*pane.Pane) {
	if mark := set.Merge(); mark != pane.NoMark {
		panic(fmt.Sprint("a row has absorbed a part of a sum, up to ", mark))
	}
	set.Flush(at, func(p *pane.Pane) {
		kept := *p
		kept.Counters, kept.Hist = slices.Clone(p.Counters), slices.Clone(p.Hist)
		list = append(list, &kept)
	})
	return list
}

// ofMinutes gives every series panes of minutes; coarser gives the even ones none, and the fourth only days.
func ofMinutes(pane.SeriesRef) pane.Resolution { return pane.Minute }

func coarser(s pane.SeriesRef) pane.Resolution {
	return []pane.Resolution{pane.Day, pane.Minute, pane.Hour, pane.Minute}[s%4]
}

// minutesOf gives copies of the panes of minutes that changed.
func minutesOf(set *pane.Set, at int64) (list []*pane.Pane) {
	set.FlushMinutes(at, func(p *pane.Pane) {
		kept := *p
		kept.Counters, kept.Hist = slices.Clone(p.Counters), slices.Clone(p.Hist)
		list = append(list, &kept)
	})
	return list
}

// given is one change by one event.
type given struct {
	series []pane.SeriesRef
	at     [pane.Resolutions]pane.Start
	day    bool // to the day of the first series alone
	delta  *pane.Delta
	hist   pane.Histogram
	groups map[int][]int64
}

func drawGiven(t *rapid.T, l *pane.Layout) *given {
	g := &given{}
	for _, n := range rapid.SliceOfNDistinct(rapid.Uint32Range(1, 4), 1, 3, rapid.ID[uint32]).Draw(t, "series") {
		g.series = append(g.series, pane.SeriesRef(n))
	}
	g.series = append(g.series, pane.NoSeries)
	minute := pane.Start(rapid.IntRange(0, 3).Draw(t, "day")*1440 + rapid.IntRange(0, 2).Draw(t, "hour")*60 + rapid.IntRange(0, 2).Draw(t, "minute") + 100_000*1440)
	g.at = [pane.Resolutions]pane.Start{minute, minute - minute%60, minute - minute%1440}
	g.day = rapid.Bool().Draw(t, "day alone")
	g.delta, g.groups = drawDelta(t, l)
	if rapid.Bool().Draw(t, "histogram") {
		g.hist = pane.Histogram{{Bucket: int16(rapid.IntRange(0, 3).Draw(t, "bucket")), Count: 1}}
	}
	return g
}

func (g *given) give(set *pane.Set, offset int64) {
	if g.day {
		set.AddToDay(offset, g.series[0], g.at[pane.Day], pane.Change{Delta: g.delta, Hist: g.hist})
		return
	}
	set.Add(offset, g.series, g.at, pane.Change{Delta: g.delta, Hist: g.hist})
}

// figures are plain sums by pane and counter, without zeros.
type figures map[string]int64

func (f figures) add(key pane.Key, name string, i int, v int64) {
	id := fmt.Sprintf("%d %s[%d]", key, name, i)
	if f[id] += v; f[id] == 0 {
		delete(f, id)
	}
}

func (f figures) event(l *pane.Layout, g *given) {
	one := func(k pane.Key) {
		for group, values := range g.groups {
			for i, v := range values {
				f.add(k, l.Names[group], i, v)
			}
		}
		for _, e := range g.hist {
			f.add(k, "bucket", int(e.Bucket), e.Count)
		}
	}
	if g.day {
		one(pane.NewKey(g.series[0], pane.Day, g.at[pane.Day]))
		return
	}
	for _, s := range g.series[:len(g.series)-1] {
		for r := coarser(s); r < pane.Resolutions; r++ {
			one(pane.NewKey(s, r, g.at[r]))
		}
	}
}

// stored is a table of panes that keeps, for each, the row with the highest mark.
type stored map[pane.Key]*pane.Pane

func (s stored) write(rows ...*pane.Pane) {
	for _, p := range rows {
		if old := s[p.Key]; old == nil || old.Mark <= p.Mark {
			s[p.Key] = p
		}
	}
}

func (s stored) figures(t *rapid.T, l *pane.Layout) figures {
	f := figures{}
	for k, p := range s {
		groups, err := l.Split(p.Groups, p.Counters)
		if err != nil {
			t.Fatal(err)
		}
		for g, values := range groups {
			for i, v := range values {
				f.add(k, l.Names[g], i, v)
			}
		}
		for _, e := range p.Hist {
			f.add(k, "bucket", int(e.Bucket), e.Count)
		}
	}
	return f
}

// fetch gives the set the panes that it waits for.
func (s stored) fetch(t *rapid.T, set *pane.Set) {
	for _, k := range set.Absent() {
		if p := s[k]; p != nil {
			load(t, set, p)
		}
	}
	set.Settle()
}

func load(t *rapid.T, set *pane.Set, p *pane.Pane) {
	kept := *p
	kept.Counters, kept.Hist = slices.Clone(p.Counters), slices.Clone(p.Hist)
	if err := set.Load(&kept); err != nil {
		t.Fatal(err)
	}
}

// restored is a set with some of the rows; its frontier says before which time there may be others.
func (s stored) restored(t *rapid.T, l *pane.Layout, limit int) *pane.Set {
	set := pane.NewSet(l, coarser, limit)
	all := slices.Sorted(maps.Keys(s))
	if len(all) == 0 {
		return set
	}
	frontier := rapid.SampledFrom(all).Draw(t, "frontier").Start()
	for r := range pane.Resolution(pane.Resolutions) {
		set.SetFrontier(r, frontier)
	}
	for _, k := range all {
		if k.Start() >= frontier || rapid.Bool().Draw(t, "loaded") {
			load(t, set, s[k])
		}
	}
	return set
}

// TestMinutesBetweenFlushesAreThoseOfAFlush compares with what a flush of the same events writes.
func TestMinutesBetweenFlushesAreThoseOfAFlush(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := layouts().Draw(t, "layout")
		log := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) *given { return drawGiven(t, l) }), 2, 30).Draw(t, "log")
		first := rapid.IntRange(0, len(log)-1).Draw(t, "flushed before")
		set := pane.NewSet(l, coarser, 100)
		table := stored{}
		for i, g := range log {
			if i == first {
				table.write(flushed(set, int64(i-1))...)
			}
			g.give(set, int64(i))
			if rapid.Bool().Draw(t, "minutes") {
				table.write(minutesOf(set, int64(i))...)
			}
		}
		last := int64(len(log) - 1)
		table.write(minutesOf(set, last)...)
		for _, p := range flushed(set, last) {
			if p.Key.Resolution() != pane.Minute {
				continue
			}
			got := table[p.Key]
			if got == nil || got.Groups != p.Groups || !slices.Equal(got.Counters, p.Counters) || !slices.Equal(got.Hist, p.Hist) {
				t.Fatalf("pane %x: %+v between flushes, %+v of a flush", p.Key, got, p)
			}
		}
	})
}

// TestPanesEndAsPlainSumsWhateverIsWritten has few panes in memory, series that have no minutes, panes of minutes that are written
// between flushes, flushes that a crash cuts short after some rows, and rows that a former owner writes at any time.
func TestPanesEndAsPlainSumsWhateverIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := layouts().Draw(t, "layout")
		log := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) *given { return drawGiven(t, l) }), 0, 40).Draw(t, "log")
		limit := rapid.IntRange(4, 40).Draw(t, "limit")
		table, set, next, position, expect := stored{}, pane.NewSet(l, coarser, limit), 0, 0, pane.NoMark
		var late []*pane.Pane
		begin := func() {
			set, next = table.restored(t, l, limit), position
			set.Expect(expect)
		}
		for lives := 0; next < len(log) || position < len(log); {
			for range rapid.IntRange(1, 20).Draw(t, "events") {
				if next < len(log) {
					log[next].give(set, int64(next))
					next++
				}
			}
			if rapid.IntRange(0, 2).Draw(t, "a zombie writes") == 0 {
				table.write(late...)
			}
			if rapid.Bool().Draw(t, "minutes are written") {
				minutes := minutesOf(set, int64(next-1))
				if rapid.Bool().Draw(t, "late") {
					late = append(late, minutes...)
				} else {
					table.write(minutes...)
				}
				if lives < 5 && rapid.IntRange(0, 3).Draw(t, "crash after minutes") == 0 {
					lives++
					begin()
				}
				continue
			}
			table.fetch(t, set)
			if mark := set.Merge(); mark != pane.NoMark {
				expect = max(expect, mark)
				begin()
				continue
			}
			rows := flushed(set, int64(next-1))
			if lives < 5 && rapid.IntRange(0, 2).Draw(t, "crash") == 0 {
				lives++
				any := rapid.Bool().Draw(t, "any written")
				for _, p := range rows {
					if any && rapid.Bool().Draw(t, "written") {
						table.write(p)
					} else {
						late = append(late, p)
					}
				}
				begin()
				continue
			}
			table.write(rows...)
			position = next
		}
		want := figures{}
		for _, g := range log {
			want.event(l, g)
		}
		if got := table.figures(t, l); !maps.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}
