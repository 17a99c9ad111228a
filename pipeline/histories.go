package pipeline

import (
	"context"
	"fmt"

	"csatflow/pipeline/customer"
	"csatflow/pipeline/rows"
)

// restoreHistory takes a row of a history into an empty task.
func (t *Task) restoreHistory(topic Topic, row HistoryRow) error {
	t.resident = append(t.resident[:0], row.ID...)
	number := t.identities.Number(t.resident, row.Terminal)
	t.rows.encoded = append(t.rows.encoded[:0], row.History...)
	stored, absorbed := t.rows.encoded, uint64(0)
	switch topic {
	case Responses:
		h := &t.responses
		if err := t.codec.ReadResponses(stored, h); err != nil {
			return historyError(row, err)
		}
		h.Mark, absorbed = row.Mark, h.Absorbed()
		t.keepResponses(number, h)
		if m := h.Latest(); m != nil {
			t.passRestored(m.At)
		}
	case Purchases:
		h := &t.purchases
		if err := t.codec.ReadPurchases(stored, h); err != nil {
			return historyError(row, err)
		}
		h.Mark, absorbed = row.Mark, h.Absorbed()
		t.keepPurchases(number, h)
		if h.Last != customer.Never {
			t.passRestored(h.Last)
		}
	default:
		h := t.complaints
		if err := t.codec.ReadComplaints(stored, h); err != nil {
			return historyError(row, err)
		}
		h.Mark, absorbed = row.Mark, h.Absorbed()
		t.keepComplaints(number, h, t.codec.AppendComplaints(nil, h)) // in the form of this release
	}
	if absorbed != row.Absorbed {
		return historyError(row, fmt.Errorf("history has absorbed %d events, and its row says %d", absorbed, row.Absorbed))
	}
	t.marks[topic] = max(t.marks[topic], row.Mark)
	return nil
}

func historyError(row HistoryRow, err error) error {
	return fmt.Errorf("%s %q: %w", kindOf(row.Terminal), row.ID, err)
}

func kindOf(terminal bool) string {
	if terminal {
		return "terminal"
	}
	return "customer"
}

// Marks gives, by topic, the highest mark of a restored history, -1 for none: an offset that the log must have.
func (t *Task) Marks() [Topics]int64 { return t.marks }

// restoreScores finds the customers whose rows that several topics make are behind their histories, or were scored with
// another model.
func (t *Task) restoreScores(ctx context.Context, store Store) error {
	vouched := make([]bool, t.identities.Len()) // the newest churn row is as far as the histories
	err := store.Scores(ctx, t.Partition, func(row ScoreRow) error {
		t.resident = append(t.resident[:0], row.CustomerID...)
		number, found := t.identities.Find(t.resident, false)
		if found {
			t.setBand(number, row.Band)
			vouched[number] = row.Version >= rows.VersionOf(t.absorbedOf(number)) && row.Model == t.model
		}
		return nil
	})
	if err != nil {
		return err
	}
	for number := range uint32(t.identities.Len()) {
		if t.identities.At(number).Terminal {
			continue
		}
		if !vouched[number] {
			t.touch(number).allMoments = true
		}
		t.watchOpen(number)
	}
	return nil
}

// watchOpen sets the deadlines of complaints that may still break their promise.
func (t *Task) watchOpen(number uint32) {
	h := t.complaintsOf(number)
	for i := range h.List {
		c := &h.List[i]
		if s := customer.Summarise(c, t.set.PromiseOf); s.BreachedAt > t.watermark {
			t.deadlines.watch(&s, number, c.ID)
		}
	}
}
