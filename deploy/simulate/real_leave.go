package simulate

import "time"

// Causes of leaving, in the order of their rates.
const (
	causeAttrition = iota
	causeMoved
	causeCompetitor
	causeSatisfaction
	causeRecovery
)

var causeNames = []string{"attrition", "moved", "competitor", "satisfaction", "recovery"}

// hurtFor is how long a bad recovery has an effect.
const hurtFor = 60 * dayMS

// leaving has what the customers remember, nil if no knob of leaving is on.
type leaving struct {
	on     bool
	rnd    source
	people []person
	rivals [][]spell // by store: times near a new competitor
	scaled [5]int64  // yearly rates in parts of one
}

type person struct {
	history int32  // weighted mean of past grades, in steps
	rate    uint32 // own rate of attrition, as a factor with the mean 1<<fraction
	hurt    int64  // time of the last bad recovery, 0 if none
	decided int64
	cause   uint8
}

func newLeaving(f *Feed, r *Real, start int64) leaving {
	g := leaving{rnd: f.own(ownLeaving, 0)}
	for i, rate := range []float64{r.Attrition, r.Moved, r.Competitor, r.Satisfaction, r.Recovery} {
		g.on, g.scaled[i] = g.on || rate > 0, fixed(rate)
	}
	if !g.on {
		return g
	}
	g.people = make([]person, len(f.customers))
	for i := range g.people {
		g.people[i] = person{history: 5 * step, rate: uint32(g.rnd.lognormal())}
	}
	for i := range f.stores {
		g.rivals = append(g.rivals, spells(f.own(ownCompetitors, i), start, f.end, r.CompetitorOpenings, int64(r.CompetitorDays)*dayMS))
	}
	f.queue.push(start, dueDay, 0)
	return g
}

// leaves reports whether customers leave by these risks instead of after single responses.
func (l *life) leaves() bool { return l != nil && l.leaving.on }

// remember adds a grade to a customer's past.
func (l *life) remember(who int32, grade int) {
	p := &l.leaving.people[who]
	p.history += (int32(grade)*step - p.history) / 3
}

// hurt notes that a complaint of a customer ended badly.
func (l *life) hurt(who int32, now int64) {
	if l.leaves() {
		l.leaving.people[who].hurt = now
	}
}

// day lets customers decide to leave in the day that begins: competing risks, of which at most one wins.
func (g *leaving) day(f *Feed, now int64) {
	f.queue.push(now+dayMS, dueDay, 0)
	for who := range g.people {
		c, p := &f.customers[who], &g.people[who]
		if c.left || c.leaving {
			continue
		}
		rates := g.rates(c, p, now)
		sum := int64(0)
		for _, r := range rates {
			sum += r
		}
		// The rate of a day, in parts of one and 365.
		at := int64(g.rnd.below(one * 365))
		if at >= sum || f.stays(c) {
			continue
		}
		for cause, r := range rates {
			if at -= r; at < 0 {
				g.decide(f, int32(who), now+g.rnd.between(0, dayMS), uint8(cause))
				break
			}
		}
	}
}

// rates are the yearly rates of a customer by cause, in parts of one.
func (g *leaving) rates(c *customer, p *person, now int64) (rates [5]int64) {
	rates[causeAttrition] = g.scaled[causeAttrition] * int64(p.rate) >> fraction
	rates[causeMoved] = g.scaled[causeMoved]
	if during(g.rivals[c.home], now) != nil {
		rates[causeCompetitor] = g.scaled[causeCompetitor]
	}
	if below := 5*step - int64(p.history); below > 0 {
		rates[causeSatisfaction] = g.scaled[causeSatisfaction] * below / step
	}
	if p.hurt > 0 && now-p.hurt < hurtFor {
		rates[causeRecovery] = g.scaled[causeRecovery]
	}
	return rates
}

// decide lets a customer leave, at once or over weeks.
func (g *leaving) decide(f *Feed, who int32, at int64, cause uint8) {
	c, p := &f.customers[who], &g.people[who]
	p.cause, p.decided = cause, at
	c.leaving, c.silent, c.blames = true, g.rnd.chance(shareOf(f.life.Silent)), cause >= causeSatisfaction
	switch cause {
	case causeAttrition:
		c.reason = []uint8{leftDied, leftOther, leftOther, leftIndifference}[g.rnd.below(4)]
	case causeMoved:
		c.reason = leftMoved
	case causeCompetitor:
		c.reason = leftCompetitor
	default:
		c.reason = reasonOf(g.rnd, 1, "")
	}
	if !c.silent && f.long() {
		at += g.rnd.between(14*dayMS, 56*dayMS)
	}
	f.queue.push(at, dueLeave, who)
}

// why adds the cause to the truth about one who left.
func (l *life) why(to *Left, who int32, c *customer) {
	if !l.leaves() {
		return
	}
	p := &l.leaving.people[who]
	decided := time.UnixMilli(p.decided).UTC()
	to.Cause, to.Decided, to.Silent = causeNames[p.cause], &decided, c.silent
}
