package pipeline

import (
	"container/heap"

	"csatflow/pipeline/customer"
)

// deadlines are the instants at which the open complaints will break their promise. Only metrics need them: the tables
// hold a breach at its instant from the start, until a resolution takes it back.
type deadlines struct{ due dueHeap }

type due struct {
	at        int64
	person    uint32 // the customer's number
	complaint string
}

func (d *deadlines) watch(s *customer.Summary, person uint32, complaintID string) {
	if s.BreachedAt != customer.Never {
		heap.Push(&d.due, due{s.BreachedAt, person, complaintID})
	}
}

// pass calls each for the deadlines up to an instant, and removes them.
func (d *deadlines) pass(at int64, each func(person uint32, complaintID string, deadline int64)) {
	for len(d.due) > 0 && d.due[0].at <= at {
		next := heap.Pop(&d.due).(due)
		each(next.person, next.complaint, next.at)
	}
}

type dueHeap []due

func (h dueHeap) Len() int           { return len(h) }
func (h dueHeap) Less(i, j int) bool { return h[i].at < h[j].at }
func (h dueHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *dueHeap) Push(x any)        { *h = append(*h, x.(due)) }
func (h *dueHeap) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

// passTime moves the watermark, and reports the promises that broke on the way.
func (t *Task) passTime(at int64) {
	if at <= t.watermark || at > t.believed {
		return
	}
	t.watermark = at
	t.deadlines.pass(at, func(person uint32, complaintID string, deadline int64) {
		s := customer.Summarise(t.histories.Complaints(person).Find(complaintID), t.set.PromiseOf)
		if s.BreachedAt == deadline {
			t.observe.Breached(&s)
		}
	})
}
