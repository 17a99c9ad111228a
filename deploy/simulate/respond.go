package simulate

// answer has the numbers of a response.
type answer struct {
	grade, expectation, performance int // 1 to 7
	latent                          int // the grade before it was rounded
	price                           int // latent
	customer                        *customer
	touch                           uint8
	collapse                        bool // part of the story
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

// respond writes the response of a customer to f.line (or, if mayBeAnonymous, perhaps that of somebody at a terminal).
func (f *Feed) respond(now int64, who int32, mayBeAnonymous bool) {
	c := &f.customers[who]
	anonymous := mayBeAnonymous && f.rnd.chance(f.odds.anonymous)
	survey := !anonymous && f.rnd.chance(pSurvey)
	rival := -1
	if !anonymous && f.rnd.chance(pRival) {
		rival = f.rnd.below(len(rivals))
	}
	at := c.home
	if f.rnd.chance(pAway) {
		at = f.customers[f.rnd.below(len(f.customers))].home // weighted like the stores
	}
	touch := f.touch[f.rnd.below(len(f.touch))]
	if anonymous && touch != tPurchase {
		touch = tCheckout
	}
	s := &f.stores[at]
	by := f.server(at, touch, now)
	a := f.judge(c, touch, s.quality+f.employees[by].quality+f.strain(at, touch, now, by), rival)
	a.collapse = rival < 0 && f.story.hits(at, touch, now)

	f.ids++
	f.line.topic, f.line.again, f.line.bad = responseLine, false, false
	b := append(f.line.value[:0], `{"event_id":"r-`...)
	b = appendPadded(b, f.ids, 9)
	b = append(b, `","occurred_at":"`...)
	b = appendTime(b, now, &zones[f.rnd.below(len(zones))])
	if anonymous {
		b = append(b, `","terminal_id":"`...)
		f.line.key = appendPadded(append(append(append(f.line.key[:0], 't'), s.id[len("store"):]...), '-'), uint64(1+f.rnd.below(s.terminals)), 1)
	} else {
		b = append(b, `","customer_id":"`...)
		f.line.key = appendCustomer(f.line.key[:0], who)
	}
	b = append(b, f.line.key...)
	b = append(b, '"')
	b = scale(b, "grade", a.grade)
	if rival < 0 {
		b = member(b, "source", touchpoints[touch].sources[f.rnd.below(len(touchpoints[touch].sources))])
		b = member(b, "touchpoint", touchpoints[touch].name)
		b = append(b, s.members...)
		b = member(b, "employee_id", f.employees[by].id)
		b = f.till(b, s, by)
		if f.rnd.chance(pCategory) {
			b = member(b, "product_category", productCategories[f.rnd.below(len(productCategories))])
		}
		if (touch == tPurchase || touch == tCheckout || touch == tDelivery) && f.rnd.chance(pOrder) {
			b = append(b, `,"order_id":"o-`...)
			b = appendPadded(b, f.ids, 9)
			b = append(b, '"')
		}
	} else {
		b = member(b, "source", "call")
		b = member(b, "brand", rivals[rival])
	}
	if survey {
		b = append(b, `,"survey":"comprehensive"`...)
		b = f.questionnaire(b, &a)
	}
	if !anonymous {
		b = f.more(b, &a)
	}
	f.line.value = append(b, '}')

	weight := int64(0)
	if rival < 0 && !survey {
		f.truth.Stores[at].Responses++
		f.truth.Stores[at].GradeSum += int64(a.grade)
	}
	if rival < 0 && !anonymous {
		weight = f.feel(now, who, at, by, &a)
	}
	if p := f.odds.voice(weight); weight > 0 && f.rnd.chance(p) {
		f.complain(now, who, at, by, &a)
	}
}

// server draws the serving employee: in the story, mostly one of those who carry it.
func (f *Feed) server(at int32, touch uint8, now int64) int32 {
	s := &f.stores[at]
	switch {
	case touch == tCall && s.agents > 0:
		return int32(s.firstAgent + f.rnd.below(s.agents))
	case f.story.hits(at, touch, now) && f.rnd.percent(70):
		return f.story.culprits[f.rnd.below(len(f.story.culprits))]
	}
	return int32(s.first + f.rnd.below(s.n))
}

// strain is the latent effect of the moment on performance: rush hours, the story.
func (f *Feed) strain(at int32, touch uint8, now int64, by int32) int {
	strain := 0
	if curve[now%dayMS/minuteMS] > busyAbove {
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
	case hit && f.rnd.percent(15):
		f.lose(f.story.to+f.rnd.between(10*minuteMS, 10*hourMS), who, reasonOf(f.rnd, a.grade, ""))
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
	return weight
}

func appendCustomer(b []byte, who int32) []byte {
	return appendPadded(append(b, 'c', '-'), uint64(who)+1, 7)
}
