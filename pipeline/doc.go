// Package pipeline is what happens to an event, in the order in which it happens: a record is decoded, applied to the
// history of its customer, and what changed is added to panes; from time to time all rows that changed are flushed.
//
// Start at [Task]: one partition of every topic, all its state, no I/O. The worker of package worker restores it from a
// [Store], feeds it from a [Feed], and writes each [Flush] in the order that makes the rows their own checkpoint. The
// package knows no Kafka client and no ClickHouse client; its sub-package kafka does, at the edge.
package pipeline
