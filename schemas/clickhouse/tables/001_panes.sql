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
    grades Array(Int64) COMMENT 'responses by grade 1 to 7',
    disconfirmation Array(Int64) COMMENT 'n with both, sum of expectation, sum of performance',
    performance_fit Array(Int64) COMMENT 'x performance, y grade: n, x, y, xx, xy',
    equity_fit Array(Int64) COMMENT 'x equity, y grade: n, x, y, xx, xy',
    rater Array(Int64) COMMENT 'n and sum a dimension: reliability, assurance, tangibles, empathy, responsiveness',
    factors Array(Int64) COMMENT 'n and sum a factor',
    facets Array(Int64) COMMENT 'n and sum a facet',
    scorecard Array(Int64) COMMENT 'n and sum an entry',
    tcs Array(Int64) COMMENT 'n and sum a factor',
    emotion Array(Int64) COMMENT 'by emotion',
    experience Array(Int64) COMMENT 'n with the field, then by member',
    need Array(Int64) COMMENT 'by need level',
    repurchase Array(Int64) COMMENT 'likely, possible, unlikely',
    recommend Array(Int64) COMMENT 'very likely, possible, unlikely',
    price Array(Int64) COMMENT 'n and sum of perceived price',
    journey Array(Int64) COMMENT 'day panes: customers with a response, those without a grade of 3 or less',
    expectation Array(Int64) COMMENT 'n and sum of expectation'
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
    flow Array(Int64) COMMENT 'opened, resolved, reopened, withdrawn',
    recovery Array(Int64) COMMENT 'n and sum of recovery seconds',
    first_response Array(Int64) COMMENT 'n and sum of first response seconds',
    handling Array(Int64) COMMENT 'resolved, sums of contacts, hand-offs, employees met, remedies, first-contact resolutions',
    fairness Array(Int64) COMMENT 'n and sum of outcome, of process',
    category Array(Int64) COMMENT 'opened by category, the last without one'
) ENGINE = ReplacingMergeTree(version)
ORDER BY (partition, resolution, scope_kind, pane_start, scope_id);
