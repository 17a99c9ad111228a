package simulate

import (
	"fmt"
	"time"
)

// Topics of the events.
const (
	TopicResponses    = "responses"
	TopicComplaints   = "complaints"
	TopicPurchases    = "purchases"
	TopicObservations = "observations"
	TopicDepartures   = "departures"
	TopicAsked        = "asked"
)

// Topics by number: the side topics come after responses and complaints.
const (
	responseLine = iota
	complaintLine
	purchaseLine
	observationLine
	departureLine
	askedLine
)

var topicNames = [...]string{responseLine: TopicResponses, complaintLine: TopicComplaints, purchaseLine: TopicPurchases, observationLine: TopicObservations, departureLine: TopicDepartures, askedLine: TopicAsked}

// Event is one message of the feed.
type Event struct {
	Topic     string
	Complaint bool // Topic is TopicComplaints
	// Key is the customer, the terminal of an anonymous response, or the store of an observation. Bad lines have a key too.
	Key, Value []byte
	// At is when it arrives, in simulated time; it never goes backwards.
	At        time.Time
	Duplicate bool // sent before, with the same bytes
	Late      bool // it arrives minutes or days after it occurred
	Bad       bool // it breaks its schema or is not JSON
}

// Feed makes the events of one Config. It is for one goroutine.
type Feed struct {
	config Config
	rnd    source
	scores source // of answers in scales of their own
	*chain
	flow  *flow
	queue queue
	lines lines
	// repeats holds lines to send again, by the number of the line after which they come, modulo its length;
	// ready holds those whose turn it is.
	repeats [16][]int32
	ready   []int32
	open    bool  // new things still happen; afterwards only waiting lines are sent
	visit   int64 // time of the next visit
	end     int64
	promise int64 // lines that were sent or certainly will be
	given   int64 // lines sent
	at      int64
	line    line // made just now
	bad     line // a bad line that is next
	hasBad  bool
	active  []int32 // customers who still answer
	odds    odds
	shop    *shop // nil without side topics
	plans   plans
	story   *incident
	script  script
	truth   *Truth
	life    *life // nil without Config.Real
	bare    bool  // responses are told, not written
	told    Answer
	// Numbers of the last response, complaint step and complaint. Each seed counts in a billion of its own, so that
	// events of different seeds in one topic are not taken for repetitions.
	ids, stepIDs uint64
}

// New makes the feed of a configuration; see [Config.Validate].
func New(c Config) (*Feed, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("simulated feed: %w", err)
	}
	c = c.filled()
	f := &Feed{config: c, rnd: newSource(c.Seed), scores: newSource(c.Seed ^ 0x7363616c6573), open: true}
	f.chain = newChain(&f.config, f.rnd)
	f.addFalls(c.Falls)
	f.script = newScript(&c)
	start := c.Start.UnixMilli()
	f.at, f.end = start, c.Start.Add(c.Duration).UnixMilli()
	f.active = make([]int32, len(f.customers))
	for i := range f.active {
		f.active[i] = int32(i)
	}
	f.ids = (c.Seed - 1) % 1e9 * 1e9
	f.stepIDs, f.plans.last = f.ids, f.ids
	if c.Story {
		f.story = newIncident(f, start)
	}
	f.truth = newTruth(f)
	var err error
	if f.life, err = newLife(f, start); err != nil {
		return nil, err
	}
	natural := max(1, int64(float64(c.Customers)*.5*(c.Duration.Hours()/24)))
	planned := natural
	f.odds = newOdds(&f.config)
	if c.Events > 0 {
		planned = max(1, f.odds.visits(int64(c.Events)-f.presses()))
	}
	f.odds.calm(natural, planned)
	if c.SideTopics {
		f.shop = newShop(f, start)
	}
	f.flow = newFlow(start, f.end, f.life)
	f.life.expect(f, planned)
	f.flow.spread(planned)
	f.flow.least = f.flow.mean / 4
	f.visit = f.flow.next(f.rnd)
	return f, nil
}

// Next sets e to the next event, whose slices are valid until the next call. It returns false at the end of the feed.
func (f *Feed) Next(e *Event) bool {
	slot := &f.repeats[f.given%int64(len(f.repeats))]
	f.ready = append(f.ready, *slot...)
	*slot = (*slot)[:0]
	switch {
	case len(f.ready) > 0:
		f.again(e)
		return true
	case f.hasBad:
		f.hasBad = false
		f.give(e, &f.bad)
		return true
	}
	for f.open {
		if f.full() {
			f.open = false
			break
		}
		if len(f.queue.heap) > 0 && f.queue.heap[0].at <= f.visit {
			if f.config.Events == 0 && f.queue.heap[0].at >= f.end {
				f.open = false
				break
			}
			if f.happen(e, f.queue.pop()) {
				return true
			}
		} else {
			if f.config.Events == 0 && f.visit >= f.end {
				f.open = false
				break
			}
			now := f.visit
			if f.config.Events > 0 {
				f.flow.spread(f.odds.visits(int64(f.config.Events) - f.promise - f.presses()))
			}
			f.visit = f.flow.next(f.rnd)
			who := f.somebody()
			if f.absent(who) || !f.respond(now, who, true) {
				continue
			}
			if f.made(e, now) {
				return true
			}
		}
		if f.hasBad {
			f.hasBad = false
			f.give(e, &f.bad)
			return true
		}
	}
	return f.drain(e)
}

