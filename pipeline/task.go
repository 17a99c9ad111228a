package pipeline

import (
	"strconv"

	"csatflow/schemas/reasons"

	"errors"
	"fmt"
	"math"

	"csatflow/pipeline/customer"
	"csatflow/pipeline/derived"
	"csatflow/pipeline/event"
	"csatflow/pipeline/histories"
	"csatflow/pipeline/pane"
	"csatflow/pipeline/partitioner"
	"csatflow/pipeline/received"
)

// Result is what became of a record.
type Result uint8

// The results.
const (
	Applied   Result = iota
	Duplicate        // its event id is among the latest of its customer
	Absorbed         // the stored rows have counted it
	Diverted         // to the dead-letter topic
	Results   = 4
)

func (r Result) String() string {
	return [Results]string{"applied", "duplicate", "absorbed", "diverted"}[r]
}

// Observer hears of applied events. It is for metrics, not for the tables: after a crash it may hear of an event
// again.
type Observer interface {
	Record(t Topic, r Result, unknownFields int)
	Response(r *event.Response)
	Complaint(c *event.Complaint, before, after *customer.Summary)
	Breached(s *customer.Summary)
}

// Task is one partition of every topic: its state, and what the next flush writes. It has no I/O and no clock. Records
// of a topic come by offset; topics may interleave in any way. One goroutine uses it.
type Task struct {
	Partition int
	set       *Settings
	observe   Observer

	decoder  *event.Decoder
	registry *pane.Registry
	calendar *pane.Calendar
	delta    [paneTopics]*pane.Delta
	journey  []customer.JourneyChange

	histories *histories.Store  // customers and terminals
	texts     map[string]string // one copy of each id that complaints name
	panes     [paneTopics]*pane.Set
	last      [Topics]int64     // offset last seen
	began     [Topics]int64     // where reading began
	seen      [Topics]Position  // the latest record; its Next is not used
	known     [Topics]*Position // rows of the table positions, nil for none
	marks     [Topics]int64     // highest of the restored histories
	dead      []DeadLetter
	bad       [Topics]badCount
	events    received.Events
	derived   derived.Rows
	applied   int
	deadlines deadlines
	key       []byte

	pendingBytes int   // dead letters, events and histories
	watermark    int64 // latest event time, ms
	believed     int64 // later event times do not move the watermark

	conflict         *ConflictError
	barred           map[recordPlace]error // records that made another task panic
	latest           recordPlace           // the record that was applied last
	partitionsBefore int                   // of each topic, when rows were last written; 0 for none
}

// NewTask returns the empty task of a partition.
func NewTask(partition int, set *Settings, observe Observer) *Task {
	t := &Task{Partition: partition, decoder: &event.Decoder{Words: set.Words}, set: set, observe: observe,
		registry: pane.NewRegistry(set.Kinds), calendar: pane.NewCalendar(set.Zone),
		watermark: customer.Never, believed: math.MaxInt64, texts: map[string]string{}}
	t.histories = histories.New(customer.NewCodec(t.registry, t.text))
	t.derived = derived.Rows{Partition: partition, Registry: t.registry, Kinds: set.Kinds, Model: set.Model, ModelID: set.modelID(), PromiseOf: set.PromiseOf}
	for topic, layout := range []*pane.Layout{Responses: pane.Satisfaction, Complaints: pane.Recovery} {
		t.panes[topic] = pane.NewSet(layout, t.registry.Finest, set.PaneLimit)
		t.delta[topic] = layout.NewDelta()
	}
	for topic := range t.last {
		t.last[topic], t.marks[topic] = pane.NoMark, pane.NoMark
		t.seen[topic].Seen = pane.NoMark
	}
	return t
}

// Seek sets the offset at which the task begins to read a topic.
func (t *Task) Seek(topic Topic, next int64) { t.last[topic], t.began[topic] = next-1, next }

// Applied returns how many records were applied since the last flush.
func (t *Task) Applied() int { return t.applied }

