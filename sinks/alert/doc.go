// Package alert is what an alert is: where, since when, how far, and what carries it; the [Log] that keeps alerts, and the [Channel]
// that hears of them. It knows nothing of how they are found.
//
// The sub-package watch finds them, by the statistics of sinks/insight; deliver tells of them; actions says what is to be done; backtest
// is the trial over history.
package alert
