package simulate

// answer has the numbers of a response.
type answer struct {
	grade, expectation, performance int // 1 to 7
	latent                          int // the grade before it was rounded
	price                           int // latent
	customer                        *customer
	touch                           uint8
	collapse                        bool   // part of the story
	surge                           *surge // of a bad product, or nil
}

// Draws of a response, as probabilities.
var (
	pAway     = shareOf(.15) // in another store than the home store
	pSurvey   = shareOf(.01) // comprehensive
	pRival    = shareOf(.01) // about a competitor
	pOrder    = shareOf(.4)
	pCategory = shareOf(.7)
)

var (
	rivals       = []string{"rival-a", "rival-b"}
	rivalQuality = []int{60, -140}
)

// visit is one response before it is written.
type visit struct {
	now               int64
	who, at, by       int32
	touch             uint8
	terminal          int // of an anonymous one, from 1; 0 is any
	rival             int // -1 is the own brand
	anonymous, survey bool
	answer
}

// respond writes the response of a customer to f.line (or, if mayBeAnonymous, perhaps that of somebody at a terminal). It returns false if there is
// none.
func (f *Feed) respond(now int64, who int32, mayBeAnonymous bool) bool {
	v, answers := f.meet(now, who, mayBeAnonymous)
	if !answers || f.script.cut(v.at, v.by, now) {
		return false
	}
	f.put(&v)
	if f.shop != nil {
		f.shop.asking.before(f, &v)
	}
	f.repeat(&v)
	return true
}

// meet draws where a customer is served, by whom, and how they grade it. It returns false if they do not come or do not answer.
func (f *Feed) meet(now int64, who int32, mayBeAnonymous bool) (v visit, answers bool) {
	v = visit{now: now, who: who, rival: -1}
	v.anonymous = mayBeAnonymous && f.rnd.chance(f.odds.anonymous)
	v.survey = !v.anonymous && f.rnd.chance(pSurvey)
	if !v.anonymous && f.rnd.chance(pRival) {
		v.rival = f.rnd.below(len(rivals))
	}
	v.at = f.customers[who].home
	if f.rnd.chance(pAway) {
		v.at = f.customers[f.rnd.below(len(f.customers))].home // weighted like the stores
	}
	if mayBeAnonymous && !f.comes(&v) {
		return v, false
	}
	v.touch = f.life.turned(v.at, now, f.touch[f.rnd.below(len(f.touch))])
	if v.anonymous && v.touch != tPurchase {
		v.touch = tCheckout
	}
	by, correction := f.server(v.at, v.touch, now)
	v.by = by
	quality := f.stores[v.at].quality + f.employees[by].quality + correction + f.life.latent(v.at, now)
	bad := f.spoilt(now)
	if bad != nil {
		quality -= bad.latent
	}
	v.answer = f.judge(&f.customers[v.who], v.touch, quality+f.strain(v.at, v.touch, now, by), v.rival)
	v.surge = bad
	v.collapse = v.rival < 0 && f.story.hits(v.at, v.touch, now)
	return v, f.life.answers(&v)
}

// put counts a response, writes it to f.line, and lets it have its effects. Without lines it only sets f.told.
func (f *Feed) put(v *visit) {
	if f.bare {
		f.tell(v)
	} else {
		f.write(v)
	}
	weight := int64(0)
	if v.rival < 0 && !v.survey {
		f.truth.Stores[v.at].Responses++
		f.truth.Stores[v.at].GradeSum += int64(v.grade)
	}
	if v.rival < 0 && !v.anonymous {
		weight = f.feel(v.now, v.who, v.at, v.by, &v.answer)
	}
	if p := f.odds.voice(weight); weight > 0 && f.rnd.chance(p) && !f.bare {
		f.complain(v.now, v.who, v.at, v.by, &v.answer)
	}
}

// write writes a response to f.line.
func (f *Feed) write(v *visit) {
	s, a := &f.stores[v.at], &v.answer
	f.ids++
	f.line.topic, f.line.again, f.line.bad = responseLine, false, false
	b := append(f.line.value[:0], `{"event_id":"r-`...)
	b = appendPadded(b, f.ids, 9)
	b = append(b, `","occurred_at":"`...)
	b = appendTime(b, v.now, &zones[f.rnd.below(len(zones))])
	if v.anonymous {
		b = append(b, `","terminal_id":"`...)
		f.line.key = appendTerminal(f.line.key[:0], s, f.terminal(v))
	} else {
		b = append(b, `","customer_id":"`...)
		f.line.key = appendCustomer(f.line.key[:0], v.who)
	}
	b = append(b, f.line.key...)
	b = append(b, '"')
	b = scale(b, "grade", a.grade)
	from := "call"
	if v.rival < 0 {
		from = touchpoints[v.touch].sources[f.rnd.below(len(touchpoints[v.touch].sources))]
		b = member(b, "source", from)
		b = member(b, "touchpoint", touchpoints[v.touch].name)
		b = append(b, s.members...)
		b = member(b, "employee_id", f.employees[v.by].id)
		b = f.till(b, s, v.by)
		switch {
		case v.surge != nil:
			b = member(b, "product_category", v.surge.product)
		case f.rnd.chance(pCategory):
			b = member(b, "product_category", productCategories[f.rnd.below(len(productCategories))])
		}
		if (v.touch == tPurchase || v.touch == tCheckout || v.touch == tDelivery) && f.rnd.chance(pOrder) {
			b = append(b, `,"order_id":"o-`...)
			b = appendPadded(b, f.ids, 9)
			b = append(b, '"')
		}
	} else {
		b = member(b, "source", from)
		b = member(b, "brand", rivals[v.rival])
	}
	if v.survey {
		b = append(b, `,"survey":"comprehensive"`...)
		b = f.questionnaire(b, a)
	}
	if !v.anonymous {
		b = f.more(b, a)
	}
	f.line.value = append(f.others(b, v, from), '}')
}