// PartitionsBefore returns how many partitions the topics had when rows were last written, 0 for none.
func (t *Task) PartitionsBefore() int { return t.partitionsBefore }

// Expect announces that rows of a topic may have marks up to this offset.
func (t *Task) Expect(topic Topic, mark int64) {
	if topic < paneTopics {
		t.panes[topic].Expect(mark)
	}
}

// Next returns the offset after the last record of a topic that the task has seen.
func (t *Task) Next(topic Topic) int64 { return t.last[topic] + 1 }

// Watermark returns the latest event time applied, ms since the epoch; customer.Never before the first.
func (t *Task) Watermark() int64 { return t.watermark }

// Customers returns how many customers and terminals the task knows.
func (t *Task) Customers() int { return t.histories.Len() }

// Panes returns how many panes the task holds in memory.
func (t *Task) Panes() int { return t.panes[Responses].Len() + t.panes[Complaints].Len() }

// Names returns how many names of stores, employees and such the task holds.
func (t *Task) Names() int { return t.registry.Len() + len(t.texts) }

// Bands returns how many customers are in each of [customer.Bands].
func (t *Task) Bands() [3]int { return t.histories.Bands() }

// Pending returns about how many rows of state a flush would write now.
func (t *Task) Pending() int {
	return t.panes[Responses].Dirty() + t.panes[Complaints].Dirty() + 2*t.histories.Changed() + len(t.dead) + t.derived.Pending() + t.events.Len()
}

// historyWeight is about how many bytes a response or step takes in the row of a history.
const historyWeight = 32

// PendingBytes returns about how many bytes a flush would write now: dead letters, events as received, and histories,
// which are written whole.
func (t *Task) PendingBytes() int { return t.pendingBytes }

// TakeSums returns, and forgets, the events as received and the panes since the last call. Later rows of a pane have
// only what was added since. It is for callers that add up partial sums themselves, such as an audit; their task
// reads from the start of the log and is never restored.
func (t *Task) TakeSums() (rows []Rows) {
	t.pendingBytes = 0
	rows = appendRows(nil, t.events.Take()...)
	for topic, layout := range []*pane.Layout{Responses: pane.Satisfaction, Complaints: pane.Recovery} {
		rows = appendRows(rows, t.paneRows(Topic(topic)))
		t.panes[topic] = pane.NewSet(layout, t.registry.Finest, t.set.PaneLimit)
	}
	return rows
}

// Apply applies one record.
func (t *Task) Apply(rec *Record) Result {
	if rec.Offset <= t.last[rec.Topic] {
		return Absorbed
	}
	t.last[rec.Topic], t.latest = rec.Offset, recordPlace{rec.Topic, rec.Offset}
	t.applied++
	var result Result
	var unknown int
	err := t.refused(rec)
	if err == nil {
		result, unknown, err = t.take(rec)
	}
	if err != nil {
		result = Diverted
		t.divert(rec, err)
	} else {
		t.bad[rec.Topic].add(&t.set.Ceiling, nil)
	}
	t.observe.Record(rec.Topic, result, unknown)
	return result
}

// take applies a record by its topic.
func (t *Task) take(rec *Record) (Result, int, error) {
	switch rec.Topic {
	case Responses:
		return t.response(rec)
	case Complaints:
		return t.complaint(rec)
	case Purchases:
		return t.purchase(rec)
	case Observations:
		return t.observation(rec)
	case Departures:
		return t.departure(rec)
	case Asked:
		return t.asked(rec)
	}
	panic(fmt.Sprintf("no events of topic %d are applied", rec.Topic))
}

func (t *Task) divert(rec *Record, err error) {
	d := DeadLetter{Record: rec.clone(), Partition: t.Partition, Reason: err.Error()}
	var bad *event.Error
	if errors.As(err, &bad) {
		d.Field, d.Reason = bad.Field, bad.Reason
	}
	d.Field, d.Reason = clip(d.Field), clip(d.Reason)
	t.dead = append(t.dead, d)
	t.pendingBytes += d.weight()
	t.bad[rec.Topic].add(&t.set.Ceiling, &d)
}

