// Package backtest runs the rules over history as if it were now, and compares the alerts with known incidents.
//
// [Run] steps through history. Its source returns nothing of the current instant or later, so that it cannot look ahead.
// [Judge] scores alerts; a [Rival] is a usual practice to compare them with.
package backtest
