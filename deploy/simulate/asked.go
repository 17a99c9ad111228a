package simulate

import "time"

// asking sends invitations: before each response, and after sales that nobody answers. They have a source of their own, and
// are not counted among the lines after which something is sent again, so that all else is the same with and without them.
type asking struct {
	rnd  source
	line line
	ids  uint64
}

func newAsking(f *Feed) *asking {
	f.truth.Side[TopicAsked] = &SideTruth{}
	return &asking{rnd: newSource(f.config.Seed ^ 0x61736b), ids: f.ids}
}

// before invites who has just answered at f.line; a few answer unasked.
func (a *asking) before(f *Feed, v *visit) {
	if v.rival >= 0 || v.survey || a.rnd.percent(3) {
		return
	}
	key, channel, ago := "customer_id", "email", a.rnd.between(minuteMS, 6*hourMS)
	switch {
	case v.anonymous:
		key, channel, ago = "terminal_id", "till", a.rnd.between(2000, 20_000)
	case v.touch == tCall:
		channel, ago = "call", a.rnd.between(10_000, minuteMS)
	case a.rnd.percent(60):
		channel, ago = "till", a.rnd.between(2000, minuteMS)
	}
	b := a.begin(v.now-ago, key, f.line.key)
	occasion := "purchase"
	if v.touch == tCall {
		occasion = "call"
	}
	b = member(member(b, "occasion", occasion), "channel", channel)
	b = member(b, "touchpoint", touchpoints[v.touch].name)
	b = append(b, f.stores[v.at].members...)
	a.send(f, member(b, "employee_id", f.employees[v.by].id), v.now)
}

// after invites who has bought something in a store, now and then: few answer, and those have their own invitation.
func (a *asking) after(f *Feed, who, at int32, now int64) {
	if !a.rnd.percent(55) {
		return
	}
	channel := "email"
	if a.rnd.percent(60) {
		channel = "till"
	}
	b := a.begin(now, "customer_id", appendCustomer(nil, who))
	b = member(member(b, "occasion", "purchase"), "channel", channel)
	a.send(f, append(b, f.stores[at].members...), now)
}

func (a *asking) begin(at int64, field string, key []byte) []byte {
	a.ids++
	a.line.topic, a.line.again, a.line.late = askedLine, false, false
	a.line.key = append(a.line.key[:0], key...)
	b := append(appendPadded(append(a.line.value[:0], `{"event_id":"i-`...), a.ids, 9), `","occurred_at":"`...)
	b = append(appendTime(b, at, &zones[a.rnd.below(len(zones))]), '"')
	return member(b, field, string(key))
}

// send sends the invitation at once or late, once or twice.
func (a *asking) send(f *Feed, b []byte, now int64) {
	a.line.value = append(b, '}')
	if a.line.late = a.rnd.chance(f.odds.late); a.line.late {
		now += a.rnd.between(minuteMS, dayMS)
	}
	f.queue.push(now, dueAsked, f.lines.keep(&a.line))
	if a.rnd.chance(f.odds.again) {
		a.line.again = true
		f.queue.push(now+a.rnd.between(1000, hourMS), dueAsked, f.lines.keep(&a.line))
	}
}

// give sets e to an invitation that is due.
func (a *asking) give(f *Feed, e *Event, d due) {
	f.at = max(f.at, d.at)
	l := &f.lines.all[d.ref]
	a.line.set(l)
	f.lines.drop(d.ref)
	*e = Event{Topic: TopicAsked, Key: a.line.key, Value: a.line.value, At: time.UnixMilli(f.at).UTC(), Duplicate: a.line.again, Late: a.line.late && !a.line.again}
	f.truth.Side[TopicAsked].count(e)
}
