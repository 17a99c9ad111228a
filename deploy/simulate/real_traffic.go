package simulate

import "math/bits"

// traffic is how busy the stores are beyond the day curve, by slot.
type traffic struct {
	factors   [][]uint16 // by store, in 1/256
	top       []uint16   // the highest factor of a store with customers
	chain     []int64    // mean over the customers' home stores, in 1/1024
	homes     []int64    // customers by home store
	customers int        // of all stores
	sum       int64      // expected weight of the whole feed
	bursts    [][]spell
	shared    []int64 // the factor of all stores, in parts of one
	even      bool    // nothing varies beyond the day curve of all stores
}

func newTraffic(f *Feed, l *life) traffic {
	r, a := l.Real, l.almanac
	t := traffic{customers: len(f.customers), homes: make([]int64, len(f.stores)), top: make([]uint16, a.slots), chain: make([]int64, a.slots)}
	for i := range f.customers {
		t.homes[f.customers[i].home]++
	}
	week := make([]int64, a.slots)
	t.shared, t.even = week, r.Zone == "" && r.Opens == "" && len(r.ClosedWeekdays)+len(r.Holidays) == 0
	for i := range week {
		day := a.day(i)
		week[i] = more(one, fixed(r.WeekTraffic[a.weekday(day)]))
		if a.payDay[day] {
			week[i] = more(week[i], fixed(r.PayDayTraffic))
		}
		if during(l.promotions, a.slotStart(i)) != nil {
			week[i] = more(week[i], fixed(r.PromotionTraffic))
		}
	}
	for _, v := range week {
		t.even = t.even && v == one
	}
	opens, closes, _ := r.opening() // validated
	for s := range f.stores {
		bursts := spells(f.own(ownBursts, s), a.origin, f.end, r.Bursts*365, int64(r.BurstMinutes)*minuteMS)
		t.bursts = append(t.bursts, bursts)
		shift := 0
		if n := r.OpeningSpread / 15; n > 0 {
			shift = 15 * int(f.own(ownOpening, s).between(int64(-n), int64(n+1)))
		}
		days := f.own(ownTraffic, s)
		byDay := make([]int64, a.days)
		for d := range byDay {
			byDay[d] = max(one/10, one+fixed(r.TrafficSD)*int64(days.normal(256))/256)
		}
		factors := make([]uint16, a.slots)
		for i := range factors {
			minute := a.minute(i)
			if a.closed[a.day(i)] || closes-opens < 1440 && (minute < opens+shift || minute >= closes+shift) {
				continue
			}
			v := week[i] * byDay[a.day(i)] / one
			for len(bursts) > 0 && bursts[0].to <= a.slotStart(i) {
				bursts = bursts[1:]
			}
			if len(bursts) > 0 && bursts[0].from < a.slotStart(i)+quarterMS {
				v = more(v, fixed(r.BurstTraffic))
			}
			if c := during(l.responses[s], a.slotStart(i)); c != nil && !c.unhappy {
				v = v * c.value / one
			}
			factors[i] = uint16(min(65535, v*256/one))
			if t.homes[s] > 0 {
				t.top[i] = max(t.top[i], factors[i])
			}
			t.chain[i] += int64(factors[i]) * 4 * t.homes[s]
		}
		t.factors = append(t.factors, factors)
	}
	for i := range t.chain {
		t.chain[i] /= int64(len(f.customers))
		for m := range int64(15) {
			t.sum += a.weight(a.slotStart(i)+m*minuteMS, t.chain[i]) * minuteMS
		}
	}
	return t
}

// more is v and a share of it, in parts of one.
func more(v, share int64) int64 { return v * (one + share) / one }

// weight is the day curve in local time, times a factor in 1/1024.
func (a *almanac) weight(t, factor int64) int64 {
	w := curve[a.clock(t)%dayMS/minuteMS] * 16 * factor >> 10
	if factor > 0 {
		w = max(1, w)
	}
	return w
}

// hour is the time of day of an instant, ms: of stores' clocks, UTC without real life.
func (l *life) hour(t int64) int64 {
	if l != nil {
		t = l.clock(t)
	}
	return t % dayMS
}

// weightAt is the weight of the chain at a time, for its flow.
func (l *life) weightAt(t int64) int64 { return l.weight(t, l.traffic.chain[l.slot(t)]) }

// open reports whether a store is open.
func (l *life) open(store int32, now int64) bool {
	return l == nil || l.traffic.factors[store][l.slot(now)] > 0
}

// busy draws whether a visit to a store takes place, given that some store of the chain is visited.
func (l *life) busy(store int32, now int64) bool {
	slot := l.slot(now)
	have, top := l.traffic.factors[store][slot], l.traffic.top[slot]
	if have == top {
		return have > 0
	}
	high, _ := bits.Mul64(l.rnd.pcg.Uint64(), uint64(top))
	return high < uint64(have)
}

// postponed postpones what happens in a store while it is closed, to some time in its first open hours. It returns now if the store is open.
func (l *life) postponed(store int32, now int64) int64 {
	if l.open(store, now) {
		return now
	}
	at := now
	for range l.slots {
		if at += quarterMS; l.open(store, at) {
			return at + l.rnd.between(0, 2*hourMS)
		}
	}
	return at
}

// busiest is the weight of an hour in which nobody postpones a purchase: the day curve's top with twice the traffic.
const busiest = 2 * curveTop * one

// shopping postpones a purchase to an hour in which people buy. Purchases follow the day and the calendar, not how many are asked. It returns now if the
// purchase takes place.
func (l *life) shopping(store int32, now int64) int64 {
	if l == nil || l.traffic.even {
		return now
	}
	slot := l.slot(now)
	weight := curve[l.hour(now)/minuteMS] * l.traffic.shared[slot]
	if l.open(store, now) && int64(l.rnd.below(busiest)) < weight {
		return now
	}
	return now + l.rnd.between(quarterMS, 12*hourMS)
}
