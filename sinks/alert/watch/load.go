package watch

import "time"

// load says whether events come in at once, as when a log is read from its begin. Its partitions go ahead unevenly: what is looked
// for meanwhile would be a fall, or silence, of those that lag.
type load struct {
	known map[uint32]time.Time // until when, by partition
	leapt time.Time            // when one leapt last
	since time.Time            // when the first of a row of leaps was seen
}

const (
	// leap is how far a partition goes between two looks when it is loaded.
	leap = time.Hour
	// calm is how long none may leap until a load is over.
	calm = 15 * time.Second
	// patience is how long a load is waited for at the most.
	patience = 30 * time.Minute
)

// see hears until when events are known, and says whether to wait for more.
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