// keyed refuses a message whose key is not its customer's, or belongs in another partition. The customer's other events
// are then in another partition, and any result about the customer would be wrong.
func (t *Task) keyed(rec *Record, id []byte, field string) error {
	if string(rec.Key) != string(id) {
		return &event.Error{Field: field, Reason: reasons.OtherKey.Text(strconv.Quote(clip(rec.Key)), strconv.Quote(string(id)))}
	}
	by := t.set.Placement.Get()
	if by == partitioner.Any {
		return nil
	}
	if home := by.PartitionOf(rec.Key, t.set.Partitions); home != t.Partition {
		return &event.Error{Field: field, Reason: reasons.OtherPlace.Text(strconv.Quote(clip(rec.Key)), reasons.Number(home), by.String(), reasons.Number(t.Partition))}
	}
	return nil
}

// keyField is the field of the key of who answers or is asked.
func keyField(terminal bool) string {
	if terminal {
		return "terminal_id"
	}
	return "customer_id"
}

func (t *Task) response(rec *Record) (Result, int, error) {
	r, err := t.decoder.Response(rec.event())
	if err == nil && r.OwnSource != "" {
		err = t.admitted(rec, "source", event.SourceWords, r.OwnSource)
	}
	if err != nil {
		return Diverted, 0, err
	}
	id, terminal := r.Key()
	if err := t.keyed(rec, id, keyField(terminal)); err != nil {
		return Diverted, r.Unknown, err
	}
	if t.set.RawTables {
		t.events.Response(t.at(rec), r)
		t.weigh(rec)
	}
	number := t.histories.Number(id, terminal)
	h := t.histories.Responses(number)
	if rec.Offset <= h.Mark {
		return Absorbed, r.Unknown, nil
	}
	m := t.moment(r)
	rival := len(r.Brand) > 0
	keep := !rival && !terminal && r.Grade != 0
	t.journey = t.journey[:0]
	if keep {
		t.journey = h.Journey(&m, t.registry, t.calendar, t.journey)
	}
	applied, left := h.Apply(m, rival, terminal)
	if !applied {
		return Duplicate, r.Unknown, nil
	}
	if left != nil {
		t.derived.Left(t.histories.ID(number), t.histories.Complaints(number), left)
	}
	c := t.histories.Touch(number)
	if keep {
		c.Fresh = append(c.Fresh, m.ID)
	}
	if !c.Responses {
		c.Responses = true
		t.pendingBytes += historyWeight * len(h.Moments)
	}
	t.histories.KeepResponses(number, h)
	t.addResponse(rec.Offset, r, m.Dims)
	t.passTime(r.OccurredAt)
	t.observe.Response(r)
	return Applied, r.Unknown, nil
}

func (t *Task) moment(r *event.Response) customer.Moment {
	dims := t.registry.Dims(t.registry.Place(r.Region, r.StoreID, r.EmployeeID),
		t.registry.Occasion(event.NameOf(r.OwnSource, event.Sources, r.Source), r.Touchpoint, r.ProductCategory,
			event.Name(event.CustomerTypes, r.CustomerType), event.Name(event.Surveys, r.Survey), r.Brand),
		t.registry.Attributes(t.ownOf(r.Attributes, ofResponses)))
	equity := customer.NoEquity
	if r.HasEquity {
		equity = r.Equity
	}
	return customer.Moment{At: r.OccurredAt, ID: customer.IDOf(r.EventID), Dims: dims, Grade: r.Grade, Survey: r.Survey,
		Expectation: r.Expectation, Performance: r.Performance, Emotion: r.Emotion, Repurchase: r.Repurchase, Recommend: r.Recommend, Equity: equity}
}

