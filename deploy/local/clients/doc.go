// Package clients tests the embedded ClickHouse with common clients: clickhouse-driver and clickhouse-connect
// (Python), JDBC, and @clickhouse/client (Node.js), each fetched once into the user's cache.
package clients
