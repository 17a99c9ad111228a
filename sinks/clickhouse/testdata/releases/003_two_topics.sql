-- What both histories of a customer say of their leaving (domain model, section 5).
CREATE TABLE IF NOT EXISTS {{db}}.churn (
    partition UInt32,
    customer_id String,
    version UInt64 COMMENT 'logic version << 48 | events absorbed from both topics',
    model UInt64 COMMENT 'which weights',
    responses UInt64,
    grade_sum UInt64,
    latest_grade UInt8,
    latest_at DateTime64(3, 'UTC'),
    ewma_grade Float64,
    complaints UInt32,
    churn_risk Float64 COMMENT '0 to 1',
    churn_band LowCardinality(String) COMMENT 'low below 0.3, high above 0.7, else medium',
    reasons Array(LowCardinality(String)) COMMENT 'the inputs that add most',
    contributions Array(Float64) COMMENT 'what they add',
    leave_reason LowCardinality(String)
) ENGINE = ReplacingMergeTree(version)
ORDER BY (partition, customer_id);

-- A response that was bad or whose customer has complained, and a complaint with the grade that followed it: what two topics say together.
CREATE TABLE IF NOT EXISTS {{db}}.moments (
    partition UInt32,
    customer_id String,
    kind LowCardinality(String) COMMENT 'response or recovery',
    moment_id String COMMENT 'hash of the event id, or the complaint id',
    version UInt64,
    occurred_at DateTime64(3, 'UTC') COMMENT 'of the response; of the last resolution',
    region LowCardinality(String),
    store_id String,
    source LowCardinality(String),
    touchpoint LowCardinality(String),
    employee_id String,
    product_category LowCardinality(String),
    customer_type LowCardinality(String),
    grade UInt8 COMMENT 'of the response; first after the resolution, 0 for none',
    voiced Bool COMMENT 'a complaint was opened within 7 days',
    complained Bool COMMENT 'the customer has complained at some time',
    valid Bool
) ENGINE = ReplacingMergeTree(version)
ORDER BY (partition, customer_id, kind, moment_id);
