// Package report finds the content of a report on a period: what fell, where and since when; which parts carry the fall; what
// moved with it; importance against performance; what to improve.
//
// Start at [Make]. It draws nothing: package document writes the report. sinks/insight/detect finds falls, sinks/insight/explain breaks them
// down. It reads only views.
package report
