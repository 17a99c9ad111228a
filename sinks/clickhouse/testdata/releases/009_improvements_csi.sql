-- Improvements: planned, done, checked, acted upon (domain model, section 8; PDCA, text S1). Written by csatflow improvement.
CREATE TABLE IF NOT EXISTS {{db}}.improvement_log (
    id String,
    version UInt64 COMMENT 'when it was written, milliseconds',
    name String,
    method LowCardinality(String) COMMENT 'pdca or six_sigma',
    measure LowCardinality(String) COMMENT 'column of satisfaction or recovery',
    scope_kind LowCardinality(String),
    scope_id String,
    target Float64 COMMENT 'change of the measure that is aimed at',
    planned_at DateTime('UTC'),
    changed_at Nullable(DateTime('UTC')),
    checked_at Nullable(DateTime('UTC')),
    closed_at Nullable(DateTime('UTC')),
    outcome LowCardinality(String) COMMENT 'adopted, adjusted or dropped, empty while it is open',
    note String,
    effect Nullable(Float64) COMMENT 'difference in differences at the last check',
    low Nullable(Float64),
    high Nullable(Float64),
    p_placebo Nullable(Float64) COMMENT 'share of untreated scopes with as large an effect, this one counted',
    before Nullable(Float64),
    after Nullable(Float64),
    control_before Nullable(Float64),
    control_after Nullable(Float64),
    days_before UInt32,
    days_after UInt32
) ENGINE = ReplacingMergeTree(version)
ORDER BY id
SETTINGS min_free_disk_bytes_to_perform_insert = 268435456;

-- Estimates of the satisfaction index (domain model, section 8). Written by csatflow csi.
CREATE TABLE IF NOT EXISTS {{db}}.csi_estimates (
    period_from DateTime('UTC'),
    period_to DateTime('UTC'),
    scope_kind LowCardinality(String),
    scope_id String,
    kind LowCardinality(String) COMMENT 'index, r2, path, effect, weight, loading',
    from_variable LowCardinality(String) COMMENT 'of a path; the latent variable of an indicator or index',
    to_variable LowCardinality(String) COMMENT 'of a path; the indicator of a weight or loading',
    version UInt64 COMMENT 'when it was written, milliseconds',
    value Float64,
    low Float64 COMMENT '95 % bootstrap interval',
    high Float64,
    responses UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY (scope_kind, scope_id, period_from, period_to, kind, from_variable, to_variable)
SETTINGS min_free_disk_bytes_to_perform_insert = 268435456;
