// Package report writes the CSI report (domain model, section 8): what fell, where and since when; which parts carry the
// fall; what moved with it; importance against performance; what to improve; and the satisfaction index of the
// comprehensive survey.
//
// Start at [Make], then [Report.HTML] or [Report.Markdown]. It reads the views alone. The search for a fall is in scan.go
// and knows no database.
package report
