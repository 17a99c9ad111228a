// Package clickhouse puts ClickHouse's own network interfaces in front of the engine in libchdb.so: the native protocol over TCP
// (revision 54460) and plain HTTP, so that the usual drivers, curl and Grafana connect to it as to a server.
//
// Start at [Serve]. A native connection is [nativeConn] (native.go), its statements are in select.go and insert.go; HTTP is
// http.go; a [session] is one connection of the engine. The engine reads and writes blocks of protocol revision 0, and
// clients speak a later one: block.go walks a block to find where its columns end, and converts by copying.
//
// Clients are not trusted: lengths are bounded, offsets are checked before the engine sees a block, and a connection
// that breaks the protocol is closed without harm to others.
//
// The package must run in a process of its own, since a fault of the engine ends the process; package local starts it.
package clickhouse
