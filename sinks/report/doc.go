// Package report finds what is to be said of a period: what fell, where and since when; which parts carry the fall; what moved
// with it; importance against performance; what to improve. Package document writes it down.
//
// Start at [Make], or [Explain] for a fall that is known. It reads the views alone, and draws nothing. The search for a fall is in
// scan.go and knows no database.
package report
