-- Alerts as csatflow run raised them: one row each, replaced as it goes on and when it is resolved.
CREATE TABLE IF NOT EXISTS {{db}}.alert_log (
    rule LowCardinality(String),
    scope_kind LowCardinality(String) COMMENT 'a kind of scope, or customer',
    scope_id String,
    started_at DateTime('UTC') COMMENT 'event time since when; with rule and scope the identity of the alert',
    version UInt64 COMMENT 'event time of the evaluation, seconds, times 2, plus 1 when resolved',
    severity LowCardinality(String) COMMENT 'page, warning or info',
    fired_at DateTime('UTC') COMMENT 'event time at which it was found',
    resolved_at Nullable(DateTime('UTC')),
    measure LowCardinality(String) COMMENT 'of the catalogue',
    value Float64 COMMENT 'of the measure since started_at',
    expected Float64,
    low Float64 COMMENT '95 % interval of expected - value, or of value - expected where more is worse',
    high Float64,
    cases UInt64 COMMENT 'responses, complaints or customers behind value',
    p Float64 COMMENT 'chance of it in quiet times',
    part LowCardinality(String) COMMENT 'complaint category, or empty',
    evidence String COMMENT 'JSON: what carries it and what moved with it'
) ENGINE = ReplacingMergeTree(version)
ORDER BY (rule, scope_kind, scope_id, started_at, part)
SETTINGS min_free_disk_bytes_to_perform_insert = 268435456;

-- What was handed over, so that a restart repeats nothing that was taken.
CREATE TABLE IF NOT EXISTS {{db}}.alert_deliveries (
    channel LowCardinality(String),
    key String COMMENT 'idempotency key: of an alert and its state',
    delivered_at DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = ReplacingMergeTree(delivered_at)
ORDER BY (channel, key)
TTL toDateTime(delivered_at) + toIntervalDay(60)
SETTINGS min_free_disk_bytes_to_perform_insert = 268435456;

-- What is to be done for whom, as it was sent to the topic of actions.
CREATE TABLE IF NOT EXISTS {{db}}.action_log (
    action_id String,
    version UInt64 COMMENT '1 when it was opened, 2 when it was closed',
    action LowCardinality(String) COMMENT 'call_back, retest, apologise, correct, compensate, go_further',
    customer_id String COMMENT 'or empty',
    employee_id String COMMENT 'or empty',
    complaint_id String COMMENT 'or empty',
    store_id String,
    opened_at DateTime64(3, 'UTC') COMMENT 'event time',
    closed_at Nullable(DateTime64(3, 'UTC')),
    reason String,
    outcome LowCardinality(String) COMMENT 'how it was closed: complained, satisfied, done, resolved, withdrawn, left, lapsed; empty while open'
) ENGINE = ReplacingMergeTree(version)
ORDER BY action_id
SETTINGS min_free_disk_bytes_to_perform_insert = 268435456;

-- How many customers were at risk, hour by hour: churn_risk shows only how it is now.
CREATE TABLE IF NOT EXISTS {{db}}.risk_levels (
    at DateTime('UTC') COMMENT 'event time',
    scope_kind LowCardinality(String),
    scope_id String,
    customers UInt64,
    high UInt64 COMMENT 'customers of the band high',
    value_at_risk Float64
) ENGINE = ReplacingMergeTree
ORDER BY (scope_kind, scope_id, at)
SETTINGS min_free_disk_bytes_to_perform_insert = 268435456;
