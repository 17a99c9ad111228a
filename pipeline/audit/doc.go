// Package audit computes the tables again from Kafka's log and compares: `csatflow audit`.
//
// Start at [Run]. Partition by partition it reads what is stored, applies the log up to the committed offsets to a fresh
// [pipeline.Task], and makes of every row, stored or computed, a record of 24 bytes: a hash of the key, a fingerprint of
// the content, and how far the row is. The records go to temporary files by key hash; each file is then sorted, and a
// key whose fingerprints differ is a difference. Memory is bounded whatever the number of rows. Only when there are
// differences are the partition's rows read and computed once more, to name them and their columns.
//
// What the report says and how it looks in JSON stands at [Report]. The package knows no client of Kafka or ClickHouse:
// [Log], [Tables] and [Letters] are handed in.
package audit
