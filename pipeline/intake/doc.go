// Package intake maps what tills, call systems and help desks send to csatflow's events, as feeds declare it.
//
// A feed ([Declaration]) says in CEL (https://cel.dev) which payloads count, to which topic they go, and how each field of the event
// comes from the payload. [Compile] type-checks all feeds; [Feed.Map] maps one payload to events, or says in a [Refusal] which
// expression of which field could not be computed and why. An event that Map returns has passed the decoder of the pipeline
// (pipeline/event): it can be no dead letter later.
//
// Start at [Compile] and [Feed.Map]; functions.go has what expressions can call, encode.go how their values become an event. The
// package knows no Kafka, no HTTP (httpin below it does) and no ClickHouse.
package intake
