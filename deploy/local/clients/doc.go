// Package clients holds the tests of the embedded ClickHouse by the clients that people have: clickhouse-driver and
// clickhouse-connect (Python), JDBC, and @clickhouse/client (Node.js), each fetched once into the user's cache.
package clients
