// Package report finds what is to be said of a period: what fell, where and since when; which parts carry the fall; what moved
// with it; importance against performance; what to improve. Package document writes it down.
//
// Start at [Make]. It puts together what is said of a period, and draws nothing: document writes it. Falls are found by sinks/insight/detect,
// and broken down by sinks/insight/explain. It reads the views alone.
package report