// addResponse adds a response, and its change to the customer's day, to panes.
func (t *Task) addResponse(offset int64, r *event.Response, dims pane.DimsRef) {
	d := t.delta[Responses]
	d.Reset()
	pane.AddResponse(d, r)
	t.addToPanes(Responses, offset, dims, r.OccurredAt, pane.Change{Delta: d})
	day := t.calendar.Day(r.OccurredAt)
	for _, c := range t.journey {
		d.Reset()
		g := d.Group(pane.Journey)
		g[0], g[1] = c.Customers, c.Clean
		t.panes[Responses].AddToDay(offset, c.Series, day, pane.Change{Delta: d})
	}
}

// addToPanes adds a change to the panes of an instant, in every scope and resolution.
func (t *Task) addToPanes(topic Topic, offset int64, dims pane.DimsRef, at int64, c pane.Change) {
	t.panes[topic].Add(offset, t.registry.Scopes(dims), t.calendar.Starts(at), c)
}

func (t *Task) complaint(rec *Record) (Result, int, error) {
	c, err := t.decoder.Complaint(rec.event())
	if err == nil {
		err = t.admittedOf(rec, c)
	}
	if err != nil {
		return Diverted, 0, err
	}
	if err := t.keyed(rec, c.CustomerID, "customer_id"); err != nil {
		return Diverted, c.Unknown, err
	}
	number := t.histories.Number(c.CustomerID, false)
	h := t.histories.Complaints(number)
	step := customer.Step{At: c.OccurredAt, ID: customer.IDOf(c.EventID), Step: c.Step, Source: c.Source, Category: c.Category,
		Emotion: c.Emotion, Remedies: c.Remedies, LeaveReason: c.LeaveReason, Outcome: c.Fairness[0], Process: c.Fairness[1],
		Store: t.text(c.StoreID), Region: t.text(c.Region), Employee: t.text(c.EmployeeID),
		Attributes: t.ownOf(c.Attributes, ofComplaints), Own: t.histories.OwnWords(c.OwnSource, c.OwnCategory)}
	absorbed, repeated := rec.Offset <= h.Mark, h.Seen(step.ID)
	if !absorbed && !repeated && h.Full() {
		return Diverted, c.Unknown, &event.Error{Field: "complaint_id", Reason: reasons.TooManySteps.Text(reasons.Number(customer.MaxSteps))}
	}
	if t.set.RawTables {
		t.events.Complaint(t.at(rec), c)
		t.weigh(rec)
	}
	if absorbed {
		return Absorbed, c.Unknown, nil
	}
	if repeated {
		return Duplicate, c.Unknown, nil
	}
	id := string(c.ComplaintID)
	old := h.Find(id)
	if old == nil {
		old = &customer.Complaint{}
	}
	before := customer.Summarise(old, t.set.PromiseOf)
	items := before.Items(t.dimsOf(&before))
	after := customer.Summarise(h.Apply(id, step), t.set.PromiseOf)
	ch := t.histories.Touch(number)
	if ch.Grown == nil {
		t.pendingBytes += historyWeight * h.Steps()
	}
	t.histories.HoldComplaints(ch, h)
	ch.AllMoments = true
	t.histories.SteppedOn(ch, id)
	customer.Difference(items, after.Items(t.dimsOf(&after)), func(it *customer.Item, sign int64) { t.addItem(rec.Offset, it, sign) })
	if after.BreachedAt != before.BreachedAt {
		t.deadlines.watch(&after, number, id)
	}
	t.passTime(c.OccurredAt)
	t.observe.Complaint(c, &before, &after)
	return Applied, c.Unknown, nil
}

// text returns the one shared copy of an id.
func (t *Task) text(b []byte) string {
	s, ok := t.texts[string(b)]
	if !ok {
		s = string(b)
		t.texts[s] = s
	}
	return s
}

func (t *Task) dimsOf(s *customer.Summary) pane.DimsRef {
	return t.registry.RefOf(s.Dims(), s.Attributes, "", "")
}

func (t *Task) addItem(offset int64, it *customer.Item, sign int64) {
	d := t.delta[Complaints]
	d.Reset()
	t.addToPanes(Complaints, offset, it.Dims, it.At, it.Change(sign, d))
}
