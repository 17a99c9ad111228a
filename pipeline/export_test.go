package pipeline

import "csatflow/pipeline/pane"

// SpoilDay breaks the rule that a sum comes from one topic: the latest complaint's step changes its day in the panes of
// responses.
func (t *Task) SpoilDay(at int64) {
	d := pane.Satisfaction.NewDelta()
	d.Group(pane.Journey)[1] = -1
	t.addToPanes(Responses, t.last[Complaints], t.registry.RefOf(&pane.Dims{}, "", "instant", ""), at, pane.Change{Delta: d})
}

// Spoil makes the next flush panic, like a defect whose cause is an earlier record.
func (t *Task) Spoil() {
	t.histories.Touch(t.histories.Number([]byte("spoilt"), false)).Number = 1 << 31
}
