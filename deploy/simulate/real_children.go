package simulate

// child is one who presses the buttons of a terminal.
type child struct {
	store    int32
	terminal int
	from, to int64 // of what was pressed; planned before
	planned  int
	pressed  int
	gap      int64 // mean time between presses, ms
	grade    int   // the favourite button
}

// newChildren draws the children and plans their first presses, in open stores.
func newChildren(f *Feed, l *life, start int64) []child {
	var all []child
	for i := range f.stores {
		rnd := f.own(ownChildren, i)
		for _, s := range spells(rnd, start, f.end, l.Children, int64(l.ChildMinutes)*minuteMS) {
			from := l.postponed(int32(i), s.from)
			c := child{store: int32(i), terminal: 1 + rnd.below(f.stores[i].terminals), from: from, to: from + s.to - s.from, grade: 1 + 6*rnd.below(2)}
			c.planned = max(1, l.ChildPresses/2+rnd.below(l.ChildPresses))
			c.gap = max(1, (c.to-c.from)/int64(c.planned))
			if from < f.end && l.open(int32(i), from) {
				f.queue.push(from, dueChild, int32(len(all)))
				all = append(all, c)
				l.toPress += int64(c.planned)
			}
		}
	}
	return all
}

// press presses a button: mostly the favourite one.
func (f *Feed) press(now int64, ref int32) {
	l := f.life
	c := &l.children[ref]
	v := visit{now: now, at: c.store, touch: tCheckout, terminal: c.terminal, rival: -1, anonymous: true}
	v.grade = c.grade
	if l.rnd.percent(30) {
		v.grade = 1 + l.rnd.below(7)
	}
	v.by, _ = f.server(v.at, v.touch, now)
	f.put(&v)
	l.toPress--
	c.to = now
	if c.pressed++; c.pressed < c.planned {
		f.queue.push(now+c.gap*int64(l.rnd.exponential())>>fraction, dueChild, ref)
	}
}

// presses is how many presses of children are still to come.
func (f *Feed) presses() int64 {
	if f.life == nil {
		return 0
	}
	return f.life.toPress
}
