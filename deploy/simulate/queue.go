package simulate

// What the queue can hold.
const (
	dueLine    = iota // a late line: ref is its index in the pool of lines
	dueStep           // the next step of a complaint: ref is its index in the pool of complaints
	dueVisit          // a customer comes again: ref is the customer
	dueLeave          // a customer leaves: ref is the customer
	dueSale           // a customer buys: ref is the customer
	dueNews           // it becomes known that a customer has left: ref is the customer
	dueCheck          // a standard is checked in a store: ref is the store
	dueShopper        // a mystery shopper comes to a store: ref is the store
	dueRepeat         // a customer answers again: ref is its index in the pool of repeats
	dueChild          // a child presses a button: ref is the child
	dueAsked          // an invitation arrives: ref is its index in the pool of lines
	dueDay            // customers decide whether to leave in the day that begins
)

// due is one thing that will happen.
type due struct {
	at   int64  // ms since 1970
	seq  uint64 // order of things at the same time
	kind uint8
	ref  int32
}

func (a *due) before(b *due) bool { return a.at < b.at || a.at == b.at && a.seq < b.seq }

// queue is a binary heap of what will happen, the soonest first.
type queue struct {
	heap []due
	seq  uint64
}

func (q *queue) push(at int64, kind uint8, ref int32) {
	q.seq++
	q.heap = append(q.heap, due{at, q.seq, kind, ref})
	i := len(q.heap) - 1
	for i > 0 {
		up := (i - 1) / 2
		if q.heap[up].before(&q.heap[i]) {
			break
		}
		q.heap[i], q.heap[up] = q.heap[up], q.heap[i]
		i = up
	}
}

func (q *queue) pop() due {
	top, last := q.heap[0], len(q.heap)-1
	q.heap[0] = q.heap[last]
	q.heap = q.heap[:last]
	for i := 0; ; {
		least := 2*i + 1
		if least >= last {
			break
		}
		if right := least + 1; right < last && q.heap[right].before(&q.heap[least]) {
			least = right
		}
		if q.heap[i].before(&q.heap[least]) {
			break
		}
		q.heap[i], q.heap[least] = q.heap[least], q.heap[i]
		i = least
	}
	return top
}

// line is one message that is sent or waits.
type line struct {
	topic            uint8 // one of the topics by number
	late, again, bad bool
	duplicate        bool // it will be sent again
	key, value       []byte
}

func (l *line) set(from *line) {
	key, value := append(l.key[:0], from.key...), append(l.value[:0], from.value...)
	*l = *from
	l.key, l.value = key, value
}

// lines is a pool of waiting lines, whose memory is reused.
type lines struct {
	all  []line
	free []int32
}

func (p *lines) keep(l *line) int32 {
	var ref int32
	if n := len(p.free); n > 0 {
		ref, p.free = p.free[n-1], p.free[:n-1]
	} else {
		ref = int32(len(p.all))
		p.all = append(p.all, line{})
	}
	p.all[ref].set(l)
	return ref
}

func (p *lines) drop(ref int32) { p.free = append(p.free, ref) }
