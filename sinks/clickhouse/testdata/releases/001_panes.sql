-- What one partition of csat.responses gave to one pane of one scope (domain model, section 3). Integers only: panes add exactly.
CREATE TABLE IF NOT EXISTS {{db}}.satisfaction_panes (
    resolution UInt32 COMMENT 'length in seconds: 60, 3600, 86400',
    pane_start DateTime('UTC'),
    scope_kind LowCardinality(String),
    scope_id String,
    partition UInt32 COMMENT 'of the topic',
    mark Int64 COMMENT 'offset up to which the row has absorbed the topic''s partition',
    version UInt64 COMMENT 'logic version << 48 | mark + 1',
    survey LowCardinality(String) COMMENT 'instant or comprehensive',
    brand LowCardinality(String) COMMENT 'empty for the own brand',
    groups UInt32 COMMENT 'bit set of the groups of counters that the row has, see pipeline/pane/satisfaction.go',
    counters Array(Int64) COMMENT 'of those groups, one after another; the views name them'
) ENGINE = ReplacingMergeTree(version)
ORDER BY (partition, resolution, scope_kind, pane_start, scope_id, survey, brand);

-- What one partition of csat.complaints gave to one pane of one scope (domain model, section 4).
CREATE TABLE IF NOT EXISTS {{db}}.recovery_panes (
    resolution UInt32 COMMENT 'length in seconds: 60, 3600, 86400',
    pane_start DateTime('UTC'),
    scope_kind LowCardinality(String),
    scope_id String,
    partition UInt32 COMMENT 'of the topic',
    mark Int64 COMMENT 'offset up to which the row has absorbed the topic''s partition',
    version UInt64 COMMENT 'logic version << 48 | mark + 1',
    buckets Array(Int16) COMMENT 'of the histogram of recovery seconds: bucket i is [g^i, g^(i+1)), g = 1.01 / 0.99; -1 is under a second',
    bucket_counts Array(Int64),
    groups UInt32 COMMENT 'bit set of the groups of counters that the row has, see pipeline/pane/recovery.go',
    counters Array(Int64) COMMENT 'of those groups, one after another; the views name them'
) ENGINE = ReplacingMergeTree(version)
ORDER BY (partition, resolution, scope_kind, pane_start, scope_id);
