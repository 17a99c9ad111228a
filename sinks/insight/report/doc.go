// Package report writes the CSI report (domain model, section 8): what fell, where and since when; which parts carry the
// fall; what moved with it; importance against performance; what to improve; and the satisfaction index of the
// comprehensive survey.
//
// Start at [Make], then [Report.HTML] or [Report.Markdown]. It puts together and draws; falls are found by sinks/insight/detect, and
// broken down by sinks/insight/explain. It reads the views alone.
package report
