// Package sinks is the folder of what is made of the tables and handed on.
//
// What leaves: clickhouse, the rows; deadletter, the messages that could not be applied; metrics; web, the page; alert, what an alert is
// and the log of them, with alert/deliver and alert/actions.
//
// What thinks: insight/detect, the statistics of falls; insight/explain, their breakdown; insight/report and insight/improvement, what
// is said of a period and of an improvement; insight/draw; alert/watch, which looks for trouble as events come, and alert/backtest, its
// trial.
//
// What thinks uses what leaves, never the other way round: imports_test.go holds it.
package sinks
