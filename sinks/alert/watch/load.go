package watch

import "time"

// load detects that many events arrive at once, as when a log is read from its start. Partitions then advance unevenly, and a rule
// would take those that lag for a fall or for silence.
type load struct {
	known map[uint32]time.Time // watermark by partition
	leapt time.Time            // last leap of any
	since time.Time            // first leap of the present load
}

const (
	// leap is the advance between two calls of see, in event time, that counts as a load.
	leap = time.Hour
	// calm is how long without a leap ends a load.
	calm = 15 * time.Second
	// patience is the longest wait for a load to end.
	patience = 30 * time.Minute
)

// see takes the watermarks, and reports whether to wait for more events.
func (l *load) see(known map[uint32]time.Time, now time.Time) (wait bool) {
	for p, until := range known {
		if until.Sub(l.known[p]) > leap {
			if now.Sub(l.leapt) >= calm {
				l.since = now
			}
			l.leapt = now
			break
		}
	}
	l.known = known
	return now.Sub(l.leapt) < calm && now.Sub(l.since) < patience
}
