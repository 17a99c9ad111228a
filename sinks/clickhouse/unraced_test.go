//go:build !race

package clickhouse_test

const raced = false
