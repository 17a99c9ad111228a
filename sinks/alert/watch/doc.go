// Package watch evaluates the views and raises an alert when satisfaction drops, complaints surge, recovery is slow, a feed
// falls silent or customers are about to leave.
//
// schemas/ruleset declares the rules. Start at [Watch], which turns a sequence of evaluations into alerts that begin and end, and at
// [Runner], which evaluates as events arrive. The statistics come from sinks/insight/detect, the evidence from sinks/insight/explain.
package watch
