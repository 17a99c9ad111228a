// Package local runs the servers that csatflow needs, a ClickHouse and a Kafka, on one machine without installing anything.
//
// Start at [StartClickHouse] and [StartKafka]. ClickHouse's engine runs in a child process of the same binary, so that csatflow
// survives its faults: [StartClickHouse] starts the child, in which [RunChild] takes over; every main and TestMain calls it
// first. Kafka runs in this process.
//
// Both keep their state in data directories of their own, which one process at a time can use, and listen on this machine only.
// The package knows nothing of csatflow's tables and events; topics come in as [Topic]s.
package local
