// Package simulate makes the feed of a fictional retail chain with a POS and a call centre: responses and complaint
// steps as JSON, in order of arrival, and the truth behind them.
//
// Start at [New], [Feed.Next] and [Feed.Truth]; [WriteFiles] does all three into a folder. The same [Config] gives the
// same bytes: every draw comes from one seeded PCG through integers and tables, so that nothing depends on the clock,
// the order of a map, or the rounding of a processor.
//
// The feed of [Config] alone is kind: all days are alike, and so are all customers who answer. [Real] makes it as stores are: [RealLife] has
// realistic knobs, and [RealTruth] what is behind each figure. Moods are in grades: a mood of .1 moves the mean grade by .1. Their tables are drawn before
// the feed begins, in fixed point, from a source for each knob and store, so that one knob leaves what the others draw as it is.
// [NewAnswers] makes only the grades by store and time, for trying detectors on many weeks.
//
// The truth is counted while the feed is made. The package knows nothing of the pipeline, so that each can check the
// other; the format of events is that of schemas/events.
package simulate