// full reports whether as many lines as were asked for are sent or on their way.
func (f *Feed) full() bool { return f.config.Events > 0 && f.promise >= int64(f.config.Events) }

// happen does one thing of the queue, and reports whether it made a line to send now.
func (f *Feed) happen(e *Event, d due) bool {
	switch d.kind {
	case dueLine:
		f.late(e, d)
		return true
	case dueStep:
		return f.advance(d.at, d.ref) && f.made(e, d.at)
	case dueVisit:
		if f.customers[d.ref].left {
			return false
		}
		if at := f.life.postponed(f.customers[d.ref].home, d.at); at > d.at {
			f.queue.push(at, dueVisit, d.ref)
			return false
		}
		return f.respond(d.at, d.ref, false) && f.made(e, d.at)
	case dueLeave:
		f.leave(d.at, d.ref)
		return false
	case dueRepeat:
		return f.respondAgain(d.at, d.ref) && f.made(e, d.at)
	case dueChild:
		f.press(d.at, d.ref)
		return f.made(e, d.at)
	case dueAsked:
		f.shop.asking.give(f, e, d)
		return true
	case dueDay:
		f.life.leaving.day(f, d.at)
		return false
	}
	return f.shop.happen(f, e, d)
}

// drain sends what still waits after the end.
func (f *Feed) drain(e *Event) bool {
	for len(f.queue.heap) > 0 {
		switch d := f.queue.pop(); d.kind {
		case dueLine:
			f.late(e, d)
			return true
		case dueAsked:
			f.shop.asking.give(f, e, d)
			return true
		}
	}
	for i := range f.repeats {
		slot := &f.repeats[(f.given+int64(i))%int64(len(f.repeats))]
		if len(*slot) > 0 {
			f.ready = append(f.ready, *slot...)
			*slot = (*slot)[:0]
			f.again(e)
			return true
		}
	}
	return false
}

// made decides how the new line is sent: now or late, once or twice, alone or with a bad line after it. It sets e
// if the line is sent now.
func (f *Feed) made(e *Event, now int64) bool {
	f.promise++
	f.line.late = f.rnd.chance(f.odds.late)
	f.line.duplicate = f.rnd.chance(f.odds.again) && !f.full()
	if f.line.duplicate {
		f.promise++
	}
	if f.rnd.chance(f.odds.bad) && !f.full() {
		f.promise++
		f.damage(now)
	}
	if f.line.late {
		f.queue.push(now+f.delay(), dueLine, f.lines.keep(&f.line))
		return false
	}
	f.at = max(f.at, now)
	f.give(e, &f.line)
	return true
}

// delay draws how late a line is: mostly minutes, sometimes days.
func (f *Feed) delay() int64 {
	switch n := f.rnd.below(10); {
	case n < 6:
		return f.rnd.between(minuteMS, hourMS)
	case n < 9:
		return f.rnd.between(hourMS, dayMS)
	}
	return f.rnd.between(dayMS, 4*dayMS)
}

func (f *Feed) late(e *Event, d due) {
	f.at = max(f.at, d.at)
	f.line.set(&f.lines.all[d.ref])
	f.lines.drop(d.ref)
	f.give(e, &f.line)
}

// again sends the first line that is ready to be sent again.
func (f *Feed) again(e *Event) {
	ref := f.ready[0]
	f.ready = f.ready[:copy(f.ready, f.ready[1:])]
	f.line.set(&f.lines.all[ref])
	f.lines.drop(ref)
	f.line.again, f.line.duplicate = true, false
	f.give(e, &f.line)
}

// give sets e to a line.
func (f *Feed) give(e *Event, l *line) {
	f.given++
	if l.duplicate {
		n, rnd := int64(len(f.repeats)), &f.rnd
		if l.topic > complaintLine {
			rnd = &f.shop.rnd
		}
		slot := (f.given + int64(rnd.below(int(n-1)))) % n
		f.repeats[slot] = append(f.repeats[slot], f.lines.keep(l))
	}
	*e = Event{
		Topic: topicNames[l.topic], Complaint: l.topic == complaintLine, Key: l.key, Value: l.value, At: time.UnixMilli(f.at).UTC(),
		Duplicate: l.again, Late: l.late && !l.again, Bad: l.bad,
	}
	switch l.topic {
	case responseLine:
		f.truth.Responses.count(e)
	case complaintLine:
		f.truth.Complaints.count(e)
	default:
		f.truth.Side[e.Topic].count(e)
	}
}
