// Package backtest runs the rules over what has been, as if it were now, and holds the alerts against known incidents.
//
// [Run] goes over a stretch of history, step by step; a source that gives nothing of now or later keeps it from looking ahead.
// [Judge] scores alerts, [Rival] is the usual practice that they are compared with.
package backtest
