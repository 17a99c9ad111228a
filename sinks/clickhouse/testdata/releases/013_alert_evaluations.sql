-- Until when alerts have been looked for: the newest row holds.
CREATE TABLE IF NOT EXISTS {{db}}.alert_evaluations (
    what LowCardinality(String) COMMENT 'alerts',
    evaluated_from DateTime('UTC') COMMENT 'event time since when without a gap',
    evaluated_until DateTime('UTC') COMMENT 'event time of the last evaluation'
) ENGINE = ReplacingMergeTree(evaluated_until)
ORDER BY what
SETTINGS min_free_disk_bytes_to_perform_insert = 268435456;
ALTER TABLE {{db}}.alert_log ADD COLUMN IF NOT EXISTS untold UInt8 DEFAULT 0 COMMENT 'of a time that was caught up with: 1 when nobody was told of it, 2 when its end is still to be told';