// terminal is the terminal of an anonymous response, from 1.
func (f *Feed) terminal(v *visit) int {
	if v.terminal > 0 {
		return v.terminal
	}
	return 1 + f.rnd.below(f.stores[v.at].terminals)
}

// server draws the serving employee: in the story, mostly one of those who carry it.
// The correction is to their latent quality.
func (f *Feed) server(at int32, touch uint8, now int64) (by int32, correction int) {
	s := &f.stores[at]
	switch {
	case touch == tCall && s.agents > 0:
		return int32(s.firstAgent + f.rnd.below(s.agents)), 0
	case f.story.hits(at, touch, now) && f.rnd.percent(70):
		return f.story.culprits[f.rnd.below(len(f.story.culprits))], 0
	case f.life != nil && f.life.mood.crew != nil:
		return f.onDuty(at, now)
	}
	return int32(s.first + f.rnd.below(s.n)), 0
}

// strain is the latent effect of the moment on performance: rush hours, the story.
func (f *Feed) strain(at int32, touch uint8, now int64, by int32) int {
	strain := 0
	if curve[f.life.hour(now)/minuteMS] > busyAbove {
		strain = -60
	}
	strain -= f.stores[at].fallen(now)
	if !f.story.hits(at, touch, now) {
		return strain
	}
	for _, c := range f.story.culprits {
		if c == by {
			return strain - 850
		}
	}
	return strain - 450
}

// judge draws the customer's expectation, perception and grade.
func (f *Feed) judge(c *customer, touch uint8, quality, rival int) answer {
	a := answer{customer: c, touch: touch}
	perceived := 5*step + 120 + quality + touchpoints[touch].adjust + f.rnd.normal(280)
	if rival >= 0 {
		perceived = 5*step + 120 + rivalQuality[rival] + f.rnd.normal(300)
	}
	expected := 5*step + 20 + int(c.harsh) + f.rnd.normal(100)
	a.latent = 5*step - 10 + int(c.base) + int(c.mood) - f.farewell(c) + (perceived-expected)*9/10 + f.rnd.normal(110)
	a.price = 4*step + (perceived-expected)/3 + f.rnd.normal(220)
	a.grade, a.expectation, a.performance = level(a.latent), level(expected), level(perceived)
	c.mood -= c.mood / 4
	return a
}

// Probability of leaving after a response, by grade, at the natural density.
var leavings = [8]probability{0, shareOf(.06), shareOf(.035), shareOf(.015), shareOf(.002), shareOf(.0005), shareOf(.0003), shareOf(.0002)}

// feel applies the effects of a response to the customer, and returns the complaint weight, 0 if they cannot complain.
func (f *Feed) feel(now int64, who, at, by int32, a *answer) int64 {
	c := a.customer
	hit := f.story.during(at, now) && a.grade <= 3
	switch {
	case hit && f.rnd.percent(15) && !f.life.leaves():
		f.lose(f.story.to+f.rnd.between(10*minuteMS, 10*hourMS), who, reasonOf(f.rnd, a.grade, ""))
	case f.life.leaves():
		f.life.remember(who, a.grade)
	case f.rnd.chance(leavings[a.grade].times(f.odds.calmness)):
		f.lose(now+f.parting(), who, reasonOf(f.rnd, a.grade, ""))
	}
	if c.complain || c.leaving {
		return 0
	}
	weight := voices[a.grade] * int64(c.voice) / 64
	if hit {
		weight *= 3
	}
	if a.surge != nil {
		weight *= 4
	}
	return weight
}

func appendTerminal(b []byte, s *store, terminal int) []byte {
	return appendPadded(append(append(append(b, 't'), s.id[len("store"):]...), '-'), uint64(terminal), 1)
}

func appendCustomer(b []byte, who int32) []byte {
	return appendPadded(append(b, 'c', '-'), uint64(who)+1, 7)
}
