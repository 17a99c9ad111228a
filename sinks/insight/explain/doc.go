// Package explain breaks down a known fall: which parts carry it, and what moved with it. The report and the alerts share it; it
// knows neither, and reads only views.
//
// Start at [Reader.Explain]. Parts are in breakdown.go, causes in causes.go.
package explain
