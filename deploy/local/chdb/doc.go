// Package chdb binds libchdb.so, ClickHouse's engine as a shared library, without cgo.
//
// Start at [Load], then [Library.Connect]; a [Conn] runs statements with [Conn.Query], [Conn.Stream] and [Conn.Insert].
//
// What the engine demands, and a caller must keep:
//   - one data directory per process, and one process per data directory;
//   - one statement at a time per connection, as many connections as one likes;
//   - the last connection stays open while the engine is in use, for closing it stops the engine for good.
//
// Errors of the engine are [*Error]s with the text as the engine words it ("Code: 60. DB::Exception: ..."). The package knows
// nothing of the network protocols; package clickhouse puts them in front.
package chdb
