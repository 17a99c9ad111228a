// Package local runs what csatflow needs on one machine: a ClickHouse and a Kafka, without anything installed.
//
// Start at [StartClickHouse] and [StartKafka]. ClickHouse's engine runs in a child process of the same binary, so that a fault of
// it is a fault to survive: the child is started by [StartClickHouse] and is [RunChild] inside, which every main and
// TestMain calls first. Kafka runs in this process.
//
// Both keep their state in data directories of their own, which one process at a time can use, and listen on this machine only.
// The package knows nothing of csatflow's tables and events; topics come in as [Topic]s.
package local
