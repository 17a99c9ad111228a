-- How far the rows of a partition are in a topic's log. Written after all rows of a flush: every event below next is in
-- every row that it concerns, whoever wrote it. The checkpoint of the position; committed offsets are for looking at.
CREATE TABLE IF NOT EXISTS {{db}}.positions (
    partition UInt32,
    topic LowCardinality(String) COMMENT 'responses or complaints',
    next Int64,
    seen Int64 COMMENT 'offset of a record by which the log is known again, -1 for none',
    fingerprint UInt64 COMMENT 'of that record',
    partitions UInt32 COMMENT 'that the topic had',
    version UInt64 COMMENT 'logic version << 48 | next'
) ENGINE = ReplacingMergeTree(version)
ORDER BY (partition, topic);
