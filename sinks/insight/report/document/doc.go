// Package document writes the CSI report as an HTML page or as Markdown: what package report finds, and the satisfaction index of
// the comprehensive survey.
//
// Start at [Make], then [Document.HTML] or [Document.Markdown]. Without charts and path model, use package report.
package document
