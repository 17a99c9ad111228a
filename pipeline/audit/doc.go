// Package audit computes the tables again from Kafka's log and compares: `csatflow audit`.
//
// Start at [Run]. Partition by partition it reads what is stored, applies the log up to the committed offsets to a fresh
// [pipeline.Task], and makes of every row, stored or computed, a record of 24 bytes: a hash of the key, a fingerprint of
// the content, and the absorbed offset. The records go to temporary files by key hash; each file is then sorted, and a
// key whose fingerprints differ is a difference. Memory is bounded whatever the number of rows. If there are
// differences, the partition's rows are read and computed once more, to name the rows and columns.
//
// [Report] says what is reported, and its form in JSON. The package knows no client of Kafka or ClickHouse: it is given
// a [Log], [Tables] and [Letters].
package audit
