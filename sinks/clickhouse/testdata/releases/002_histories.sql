-- The history of a customer or terminal over csat.responses: the checkpoint of that topic.
CREATE TABLE IF NOT EXISTS {{db}}.customer_responses (
    partition UInt32,
    kind LowCardinality(String) COMMENT 'customer or terminal',
    customer_id String,
    mark Int64,
    version UInt64,
    absorbed UInt64 COMMENT 'events applied',
    responses UInt64 COMMENT 'of the own brand',
    history String COMMENT 'binary, see pipeline/customer/codec.go'
) ENGINE = ReplacingMergeTree(version)
ORDER BY (partition, kind, customer_id);

-- The history of a customer over csat.complaints: the checkpoint of that topic.
CREATE TABLE IF NOT EXISTS {{db}}.customer_complaints (
    partition UInt32,
    customer_id String,
    mark Int64,
    version UInt64,
    absorbed UInt64 COMMENT 'events applied',
    complaints UInt32,
    history String COMMENT 'binary, see pipeline/customer/codec.go'
) ENGINE = ReplacingMergeTree(version)
ORDER BY (partition, customer_id);

-- Where one complaint stands (domain model, section 4).
CREATE TABLE IF NOT EXISTS {{db}}.complaints (
    partition UInt32,
    customer_id String,
    complaint_id String,
    mark Int64,
    version UInt64,
    state LowCardinality(String) COMMENT 'open, resolved or withdrawn',
    opened_at Nullable(DateTime64(3, 'UTC')) COMMENT 'first opening',
    resolved_at Nullable(DateTime64(3, 'UTC')) COMMENT 'last resolution',
    withdrawn_at Nullable(DateTime64(3, 'UTC')),
    first_response_at Nullable(DateTime64(3, 'UTC')) COMMENT 'first contact, remedy or resolution',
    breached_at Nullable(DateTime64(3, 'UTC')) COMMENT 'opening + promise, unless closed for good by then; it lies ahead while there is time',
    last_step_at DateTime64(3, 'UTC'),
    reopened UInt32 COMMENT 'how often',
    recovery_seconds Nullable(Int64) COMMENT 'opening to last resolution',
    first_response_seconds Nullable(Int64),
    promise_seconds Int64,
    contacts UInt32,
    handoffs UInt32,
    employees_met UInt32,
    first_contact_resolution Bool,
    outcome_fairness UInt8 COMMENT '1 to 7, 0 not said',
    process_fairness UInt8 COMMENT '1 to 7, 0 not said',
    remedies Array(LowCardinality(String)),
    category LowCardinality(String),
    emotion LowCardinality(String),
    leave_reason LowCardinality(String),
    region LowCardinality(String),
    store_id String,
    source LowCardinality(String),
    employee_id String,
    open_from Array(DateTime64(3, 'UTC')) COMMENT 'stretches in which it was open',
    open_to Array(DateTime64(3, 'UTC')) COMMENT '2106 while it still is'
) ENGINE = ReplacingMergeTree(version)
ORDER BY (partition, customer_id, complaint_id);
