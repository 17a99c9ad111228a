// Package explain says of a fall that is known which parts carry it and what moved with it: the breakdown that the report and the
// alerts share. It reads the views alone, and knows neither of them.
//
// Start at [Reader.Explain]. Parts are in breakdown.go, causes in causes.go.
package explain
