//go:build race

package clickhouse_test

// raced says whether the race detector looks on.
const raced = true
