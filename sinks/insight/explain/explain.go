package explain

import (
	"context"
	"time"

	"csatflow/sinks/insight/detect"
)

// Fall is a known fall of a scope, with the time that it is compared with.
type Fall struct {
	Kind, ID     string
	Since, Until time.Time
	Begins, Ends time.Time     // of the time compared with and the fall within it; Begins is a whole hour
	Hours        []detect.Cell // the grades of the scope by [Slot], from Begins on
}

// Explain breaks down a fall that goes on from since to now: which parts of the scope kind, id carry it, and what moved with it. It
// compares with a time of length before that ends now, and reads events as received; without them it finds nothing. With dimensions
// it looks only at parts of these.
func (q *Reader) Explain(ctx context.Context, kind, id string, since, now time.Time, before time.Duration, dimensions ...string) (parts []Part, causes []Cause, err error) {
	f := &Fall{Kind: kind, ID: id, Since: since, Until: now, Begins: now.Add(-before).Truncate(Slot), Ends: now}
	const alone = 1 // of a region with one store, too: the store carries all of it
	if len(dimensions) > 0 {
		parts, err = q.Parts(ctx, f, alone, dimensions...)
		return parts, nil, err
	}
	_, scopes, err := q.Cells(ctx, f.Begins, now.Add(Slot-1).Truncate(Slot), Slot, []string{kind})
	if err != nil {
		return nil, nil, err
	}
	for _, s := range scopes {
		if s.Kind == kind && s.ID == id {
			f.Hours = s.Cells
		}
	}
	if parts, err = q.Parts(ctx, f, alone); err != nil {
		return nil, nil, err
	}
	causes, err = q.Causes(ctx, f)
	return parts, causes, err
}
