// Package pipeline processes events, in this order: a record is decoded and applied to the history of its customer, and
// what changed is added to panes; now and then all changed rows are flushed.
//
// Start at [Task]: one partition of every topic, all its state, no I/O. The worker of package worker restores it from a
// [Store], feeds it from a [Feed], and writes each [Flush] in the order that makes the rows their own checkpoint. The
// package knows no Kafka client and no ClickHouse client; its sub-package kafka does, at the edge.
package pipeline
