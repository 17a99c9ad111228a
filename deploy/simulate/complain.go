package simulate

// Steps of a complaint.
const (
	sOpened = iota
	sContacted
	sHandedOff
	sRemedied
	sResolved
	sReopened
	sWithdrawn
)

var stepNames = []string{"opened", "contacted", "handed_off", "remedied", "resolved", "reopened", "withdrawn"}

type planned struct {
	step uint8
	at   int64
}

// plan is one complaint and its future.
type plan struct {
	id            uint64
	who, store    int32
	by            int32
	category      uint8
	source        uint8
	next, n       int
	steps         [9]planned
	opened        int64
	resolved      int64 // of the last resolution, 0 if none
	depth         int   // remedies done
	open          bool  // it will never be closed
	reopened, hit bool
}

// plans is a pool of the complaints that are not over yet.
type plans struct {
	all  []plan
	free []int32
	last uint64 // number of the last complaint
}

var complaintSources = []string{"call", "service_desk", "web", "app"}

// categories, with the seven sins first.
var categories = []string{"apathy", "brush_off", "coldness", "condescension", "robotism", "rule_book", "runaround",
	"product", "price", "delivery", "promise", "process", "facility", "safety", "other"}

// usually lists each category as often as it occurs in 48 complaints.
var usually = func() (all []uint8) {
	for i, n := range []int{6, 5, 3, 2, 2, 3, 4, 7, 3, 4, 3, 3, 1, 1, 1} {
		for range n {
			all = append(all, uint8(i))
		}
	}
	return all
}()

// complain plans the complaint after a response: it is opened soon, or in some cases a day later.
func (f *Feed) complain(now int64, who, at, by int32, a *answer) {
	var ref int32
	if n := len(f.plans.free); n > 0 {
		ref, f.plans.free = f.plans.free[n-1], f.plans.free[:n-1]
	} else {
		ref = int32(len(f.plans.all))
		f.plans.all = append(f.plans.all, plan{})
	}
	f.plans.last++
	p := &f.plans.all[ref]
	*p = plan{id: f.plans.last, who: who, store: at, by: by, hit: f.story.hits(at, a.touch, now), source: uint8(f.rnd.below(len(complaintSources)))}
	p.category = usually[f.rnd.below(len(usually))]
	switch {
	case a.surge != nil:
		p.category = a.surge.category
	case p.hit && f.rnd.percent(85):
		p.category = uint8(f.rnd.below(2)) // apathy, brush_off
	case a.touch == tDelivery && f.rnd.percent(60):
		p.category = 9
	}
	p.opened = now + f.rnd.between(minuteMS, 20*minuteMS)
	if !p.hit && f.rnd.percent(30) {
		p.opened = now + f.rnd.between(hourMS/2, 20*hourMS)
	}
	f.customers[who].complain = true
	f.foresee(p)
	f.queue.push(p.steps[0].at, dueStep, ref)
}

// foresee plans the steps of a complaint from its opening on.
func (f *Feed) foresee(p *plan) {
	took := f.stores[p.store].recovery * f.rnd.lognormal() >> fraction
	if p.hit {
		took *= 3
	}
	took = max(took*f.script.helped(p.store, p.opened)/100, 10*minuteMS)
	p.step(sOpened, p.opened)
	part := func(low, high int64) int64 { return p.opened + took/1000*f.rnd.between(low, high) }
	fate := f.rnd.below(100)
	if fate < 6 {
		if f.rnd.percent(50) {
			p.step(sContacted, part(50, 400))
		}
		p.step(sWithdrawn, part(500, 900))
		return
	}
	p.open = fate < 14
	if f.script.diligent {
		p.open = fate < 7
	}
	runaround := p.category == 6 || p.hit
	switch {
	case !runaround && f.rnd.percent(35): // the first contact solves it
		if f.rnd.percent(60) {
			p.step(sContacted, part(200, 690))
		}
	default:
		p.step(sContacted, part(50, 250))
		if runaround && f.rnd.percent(85) || f.rnd.percent(20) {
			p.step(sHandedOff, part(250, 400))
		}
		if f.rnd.percent(50) {
			p.step(sContacted, part(400, 550))
		}
		if runaround && f.rnd.percent(50) {
			p.step(sHandedOff, part(550, 690))
		}
	}
	if p.open {
		return
	}
	if f.rnd.percent(75) {
		p.step(sRemedied, part(700, 950))
	}
	p.step(sResolved, p.opened+took)
}

// reopen plans the second round of a complaint whose resolution did not last.
func (f *Feed) reopen(p *plan, now int64) {
	p.reopened, p.next, p.n = true, 0, 0
	from := now + f.rnd.between(hourMS, 20*hourMS)
	took := max(20*minuteMS, f.stores[p.store].recovery/2*f.rnd.lognormal()>>fraction)
	p.step(sReopened, from)
	p.step(sContacted, from+took/3)
	p.step(sRemedied, from+took/3*2)
	closed := 85
	if f.script.diligent {
		closed = 98
	}
	if f.rnd.percent(closed) {
		p.step(sResolved, from+took)
	} else {
		p.open = true
	}
}

func (p *plan) step(s uint8, at int64) {
	p.steps[p.n] = planned{s, at}
	p.n++
}
