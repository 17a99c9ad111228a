package audit

import declared "csatflow/schemas/tables"

// judge compares the records of one key.
func (p *partition) judge(list []record) error {
	id := list[0].table()
	if p.verdict(list, &p.counts[id]) && p.wantedOf[id] < p.Limit {
		p.wantedOf[id]++
		p.wanted[list[0].key] = true
	}
	return nil
}

// verdict counts the records of one key as agreeing, differing or not compared, and reports whether they differ.
func (p *partition) verdict(list []record, c *TableReport) (differs bool) {
	t := &tables[list[0].table()]
	var computed, stored record
	var hasComputed, hasStored bool
	for _, r := range list {
		switch {
		case r.stored():
			stored, hasStored = r, true
		case t.kind == declared.Sums:
			computed.fp += r.fp
			hasComputed = computed.fp != 0 // a pane of zeros counts as none
		default:
			computed, hasComputed = r, true
		}
	}
	number, known := stored.number(), int64(-1)
	if hasComputed {
		known = int64(computed.number())
	}
	switch {
	case hasStored && p.ahead(t, number, known):
		c.Ahead++
	case hasStored && p.impossible(t, number):
		c.Differ++
		return true
	case hasStored && (hasComputed || t.kind == declared.Sums) && stored.fp == computed.fp:
		c.Agree++
	case !hasStored && !hasComputed:
	case !hasStored && computed.old():
		c.Expired++
	default:
		c.Differ++
		return true
	}
	return false
}

// ahead reports whether a stored row has absorbed events of the log beyond the committed offsets. computed is the number
// of the computed row, -1 if there is none.
func (p *partition) ahead(t *table, number uint64, computed int64) bool {
	if t.kind != declared.Versioned {
		return number > uint64(p.to[t.topic]) && number <= uint64(p.end[t.topic])
	}
	beyond := false
	for topic := range p.end {
		beyond = beyond || p.end[topic] > p.to[topic]
	}
	return beyond && int64(number) > computed
}

// impossible reports whether a stored row claims to have absorbed what the log does not have.
func (p *partition) impossible(t *table, number uint64) bool {
	return t.kind != declared.Versioned && number > uint64(p.end[t.topic])
}
