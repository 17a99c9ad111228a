package audit

import (
	"bytes"
	"context"
	"fmt"
	"strconv"

	"csatflow/pipeline"
	declared "csatflow/schemas/tables"
)

// whole is a row with everything that the report may name.
type whole struct {
	key      []Field
	cells    []cell
	counters map[string]int64 // of a pane
	bad      string           // a pane's counters that cannot be read
	number   uint64
}

// cell is a column's value: in its canonical form, and as text.
type cell struct {
	column string
	canon  []byte
	text   string
}

// pair is a row as stored and as computed.
type pair struct {
	id               int
	stored, computed *whole
}

// resolver finds the whole rows of the keys that differ. It compares keys, not hashes, so that rows whose hashes collide
// are told apart.
type resolver struct {
	p     *partition
	pairs map[string]*pair
	order []*pair
}

// resolve reads and computes the partition's rows once more, and names those that differ.
func (p *partition) resolve(ctx context.Context) error {
	r := &resolver{p: p, pairs: map[string]*pair{}}
	var counted TableReport // as counted so far
	for id, s := range p.schemas {
		if p.wantedOf[id] == 0 {
			continue
		}
		err := p.eachStored(ctx, s, &counted, func(v *view, i int) error {
			if at := r.wanted(v, i); at != nil {
				at.stored = v.whole(i)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	p.progress.expect(int64(p.passes) * p.records())
	events := p.events
	if err := p.compute(ctx, r); err != nil {
		return err
	}
	p.events = events
	for _, at := range r.order {
		p.name(at)
	}
	return nil
}

// wanted returns the pair of a row that differs, nil for any other row.
func (r *resolver) wanted(v *view, i int) *pair {
	if !r.p.wanted[v.keyOf(i)] {
		return nil
	}
	name := string(v.buf) // what keyOf hashed
	at := r.pairs[name]
	if at == nil {
		at = &pair{id: v.id}
		r.pairs[name] = at
		r.order = append(r.order, at)
	}
	return at
}

func (r *resolver) row(v *view, i int, _ uint64) error {
	at := r.wanted(v, i)
	switch {
	case at == nil:
	case v.kind == declared.Sums && at.computed != nil:
		at.computed.add(v, i)
	default:
		at.computed = v.whole(i)
	}
	return nil
}

func (r *resolver) dead(*pipeline.DeadLetter) error { return nil }

// whole copies row i.
func (v *view) whole(i int) *whole {
	w := &whole{number: v.number(i)}
	for _, c := range v.key {
		if name := v.rows.Columns[c].Name; name != "partition" {
			w.key = append(w.key, Field{name, v.text(c, i)})
		}
	}
	if v.kind == declared.Sums {
		w.counters = map[string]int64{}
		w.add(v, i)
		return w
	}
	for _, c := range v.content {
		w.cells = append(w.cells, cell{v.rows.Columns[c].Name, v.encode[c](nil, i), v.text(c, i)})
	}
	return w
}

// add adds the counters of a part of a pane.
func (w *whole) add(v *view, i int) {
	buckets, counts := v.histogram(i)
	err := v.weights.each(v.groups[i], v.counters[i], buckets, counts,
		func(g, i int, n int64) { w.counters[counterName(v.weights.layout.Names[g], i)] += n },
		func(b int16, n int64) { w.counters[counterName("buckets", int(b))] += n })
	if err != nil {
		w.bad = err.Error()
	}
}

func counterName(group string, i int) string { return group + "[" + strconv.Itoa(i) + "]" }

// name adds a row that differs to the list to print. A row that turns out to agree is counted as agreeing.
func (p *partition) name(at *pair) {
	t, c := &tables[at.id], &p.counts[at.id]
	d := Difference{Table: t.name, Partition: p.number, Columns: []ColumnDifference{}}
	stored, computed := at.stored, at.computed
	switch {
	case stored == nil && computed == nil:
		return
	case stored != nil && p.ahead(t, stored.number, computed.far()):
		d.Note = "the row has been written again since it was compared: audit once more"
	}
	switch {
	case t.kind == declared.Sums:
		d.Columns = p.counterDifferences(at)
		if computed == nil && stored.bad == "" && len(d.Columns) == 0 || stored == nil && computed.zero() {
			c.Differ--
			return
		}
		if stored != nil && stored.bad != "" {
			d.Note = "the stored counters cannot be read: " + stored.bad
		}
		d.Finding = finding(stored != nil, computed != nil && !computed.zero())
	case stored != nil && computed != nil:
		d.Finding = Differs
		d.Columns = cellDifferences(stored, computed)
	default:
		d.Finding = finding(stored != nil, computed != nil)
	}
	if stored != nil && p.impossible(t, stored.number) {
		if t.kind == declared.AsReceived {
			d.Note = fmt.Sprintf("the log ends at %d", p.end[t.topic])
		} else {
			d.Columns = append(d.Columns, ColumnDifference{"mark", strconv.FormatInt(int64(stored.number)-1, 10), fmt.Sprintf("below %d, the end of the log", p.end[t.topic])})
		}
	}
	if stored != nil && computed != nil && len(d.Columns) == 0 && d.Note == "" { // hashes differed by rounding, or two keys had one hash
		c.Differ--
		c.Agree++
		return
	}
	d.Key = stored.names(computed)
	if d.Finding == Unexplained && p.stranger {
		d.Note = "the topics have no such partition"
	}
	p.named[at.id] = append(p.named[at.id], d)
}

func finding(stored, computed bool) Finding {
	switch {
	case stored && computed:
		return Differs
	case stored:
		return Unexplained
	}
	return Missing
}

// far is the number of a computed row, -1 if there is none.
func (w *whole) far() int64 {
	if w == nil {
		return -1
	}
	return int64(w.number)
}

func (w *whole) names(other *whole) []Field {
	if w == nil {
		return other.key
	}
	return w.key
}

// zero reports whether all counters of a pane are 0, which counts as no pane.
func (w *whole) zero() bool {
	for _, n := range w.counters {
		if n != 0 {
			return false
		}
	}
	return w.bad == ""
}

func cellDifferences(stored, computed *whole) []ColumnDifference {
	list := []ColumnDifference{}
	for i, s := range stored.cells {
		if c := computed.cells[i]; !bytes.Equal(s.canon, c.canon) {
			list = append(list, ColumnDifference{s.column, s.text, c.text})
		}
	}
	return list
}
