// Package simulate makes the feed of a retail chain with a POS and a call centre that does not exist: responses and
// complaint steps, as JSON, in the order in which they arrive, and the truth behind them.
//
// Start at [New], [Feed.Next] and [Feed.Truth]; [WriteFiles] does all three into a folder. The same [Config] gives the
// same bytes: every draw comes from one seeded PCG through integers and tables, so that neither the clock, nor the order
// of a map, nor the rounding of a processor has a say.
//
// The truth is counted while the feed is made. The package knows nothing of the pipeline, so that the one can be held
// against the other; what an event looks like it knows from schemas/events.
package simulate
