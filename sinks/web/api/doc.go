// Package api answers over HTTP what the page asks: read-only questions about the views, each with the SQL that its figures
// came from, as JSON or CSV; what this process does; and a stream that tells when there is something new.
//
// Start at [New]. The questions are in questions_*.go; the OpenAPI document is made from them. No question reads anything
// but views, and whatever a client sends reaches ClickHouse as a bound parameter or not at all.
package api
