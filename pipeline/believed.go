package pipeline

import "time"

// ahead is how far event time may be ahead of the clock: senders' clocks differ, but not by more.
const ahead = time.Hour

// Believe says what time it is. An event from the future then moves the watermark no more, and so tells of no promise that others have
// yet to break. Metrics alone depend on it: rows are a function of the log, whatever the clock says.
func (t *Task) Believe(now time.Time) { t.believed = now.Add(ahead).UnixMilli() }

// passRestored moves the watermark by what a former task has applied, and tells of nothing.
func (t *Task) passRestored(at int64) {
	if at <= t.believed {
		t.watermark = max(t.watermark, at)
	}
}
