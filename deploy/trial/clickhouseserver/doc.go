// Package clickhouseserver runs ClickHouse's own TCP and HTTP handlers on this machine, for tests of what a server does and the
// front of package local only imitates. No registry has a ClickHouse server of today, but libchdb.so is the whole of
// clickhouse local, which knows SYSTEM START LISTEN. Start at [Start]; a program that uses it calls [RunChild] first.
//
// With is a program of this package (folder with) that starts such a server, gives its address in CSATFLOW_TEST_CLICKHOUSE to a
// command, and fails if the command did not use it.
//
// It lacks ON CLUSTER, databases of the engine Replicated, a Keeper of its own, system.zookeeper and system.query_log.
package clickhouseserver
