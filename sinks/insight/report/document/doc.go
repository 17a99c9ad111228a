// Package document writes the CSI report: what package report finds, with the satisfaction index of the comprehensive survey, as a
// page or as Markdown.
//
// Start at [Make], then [Document.HTML] or [Document.Markdown]. Whoever needs no charts and no path model imports package report.
package document
