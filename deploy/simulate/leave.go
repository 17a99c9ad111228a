package simulate

import "time"

var leaveReasons = []string{"died", "moved", "other_relationship", "competitor", "product", "indifference"}

// Reasons, by index.
const (
	leftDied = iota
	leftMoved
	leftOther
	leftCompetitor
	leftProduct
	leftIndifference
)

// reasonOf draws why a customer leaves, after a grade and, if there was one, a complaint of a category.
func reasonOf(rnd source, grade int, category string) uint8 {
	n := rnd.below(100)
	switch {
	case grade >= 4 && n < 10:
		return leftDied
	case grade >= 4 && n < 40:
		return leftMoved
	case grade >= 4 && n < 75:
		return leftOther
	case category == "product" && n < 70:
		return leftProduct
	case category == "price" && n < 70 || n < 9:
		return leftCompetitor
	case n < 23:
		return leftProduct
	case n < 26:
		return leftOther
	}
	return leftIndifference
}

// lose lets a customer leave at a future time. Half of the customers never leave, or a long feed would end in an empty
// chain.
func (f *Feed) lose(at int64, who int32, reason uint8) {
	c := &f.customers[who]
	if f.life.leaves() || f.stays(c) {
		return
	}
	c.leaving, c.reason = true, reason
	f.queue.push(at, dueLeave, who)
}

// stays reports whether a customer cannot leave.
func (f *Feed) stays(c *customer) bool { return c.leaving || len(f.active) <= len(f.customers)/2 }

// longFeed is the least length of a feed in which leaving takes weeks: after the decision, the customer gradually stops coming.
const longFeed = 14 * dayMS

func (f *Feed) long() bool { return f.config.Duration.Milliseconds() >= longFeed }

// parting draws the time from the decision to leave until the customer has left.
func (f *Feed) parting() int64 {
	if !f.long() {
		return f.rnd.between(10*minuteMS, 20*hourMS)
	}
	return f.rnd.between(14*dayMS, 35*dayMS) + f.rnd.between(0, 21*dayMS)
}

// fading reports whether a customer has decided to leave and gradually stops coming.
func (f *Feed) fading(c *customer) bool { return c.leaving && !c.silent && f.long() }

// absent draws whether a customer who has decided to leave skips this visit.
func (f *Feed) absent(who int32) bool {
	return f.fading(&f.customers[who]) && f.rnd.percent(50)
}

// farewell is the latent penalty on all opinions of a customer who has decided to leave.
func (f *Feed) farewell(c *customer) int {
	switch {
	case !f.fading(c):
		return 0
	case f.life.leaves(): // only who leaves for a reason of ours is less happy
		if c.blames {
			return step / 2
		}
		return 0
	}
	return 2 * step
}

// leave removes a customer from those who answer.
func (f *Feed) leave(now int64, who int32) {
	c := &f.customers[who]
	c.left = true
	last := f.active[len(f.active)-1]
	f.active[c.active] = last
	f.customers[last].active = c.active
	f.active = f.active[:len(f.active)-1]
	left := Left{
		CustomerID: string(appendCustomer(nil, who)), At: time.UnixMilli(now).UTC(),
		Reason: leaveReasons[c.reason], StoreID: f.stores[c.home].id,
	}
	f.life.why(&left, who, c)
	f.truth.Left = append(f.truth.Left, left)
	if !c.silent {
		f.shop.left(f, now, who)
	}
}
