package intake

import (
	"fmt"
	"time"
)

// Clock refuses events of times that cannot be: a sender's clock is wrong, or the unit of its times is another than its feed says. They would
// be counted where nobody looks. A nil Clock takes all.
type Clock struct {
	Now       func() time.Time
	Ahead     time.Duration // how far an event may be ahead of Now
	Behind    time.Duration // how far behind; 0 for any
	Simulated bool          // Now is not that of the clock
}

// Takes returns a [Refusal] of an event whose time cannot be.
func (c *Clock) Takes(e *Event) error {
	if c == nil {
		return nil
	}
	at, now := time.UnixMilli(e.At).UTC(), c.Now().UTC()
	told := func(format string, args ...any) error {
		return &Refusal{Field: "occurred_at", Reason: at.Format(time.RFC3339) + " is " + fmt.Sprintf(format, args...)}
	}
	switch {
	case c.Simulated && at.After(now):
		return told("later than the time of this server, %s, which is not that of the clock: send what has happened by then", now.Format(time.RFC3339))
	case at.After(now.Add(c.Ahead)):
		return told("more than %v (intake.ahead) ahead of this server's clock, which says %s: is the sender's clock right, and are its times in seconds or milliseconds as they are read?", c.Ahead, now.Format(time.RFC3339))
	case c.Behind > 0 && at.Before(now.Add(-c.Behind)):
		return told("more than %.0f days (intake.behind) behind this server's clock: are the sender's times in seconds or milliseconds as they are read?", c.Behind.Hours()/24)
	}
	return nil
}
