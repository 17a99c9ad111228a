package pipeline

import (
	"context"
	"fmt"

	"csatflow/pipeline/customer"
	"csatflow/pipeline/derived"
)

// restoreHistory restores a row of a history.
func (t *Task) restoreHistory(topic Topic, row HistoryRow) error {
	t.key = append(t.key[:0], row.ID...)
	number, absorbed := t.histories.Number(t.key, row.Terminal), uint64(0)
	switch topic {
	case Responses:
		h, err := t.histories.RestoreResponses(number, row.History, row.Mark)
		if err != nil {
			return historyError(row, err)
		}
		absorbed = h.Absorbed()
		if m := h.Latest(); m != nil {
			t.passRestored(m.At)
		}
	case Purchases:
		h, err := t.histories.RestorePurchases(number, row.History, row.Mark)
		if err != nil {
			return historyError(row, err)
		}
		absorbed = h.Absorbed()
		if h.Last != customer.Never {
			t.passRestored(h.Last)
		}
	default:
		h, err := t.histories.RestoreComplaints(number, row.History, row.Mark)
		if err != nil {
			return historyError(row, err)
		}
		absorbed = h.Absorbed()
	}
	if absorbed != row.Absorbed {
		return historyError(row, fmt.Errorf("history has absorbed %d events, and its row says %d", absorbed, row.Absorbed))
	}
	t.marks[topic] = max(t.marks[topic], row.Mark)
	return nil
}

func historyError(row HistoryRow, err error) error {
	return fmt.Errorf("%s %q: %w", derived.KindOf(row.Terminal), row.ID, err)
}

// Marks returns the highest mark of the restored histories by topic, -1 for none. The log must have these offsets.
func (t *Task) Marks() [Topics]int64 { return t.marks }

// restoreScores finds the customers whose rows over several topics do not follow from their histories as they are, or were scored with
// another model.
func (t *Task) restoreScores(ctx context.Context, store Store) error {
	vouched := make([]bool, t.histories.Len()) // the newest churn row was made of just these histories
	err := store.Scores(ctx, t.Partition, func(row ScoreRow) error {
		t.key = append(t.key[:0], row.CustomerID...)
		number, found := t.histories.Find(t.key, false)
		if found {
			t.histories.SetBand(number, row.Band)
			vouched[number] = t.histories.Absorbed(number).Vouches(row.Version, row.MadeOf) && row.Model == t.derived.ModelID
		}
		return nil
	})
	if err != nil {
		return err
	}
	for number := range uint32(t.histories.Len()) {
		if t.histories.Terminal(number) {
			continue
		}
		if !vouched[number] {
			t.histories.Touch(number).AllMoments = true
		}
		t.watchOpen(number)
	}
	return nil
}

// watchOpen sets the deadlines of complaints that can still break their promise.
func (t *Task) watchOpen(number uint32) {
	h := t.histories.Complaints(number)
	for i := range h.List {
		c := &h.List[i]
		if s := customer.Summarise(c, t.set.PromiseOf); s.BreachedAt > t.watermark {
			t.deadlines.watch(&s, number, c.ID)
		}
	}
}
