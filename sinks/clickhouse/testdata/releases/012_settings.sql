-- What the rows depend on beside the events: the first process to come says it, and one that would compute otherwise is
-- refused. Of each name the earliest value holds.
CREATE TABLE IF NOT EXISTS {{db}}.settings (
    name String COMMENT 'key of the configuration',
    value String,
    fingerprint UInt64 COMMENT 'of all names and values that the process went by',
    noted_at DateTime64(6, 'UTC') DEFAULT now64(6)
) ENGINE = ReplacingMergeTree
ORDER BY (name, noted_at, value);
ALTER TABLE {{db}}.settings MODIFY SETTING min_free_disk_bytes_to_perform_insert = 268435456;
