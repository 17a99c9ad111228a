// Package api answers the page's questions over HTTP: read-only questions about the views, as JSON or CSV, each with its
// SQL; the state of this process; and a stream of events when there is something new.
//
// Start at [New]. The questions are in questions_*.go; the OpenAPI document is made from them. Questions read only views,
// and what a client sends reaches ClickHouse as a bound parameter or not at all.
package api
