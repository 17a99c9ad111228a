package customer

import (
	"math/bits"

	"csatflow/pipeline/event"
	"csatflow/pipeline/pane"
)

// figure is one number that a complaint adds to the recovery panes of an instant.
type figure uint8

const (
	figOpened figure = iota
	figResolved
	figReopened
	figWithdrawn
	figRecovery
	figResponse
	figOutcome
	figProcess
)

// Item is a figure with its instant and scopes. The items of a complaint before and after an event are compared: the
// panes gain the new ones and lose those that are gone.
type Item struct {
	At     int64
	Dims   pane.DimsRef
	figure figure
	values [5]int64
}

// Items lists what a complaint adds to recovery panes.
func (s *Summary) Items(dims pane.DimsRef) []Item {
	var items []Item
	add := func(at int64, f figure, values ...int64) {
		if at != Never {
			it := Item{At: at, Dims: dims, figure: f}
			copy(it.values[:], values)
			items = append(items, it)
		}
	}
	add(s.OpenedAt, figOpened, int64(s.Category))
	firstContact := int64(0)
	if s.FirstContact {
		firstContact = 1
	}
	add(s.ResolvedAt, figResolved, int64(s.Contacts), int64(s.Handoffs), int64(s.EmployeesMet), int64(bits.OnesCount8(s.Remedies)), firstContact)
	for _, at := range s.Reopened {
		add(at, figReopened)
	}
	add(s.WithdrawnAt, figWithdrawn)
	if s.RecoverySeconds >= 0 {
		add(s.ResolvedAt, figRecovery, s.RecoverySeconds)
	}
	if s.ResponseSeconds >= 0 {
		add(s.FirstResponseAt, figResponse, s.ResponseSeconds)
	}
	add(s.OutcomeAt, figOutcome, int64(s.Outcome))
	add(s.ProcessAt, figProcess, int64(s.Process))
	return items
}

// Difference calls each for the items that only one of the lists has: sign is -1 for those of before, +1 for those of
// after.
func Difference(before, after []Item, each func(it *Item, sign int64)) {
	same := 0
	for same < min(len(before), len(after)) && before[same] == after[same] {
		same++
	}
	before, after = before[same:], after[same:]
	if len(before) > fewAtMost && len(after) > fewAtMost {
		differenceOfMany(before, after, each)
		return
	}
	kept := make([]bool, len(after))
next:
	for i := range before {
		for j := range after {
			if !kept[j] && before[i] == after[j] {
				kept[j] = true
				continue next
			}
		}
		each(&before[i], -1)
	}
	for j := range after {
		if !kept[j] {
			each(&after[j], +1)
		}
	}
}

// differenceOfMany is Difference in time linear in the lists, not in their product.
func differenceOfMany(before, after []Item, each func(it *Item, sign int64)) {
	left := make(map[Item]int, len(after))
	for j := range after {
		left[after[j]]++
	}
	went := map[Item]int{}
	for i := range before {
		if left[before[i]] > 0 {
			left[before[i]]--
			went[before[i]]++
		} else {
			each(&before[i], -1)
		}
	}
	for j := range after {
		if went[after[j]] > 0 {
			went[after[j]]--
		} else {
			each(&after[j], +1)
		}
	}
}

// Change is what the item does to a pane of its instant.
func (it *Item) Change(sign int64, d *pane.Delta) pane.Change {
	c := pane.Change{Delta: d}
	v := &it.values
	switch it.figure {
	case figOpened:
		d.Group(pane.Flow)[pane.Opened] += sign
		category := v[0] - 1
		if category < 0 {
			category = int64(len(event.Categories))
		}
		d.Group(pane.ByCategory)[category] += sign
	case figResolved:
		d.Group(pane.Flow)[pane.Resolved] += sign
		h := d.Group(pane.Handling)
		h[0] += sign
		for i, x := range v {
			h[1+i] += sign * x
		}
	case figReopened:
		d.Group(pane.Flow)[pane.Reopened] += sign
	case figWithdrawn:
		d.Group(pane.Flow)[pane.Withdrawn] += sign
	case figRecovery:
		addSum(d.Group(pane.RecoverySum), 0, v[0], sign)
		c.Hist = pane.Histogram{{Bucket: pane.BucketOf(v[0]), Count: sign}}
	case figResponse:
		addSum(d.Group(pane.FirstResponse), 0, v[0], sign)
	case figOutcome:
		addSum(d.Group(pane.Fairness), 0, v[0], sign)
	case figProcess:
		addSum(d.Group(pane.Fairness), 1, v[0], sign)
	}
	return c
}

func addSum(g []int64, i int, x, sign int64) {
	g[2*i] += sign
	g[2*i+1] += sign * x
}
