// Package simulate makes the feed of a fictional retail chain with a POS and a call centre: responses and complaint
// steps as JSON, in order of arrival, and the truth behind them.
//
// Start at [New], [Feed.Next] and [Feed.Truth]; [WriteFiles] does all three into a folder. The same [Config] gives the
// same bytes: every draw comes from one seeded PCG through integers and tables, so that nothing depends on the clock,
// the order of a map, or the rounding of a processor.
//
// The truth is counted while the feed is made. The package knows nothing of the pipeline, so that each can check the
// other; the format of events is that of schemas/events.
package simulate
