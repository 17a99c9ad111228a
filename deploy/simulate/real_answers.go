package simulate

// somebody draws who comes next: any who still answers, or one who answers often.
func (f *Feed) somebody() int32 {
	who := f.active[f.rnd.below(len(f.active))]
	if f.life != nil {
		who = f.life.frequent.instead(f, who)
	}
	return who
}

// comes draws somebody else until one comes to a store as busy as it is. Like every other try it may fail, when only few customers are left.
func (f *Feed) comes(v *visit) bool {
	if f.life == nil {
		return true
	}
	for range 10_000 {
		if f.life.busy(v.at, v.now) {
			return true
		}
		v.who = f.somebody()
		v.at = f.customers[v.who].home
		if f.rnd.chance(pAway) {
			v.at = f.customers[f.rnd.below(len(f.customers))].home
		}
		if f.absent(v.who) {
			return false
		}
	}
	return false
}

// responseChanges draws the times in which a store asks otherwise.
func responseChanges(r *Real, rnd source, start, end int64) []spell {
	all := spells(rnd, start, end, r.ResponseChanges, int64(r.ResponseChangeDays)*dayMS)
	for i := range all {
		all[i].value = fixed(r.ResponseRise)
		if rnd.percent(50) {
			all[i].value, all[i].unhappy = fixed(r.ResponseFall), rnd.chance(shareOf(r.UnhappyStay))
		}
	}
	return all
}

// answers draws whether a visit is answered although fewer are asked: the unhappy may all do.
func (l *life) answers(v *visit) bool {
	if l == nil || v.grade <= 3 {
		return true
	}
	c := during(l.responses[v.at], v.now)
	return c == nil || !c.unhappy || int64(l.rnd.below(one)) < c.value
}

// frequent are the customers who answer often.
type frequent struct {
	who  []int32
	more probability // of one of them instead of any
}

func newFrequent(f *Feed, r *Real) frequent {
	var q frequent
	if r.FrequentShare == 0 {
		return q
	}
	rnd := f.own(ownFrequent, 0)
	for i := range f.customers {
		if rnd.chance(shareOf(r.FrequentShare)) {
			q.who = append(q.who, int32(i))
		}
	}
	extra := float64(len(q.who)) / float64(len(f.customers)) * (r.FrequentTimes - 1)
	q.more = shareOf(extra / (1 + extra))
	return q
}

func (q *frequent) instead(f *Feed, who int32) int32 {
	if q.more == 0 || !f.life.rnd.chance(q.more) {
		return who
	}
	if other := q.who[f.life.rnd.below(len(q.who))]; !f.customers[other].left {
		return other
	}
	return who
}

// repeats is a pool of visits after which the customer will answer again.
type repeats struct {
	all  []visit
	free []int32
}

// repeat plans one to three more answers of a customer about a visit.
func (f *Feed) repeat(v *visit) {
	if f.life == nil || f.life.RepeatShare == 0 || v.anonymous || v.survey || v.rival >= 0 {
		return
	}
	l := f.life
	if !l.rnd.chance(shareOf(l.RepeatShare)) {
		return
	}
	for range 1 + l.rnd.below(3) {
		again := *v
		again.now += l.rnd.between(2*minuteMS, 3*hourMS)
		ref := int32(len(l.repeats.all))
		if n := len(l.repeats.free); n > 0 {
			ref, l.repeats.free = l.repeats.free[n-1], l.repeats.free[:n-1]
			l.repeats.all[ref] = again
		} else {
			l.repeats.all = append(l.repeats.all, again)
		}
		f.queue.push(again.now, dueRepeat, ref)
	}
}

// respondAgain answers much as before, unless the store has closed.
func (f *Feed) respondAgain(now int64, ref int32) bool {
	l := f.life
	v := l.repeats.all[ref]
	l.repeats.free = append(l.repeats.free, ref)
	if f.customers[v.who].left || !l.open(v.at, now) {
		return false
	}
	v.latent += l.rnd.normal(60)
	v.grade = level(v.latent)
	f.put(&v)
	l.repeated++
	return true
}

// mixes are how many visits are turned into returns.
type mixes struct {
	desks []bool
	times [][]spell
}

func newMixes(f *Feed, r *Real, start int64) mixes {
	var m mixes
	for i := range f.stores {
		m.desks = append(m.desks, f.own(ownDesks, i).chance(shareOf(r.ReturnsDesks)))
		times := spells(f.own(ownMix, i), start, f.end, r.MixChanges, int64(r.MixChangeDays)*dayMS)
		for k := range times {
			times[k].value = fixed(r.MixChangeShare)
		}
		m.times = append(m.times, times)
	}
	return m
}

// turned turns a touchpoint into a return as often as the store's mix wants.
func (l *life) turned(at int32, now int64, touch uint8) uint8 {
	if l == nil {
		return touch
	}
	if l.mixes.desks[at] && l.rnd.chance(shareOf(l.ReturnsDeskShare)) {
		return tReturn
	}
	if c := during(l.mixes.times[at], now); c != nil && int64(l.rnd.below(one)) < c.value {
		return tReturn
	}
	return touch
}
