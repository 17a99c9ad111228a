package simulate

// The side topics: purchases, observations in stores, departures, and invitations. They are drawn from a source of their own, so
// that responses and complaints are the same with and without them.

// shop is the state of the side topics.
type shop struct {
	rnd    source
	buyers []buyer
	checks []int // by store, the standard that is checked next
	ids    uint64
	line   line
	asking *asking
}

// buyer is how a customer buys.
type buyer struct {
	gap    int64 // usual time between purchases, ms
	basket int64 // usual amount, hundredths
}

func newShop(f *Feed, start int64) *shop {
	s := &shop{rnd: newSource(f.config.Seed ^ 0x73686f70), buyers: make([]buyer, len(f.customers)), checks: make([]int, len(f.stores)), ids: f.ids}
	f.truth.Side = map[string]*SideTruth{TopicPurchases: {}, TopicObservations: {Opportunities: map[string]int64{}, Defects: map[string]int64{}}, TopicDepartures: {}}
	s.asking = newAsking(f)
	for i := range s.buyers {
		b := &s.buyers[i]
		b.gap = max(2*dayMS, 12*dayMS*s.rnd.lognormal()>>fraction)
		b.basket = max(200, 6000*s.rnd.lognormal()>>fraction)
		f.queue.push(start+int64(float64(b.gap)*float64(s.rnd.below(1000))/1000), dueSale, int32(i))
	}
	for i := range f.stores {
		f.queue.push(start+s.rnd.between(0, 4*hourMS), dueCheck, int32(i))
		f.queue.push(start+s.rnd.between(0, dayMS), dueShopper, int32(i))
	}
	return s
}

// happen does one thing of the queue, and reports whether it made a line to send now.
func (s *shop) happen(f *Feed, e *Event, d due) bool {
	switch d.kind {
	case dueSale:
		return s.sale(f, d.at, d.ref) && s.made(f, e, d.at)
	case dueNews:
		s.departure(f, d.at, d.ref)
	case dueCheck:
		s.check(f, d.at, d.ref)
		f.queue.push(d.at+s.rnd.between(2*hourMS, 4*hourMS), dueCheck, d.ref)
	case dueShopper:
		s.visit(f, d.at, d.ref)
		f.queue.push(d.at+s.rnd.between(dayMS, 5*dayMS), dueShopper, d.ref)
	}
	return s.made(f, e, d.at)
}

// begin begins a line of a topic.
func (s *shop) begin(topic uint8, prefix string, now int64, field string, key []byte) []byte {
	s.ids++
	s.line.topic, s.line.again, s.line.bad = topic, false, false
	s.line.key = append(s.line.key[:0], key...)
	b := append(append(append(s.line.value[:0], `{"event_id":"`...), prefix...), '-')
	b = append(appendPadded(b, s.ids, 9), `","occurred_at":"`...)
	b = append(appendTime(b, now, &zones[s.rnd.below(len(zones))]), '"')
	return member(b, field, string(key))
}

// made decides how the new line is sent: now or late, once or twice, or with a bad line after it.
func (s *shop) made(f *Feed, e *Event, now int64) bool {
	l := &s.line
	l.late, l.duplicate = s.rnd.chance(f.odds.late), s.rnd.chance(f.odds.again)
	if s.rnd.chance(f.odds.bad) && !f.hasBad {
		f.hasBad = true
		f.bad.set(l)
		f.bad.bad, f.bad.late, f.bad.duplicate = true, false, false
		f.bad.value = append(f.bad.value[:len(f.bad.value)-1], `,"occurred_at":"yesterday"}`...)
	}
	if l.late {
		f.queue.push(now+s.delay(), dueLine, f.lines.keep(l))
		return false
	}
	f.at = max(f.at, now)
	f.give(e, l)
	return true
}

// delay draws how late a line is: mostly hours, sometimes days, since these topics are sent less often than the others.
func (s *shop) delay() int64 {
	if s.rnd.below(10) < 9 {
		return s.rnd.between(minuteMS, dayMS)
	}
	return s.rnd.between(dayMS, 4*dayMS)
}

// left makes the departure of two customers in five known.
func (s *shop) left(f *Feed, now int64, who int32) {
	if s == nil || !s.rnd.percent(40) {
		return
	}
	known := now + s.rnd.between(5*minuteMS, 6*hourMS)
	if f.long() {
		known = now + s.rnd.between(hourMS, 14*dayMS)
	}
	f.queue.push(known, dueNews, who)
}

func (s *shop) departure(f *Feed, now int64, who int32) {
	b := s.begin(departureLine, "d", now, "customer_id", appendCustomer(nil, who))
	if s.rnd.percent(85) {
		b = member(b, "leave_reason", leaveReasons[f.customers[who].reason])
	}
	s.line.value = append(b, '}')
}
