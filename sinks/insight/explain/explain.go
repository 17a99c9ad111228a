package explain

import (
	"context"
	"time"

	"csatflow/sinks/insight/detect"
)

// Fall is a fall of a scope that is known, and the time that it is compared with.
type Fall struct {
	Kind, ID     string
	Since, Until time.Time
	Begins, Ends time.Time     // of all that is looked at, the fall in it; Begins is a whole hour
	Hours        []detect.Cell // the grades of the scope by [Slot], from Begins on
}

// Explain breaks a fall down that goes on: which parts of the scope Kind, ID carry it, and what moved with it, from since to now. It
// compares with the time of that scope before now, and reads events as received; without them it finds nothing. With dimensions it
// looks at these parts only.
func (q *Reader) Explain(ctx context.Context, kind, id string, since, now time.Time, before time.Duration, dimensions ...string) (parts []Part, causes []Cause, err error) {
	f := &Fall{Kind: kind, ID: id, Since: since, Until: now, Begins: now.Add(-before).Truncate(Slot), Ends: now}
	const alone = 1 // a region of one store is told too: that store carries it all
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
