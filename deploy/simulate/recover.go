package simulate

// promised is the time in which a complaint should be resolved.
const promised = 24 * hourMS

var remedyNames = []string{"apologised", "corrected", "compensated", "went_further"}

// advance takes the next step of a complaint and writes its line to f.line. It returns false if the complaint has ended
// without another step.
func (f *Feed) advance(now int64, ref int32) bool {
	p := &f.plans.all[ref]
	c := &f.customers[p.who]
	s := p.steps[p.next].step
	p.next++
	switch {
	case c.left && s == sOpened: // the customer left without a word
		f.over(p, ref)
		return false
	case c.left && s != sWithdrawn && s != sResolved && f.rnd.percent(30):
		s, p.n, p.open = sWithdrawn, p.next, false
	}
	sums := &f.truth.Stores[p.store]
	b := f.stepLine(now, p, s)
	switch s {
	case sOpened:
		sums.Opened++
		c.mood = int16(max(-600, int(c.mood)-200))
	case sHandedOff:
		p.by = f.colleague(p.store)
	case sRemedied:
		b = f.remedy(b, p)
	case sResolved:
		if p.resolved == 0 {
			sums.Resolved++
			p.resolved = p.opened
		}
		sums.RecoveryMS += now - p.resolved
		p.resolved = now
		b = f.settle(b, now, p)
	case sReopened:
		sums.Reopened++
	case sWithdrawn:
		sums.Withdrawn++
		f.life.hurt(p.who, now)
		if f.rnd.chance(shareOf(.25).times(f.odds.calmness)) { // the customer gives up and leaves
			f.lose(now+f.rnd.between(10*minuteMS, 10*hourMS), p.who, reasonOf(f.rnd, 1, categories[p.category]))
		}
		if c.leaving && !c.silent {
			b = member(b, "leave_reason", leaveReasons[c.reason])
		}
	}
	f.line.value = append(b, '}')
	switch {
	case p.next < p.n:
		f.queue.push(p.steps[p.next].at, dueStep, ref)
	case p.open: // nobody handles it any more: the complaint stays open
		f.life.hurt(p.who, now)
		if f.rnd.chance(shareOf(.3).times(f.odds.calmness)) {
			f.lose(now+f.rnd.between(hourMS, 20*hourMS), p.who, reasonOf(f.rnd, 1, categories[p.category]))
		}
		f.plans.free = append(f.plans.free, ref)
	default:
		f.over(p, ref)
	}
	return true
}

func (f *Feed) over(p *plan, ref int32) {
	f.customers[p.who].complain = false
	f.plans.free = append(f.plans.free, ref)
}

// colleague draws the employee of the store who takes the complaint over.
func (f *Feed) colleague(at int32) int32 {
	s := &f.stores[at]
	return int32(s.first + f.rnd.below(s.n))
}

// stepLine begins the line of a step.
func (f *Feed) stepLine(now int64, p *plan, s uint8) []byte {
	f.line.topic, f.line.again, f.line.bad = complaintLine, false, false
	f.line.key = appendCustomer(f.line.key[:0], p.who)
	f.stepIDs++
	b := append(f.line.value[:0], `{"event_id":"k-`...)
	b = appendPadded(b, f.stepIDs, 9)
	b = append(b, `","occurred_at":"`...)
	b = appendTime(b, now, &zones[f.rnd.below(len(zones))])
	b = append(append(b, `","customer_id":"`...), f.line.key...)
	b = append(b, `","complaint_id":"complaint-`...)
	b = appendPadded(b, p.id, 9)
	b = append(b, '"')
	b = member(b, "step", stepNames[s])
	b = member(b, "source", complaintSources[p.source])
	b = append(b, f.stores[p.store].members...)
	b = member(b, "employee_id", f.employees[p.by].id)
	b = f.till(b, &f.stores[p.store], p.by)
	if s == sOpened || s == sReopened || f.rnd.percent(30) {
		b = member(b, "category", categories[p.category])
	}
	if s == sOpened || s == sReopened {
		b = member(b, "emotion", f.emotion(1+f.rnd.below(3)))
		if f.rnd.percent(40) {
			b = f.comment(b, 1)
		}
	}
	return b
}

// remedy appends remedies, up to four.
func (f *Feed) remedy(b []byte, p *plan) []byte {
	b = append(b, `,"remedies":[`...)
	depth, paid := 0, false
	for i, percent := range []int{85, 65, 35, 12} {
		switch {
		case f.script.helped(p.store, p.opened) < 100:
			percent = (percent + 100) / 2
		case p.hit:
			percent /= 2
		}
		if !f.rnd.percent(percent) {
			continue
		}
		if depth > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), remedyNames[i]...), '"')
		depth++
		paid = paid || i == 2
	}
	b = append(b, ']')
	p.depth = max(p.depth, depth)
	if paid {
		cents := f.rnd.between(200, 12000)
		b = appendPadded(append(b, `,"compensation":`...), uint64(cents/100), 1)
		b = two(append(b, '.'), cents%100)
	}
	return b
}

// settle is the customer's reaction to the resolution: the recovery paradox if it was good, leaving if it was bad.
func (f *Feed) settle(b []byte, now int64, p *plan) []byte {
	c := &f.customers[p.who]
	took := now - p.opened
	outcome, process := 4*step+p.depth*100, 5*step
	switch {
	case took > promised:
		outcome, process = outcome-200, process-2*step
	case took > promised/2:
		process -= step
	}
	outcome, process = outcome+f.rnd.normal(170), process+f.rnd.normal(170)
	if f.rnd.percent(70) {
		b = appendDigit(append(b, `,"fairness":{"outcome":`...), level(outcome))
		b = appendDigit(append(b, `,"process":`...), level(process))
		b = append(b, '}')
	}
	switch fair := outcome + process; {
	case took <= promised && fair >= 9*step:
		c.mood = 420
	case fair < 8*step || took > promised:
		c.mood = -320
		f.life.hurt(p.who, now)
		if f.rnd.chance(shareOf(.3).times(f.odds.calmness)) {
			f.lose(now+f.rnd.between(hourMS, 20*hourMS), p.who, reasonOf(f.rnd, 1, categories[p.category]))
		}
	default:
		c.mood = 0
	}
	if f.rnd.percent(40) && !c.left {
		f.queue.push(now+f.rnd.between(10*minuteMS, 12*hourMS), dueVisit, p.who)
	}
	if !p.reopened && (f.rnd.percent(7) || outcome < 4*step && f.rnd.percent(20)) {
		f.reopen(p, now)
	}
	return b
}
