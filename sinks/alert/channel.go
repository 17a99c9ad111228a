package alert

import "context"

// Channel is where alerts go. It is called from one goroutine and must not wait long.
type Channel interface {
	// Tell hears of the alerts that began or ended, and of all that fires. What was over before it could be told is not among them. At the
	// start those of the last day are among the changed, which it may have heard of.
	Tell(ctx context.Context, changed, firing []Alert) error
}
