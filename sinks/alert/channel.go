package alert

import "context"

// Channel receives alerts. It is called from one goroutine and must not wait long.
type Channel interface {
	// Tell receives the alerts that began or ended, and all that fire. It never hears of an alert that ended before it could be told.
	// The first call after a start repeats the changes of the last day.
	Tell(ctx context.Context, changed, firing []Alert) error
}
