// Package sinks is the folder of everything that leaves the pipeline, and of what is computed from the tables.
//
// Outputs: clickhouse, the rows; deadletter, the messages that could not be applied; metrics; web, the page; alert, alerts and their
// log, with alert/deliver and alert/actions.
//
// Analysis: insight/detect, the statistics of falls; insight/explain, their breakdown; insight/report and insight/improvement, the
// report on a period and the check of an improvement; insight/draw, the charts; alert/watch, which looks for trouble as events come,
// and alert/backtest, its trial over history.
//
// Analysis imports outputs, never the other way round: imports_test.go checks it.
package sinks
