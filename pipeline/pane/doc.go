// Package pane holds event-time windows: which panes an event falls into, and the integer counters that each pane sums.
//
// A pane is one resolution (1 minute, 1 hour, 1 day), one start and one series (a scope, and for satisfaction the survey
// and brand). Everything in it is an integer, so that adding panes is exact and may be done in any order; means, shares
// and quantiles are derived by the views. Start at [Calendar] for time, [Series] for scopes, [Set] for the sums.
// The package knows neither customers nor tables.
package pane
