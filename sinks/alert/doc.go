// Package alert defines an alert: where, since when, how far, and what carries it; the [Log] that keeps alerts, and the [Channel]
// that receives them. The package does not know how alerts are found.
//
// The sub-package watch finds them with the statistics of sinks/insight; deliver sends them; actions decides what to do; backtest
// tries the rules on history.
package alert
