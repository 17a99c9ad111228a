package pipeline

import "time"

// ahead is how far event time may be ahead of the clock. Senders' clocks differ, but by less.
const ahead = time.Hour

// Believe sets the clock, so that an event from the future does not move the watermark: that would report promises as broken too
// early. Only metrics depend on it: rows are a function of the log, whatever the clock says.
func (t *Task) Believe(now time.Time) { t.believed = now.Add(ahead).UnixMilli() }

// passRestored moves the watermark to what a former task applied, and reports no breach.
func (t *Task) passRestored(at int64) {
	if at <= t.believed {
		t.watermark = max(t.watermark, at)
	}
}
