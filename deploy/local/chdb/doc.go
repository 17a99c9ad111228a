// Package chdb binds libchdb.so, ClickHouse's engine as a shared library, without cgo.
//
// Start at [Load], then [Library.Connect]; a [Conn] runs statements with [Conn.Query], [Conn.Stream] and [Conn.Insert].
//
// What the engine requires of a caller:
//   - one data directory per process, and one process per data directory;
//   - one statement at a time per connection, any number of connections;
//   - an open connection while the engine is in use: closing the last one stops the engine for good.
//
// Errors of the engine are [*Error]s with the engine's text ("Code: 60. DB::Exception: ..."). The package knows nothing of
// the network protocols; package clickhouse puts them in front.
package chdb
