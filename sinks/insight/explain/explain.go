package report

import (
	"context"
	"time"
)

// Explain breaks a fall down that is known already: which parts of the scope Kind, ID carry it, and what moved with it, from since
// to To. It compares with the time of that scope Before To, and reads events as received; without them it finds nothing. With
// dimensions it looks at these parts only.
func Explain(ctx context.Context, conn Conn, o Options, since time.Time, dimensions ...string) ([]Part, []Cause, error) {
	q := newReader(conn, &o)
	r := &Report{Options: o, Fall: &Fall{Kind: o.Kind, ID: o.ID}, Since: since, Until: o.To, begins: o.To.Add(-o.Before).Truncate(slot)}
	const alone = 1 // a region of one store is told too: that store carries it all
	if len(dimensions) > 0 {
		err := r.breakDown(ctx, q, dimensions, alone)
		return r.Parts, nil, err
	}
	end := o.To.Add(slot - 1).Truncate(slot)
	_, scopes, err := q.cells(ctx, r.begins, end, slot, []string{o.Kind})
	if err != nil {
		return nil, nil, err
	}
	for _, s := range scopes {
		if s.Kind == o.Kind && s.ID == o.ID {
			r.series = s.Cells
		}
	}
	if err := r.breakDown(ctx, q, r.parted(), alone); err != nil {
		return nil, nil, err
	}
	if err := r.findCauses(ctx, q); err != nil {
		return nil, nil, err
	}
	return r.Parts, r.Causes, nil
}
