package simulate

import (
	"fmt"
	"math"
)

// one is 1 in the fixed point of traffic and of grades.
const one = 1 << 12

// fixed rounds to whole parts of one. What is configured becomes an integer here, once.
func fixed(v float64) int64 { return int64(math.Round(v * one)) }

// life is what [Real] does to a feed: its tables, drawn before it begins, and its state. Each subject draws from a source of its own, so that a
// knob leaves the others as they are.
type life struct {
	*Real
	*almanac
	traffic    traffic
	mood       mood
	rnd        source // of the draws while the feed runs
	asks       source // of expectations by dimension
	mixes      mixes
	responses  [][]spell // by store: times in which more or fewer answer
	frequent   frequent
	repeats    repeats
	children   []child
	leaving    leaving
	toPress    int64   // presses of children still to come
	repeated   int64   // answers after others about the same visit
	expected   float64 // first answers about the own brand
	again      float64 // repeated answers for each of them
	promotions []spell
}

func newLife(f *Feed, start int64) (*life, error) {
	r := f.config.Real
	if r == nil {
		return nil, nil
	}
	a, err := newAlmanac(r, start, f.end)
	if err != nil {
		return nil, err
	}
	l := &life{Real: r, almanac: a, rnd: f.own(ownRun, 0), asks: f.own(ownExpectation, 0)}
	l.responses = make([][]spell, len(f.stores))
	for i := range f.stores {
		l.responses[i] = responseChanges(r, f.own(ownResponses, i), start, f.end)
	}
	l.promotions = spells(f.own(ownPromotions, 0), start, f.end, r.Promotions, int64(r.PromotionDays)*dayMS)
	l.mood = newMood(f, r, a, l.promotions)
	l.traffic = newTraffic(f, l)
	if l.traffic.sum == 0 {
		return nil, fmt.Errorf("simulated feed: no store is open in the whole duration: make it longer, or change opens, closes, closed_weekdays or holidays")
	}
	l.mixes = newMixes(f, r, start)
	l.frequent = newFrequent(f, r)
	l.children = newChildren(f, l, start)
	l.leaving = newLeaving(f, r, start)
	return l, nil
}

// Subjects with sources of their own.
const (
	ownRun = iota
	ownResponses
	ownPromotions
	ownDayMood
	ownHourMood
	ownShiftMood
	ownDrift
	ownOpening
	ownTraffic
	ownBursts
	ownMix
	ownDesks
	ownFrequent
	ownChildren
	ownRepeats
	ownLeaving
	ownCompetitors
	ownExpectation
)

// own returns the source of a subject of a store. The seeds are mixed by the finalizer of SplitMix64 (Steele, Lea, Flood 2014).
func (f *Feed) own(subject, store int) source {
	z := f.config.Seed + uint64(subject+1)*0x9e3779b97f4a7c15 + uint64(store)<<32*0x632be5ab
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return newSource(z ^ z>>31)
}

// spell is a time in which something is otherwise.
type spell struct {
	from, to int64
	value    int64 // in parts of one
	unhappy  bool  // those who grade 3 or less are as usual
}

// spells draws times that begin by a Poisson process, so many a year, and last half to one and a half of the length, one after the other.
func spells(rnd source, start, end int64, perYear float64, length int64) (all []spell) {
	if perYear <= 0 {
		return nil
	}
	gap := int64(365 * float64(dayMS) / perYear)
	for at := start; ; {
		at += gap >> fraction * int64(rnd.exponential())
		if at >= end {
			return all
		}
		s := spell{from: at, to: at + length/2 + rnd.between(0, length)}
		all = append(all, s)
		at = s.to
	}
}

// during returns the spell at a time, nil if there is none.
func during(all []spell, now int64) *spell {
	for i := range all {
		if s := &all[i]; now >= s.from && now < s.to {
			return s
		}
	}
	return nil
}
