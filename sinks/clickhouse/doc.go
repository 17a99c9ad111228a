// Package clickhouse keeps the rows of the pipeline in ClickHouse over the native protocol: it makes the tables and
// views, inserts whole columns, and reads back what a partition needs to go on.
//
// Start at [Store], which is the pipeline's Store, and [Store.Migrate].
package clickhouse
