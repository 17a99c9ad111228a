package pipeline

import (
	"unicode/utf8"

	"csatflow/pipeline/customer"
	"csatflow/pipeline/event"
	"csatflow/pipeline/received"
)

// maxRowBytes is about the most bytes that a row keeps of a message: comments, ids and answers are limited.
const maxRowBytes = 128 << 10

// at returns where a record is in the log.
func (t *Task) at(rec *Record) received.At {
	at := received.At{Partition: uint32(t.Partition), Offset: rec.Offset, Time: rec.Time}
	for i := range rec.Headers {
		if h := &rec.Headers[i]; h.Key == HeaderMapping && len(h.Value) <= maxMapping && utf8.Valid(h.Value) {
			at.Mapping = string(h.Value)
		}
	}
	return at
}

// HeaderMapping is the header of a message with the version of the mapping that made its event.
const HeaderMapping = "x-csatflow-mapping"

// maxMapping is the most bytes of such a version that are kept.
const maxMapping = 64

// weigh counts the bytes of an event's row as received.
func (t *Task) weigh(rec *Record) { t.pendingBytes += min(len(rec.event()), maxRowBytes) }

func (t *Task) purchase(rec *Record) (Result, int, error) {
	p, err := t.decoder.Purchase(rec.event())
	if err != nil {
		return Diverted, 0, err
	}
	if err := t.keyed(rec, p.CustomerID, "customer_id"); err != nil {
		return Diverted, p.Unknown, err
	}
	if t.set.RawTables {
		t.events.Purchase(t.at(rec), p)
		t.weigh(rec)
	}
	number := t.histories.Number(p.CustomerID, false)
	h := t.histories.Purchases(number)
	if rec.Offset <= h.Mark {
		return Absorbed, p.Unknown, nil
	}
	one := customer.Purchase{At: p.OccurredAt, ID: customer.IDOf(p.EventID), Amount: customer.CentsOf(p.Amount),
		Margin: customer.CentsOf(p.Margin), HasMargin: p.HasMargin, ServiceCost: customer.CentsOf(p.ServiceCost)}
	if !h.Apply(&one, t.set.Zone) {
		return Duplicate, p.Unknown, nil
	}
	c := t.histories.Touch(number)
	if !c.Purchases {
		c.Purchases = true
		t.pendingBytes += historyWeight * (len(h.Sales) + len(h.Months))
	}
	t.histories.KeepPurchases(number, h)
	t.passTime(p.OccurredAt)
	return Applied, p.Unknown, nil
}

// observation and departure make a row of each event, even if events as received are not kept: it is their only
// row. A repeated event is another row; views leave it out by its id.
func (t *Task) observation(rec *Record) (Result, int, error) {
	o, err := t.decoder.Observation(rec.event())
	if err != nil {
		return Diverted, 0, err
	}
	if err := t.keyed(rec, o.StoreID, "store_id"); err != nil {
		return Diverted, o.Unknown, err
	}
	t.events.Observation(t.at(rec), o)
	t.weigh(rec)
	t.passTime(o.OccurredAt)
	return Applied, o.Unknown, nil
}

func (t *Task) departure(rec *Record) (Result, int, error) {
	d, err := t.decoder.Departure(rec.event())
	if err != nil {
		return Diverted, 0, err
	}
	if err := t.keyed(rec, d.CustomerID, "customer_id"); err != nil {
		return Diverted, d.Unknown, err
	}
	t.events.Departure(t.at(rec), d)
	t.weigh(rec)
	t.passTime(d.OccurredAt)
	return Applied, d.Unknown, nil
}

// asked makes a row of each invitation. Which of them were answered is for the views: it takes two topics, and a sum comes from one.
func (t *Task) asked(rec *Record) (Result, int, error) {
	a, err := t.decoder.Asked(rec.event())
	if err == nil && a.OwnSource != "" {
		err = t.admitted(rec, "source", event.SourceWords, a.OwnSource)
	}
	if err != nil {
		return Diverted, 0, err
	}
	id, terminal := a.Key()
	if err := t.keyed(rec, id, keyField(terminal)); err != nil {
		return Diverted, a.Unknown, err
	}
	if t.set.RawTables {
		t.events.Asked(t.at(rec), a)
		t.weigh(rec)
	}
	t.passTime(a.OccurredAt)
	return Applied, a.Unknown, nil
}
