// Package clickhouseserver runs ClickHouse's own TCP and HTTP handlers on this machine, for tests of what package local only
// imitates. No package registry has a current ClickHouse server, but libchdb.so contains clickhouse local, which knows SYSTEM
// START LISTEN. Start at [Start]; a program that uses it calls [RunChild] first.
//
// The program in folder with starts such a server, runs a command with its address in CSATFLOW_TEST_CLICKHOUSE, and fails if
// the command did not use it.
//
// It lacks ON CLUSTER, databases of the engine Replicated, a Keeper of its own, system.zookeeper and system.query_log.
package clickhouseserver
