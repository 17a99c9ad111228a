-- The history of a customer over csat.purchases: the checkpoint of that topic. Money in hundredths of the configured currency.
CREATE TABLE IF NOT EXISTS {{db}}.customer_purchases (
    partition UInt32,
    customer_id String,
    mark Int64,
    version UInt64,
    absorbed UInt64 COMMENT 'events applied',
    purchases UInt64 COMMENT 'sales, returns left out',
    amount_cents Int64 COMMENT 'sales less returns',
    margin_cents Int64 COMMENT 'of those that say their margin',
    unmargined_cents Int64 COMMENT 'amount of those that do not',
    service_cost_cents Int64,
    first_at Nullable(DateTime64(3, 'UTC')) COMMENT 'first sale',
    last_at Nullable(DateTime64(3, 'UTC')) COMMENT 'latest sale',
    months Array(UInt32) COMMENT 'the latest 24 with a purchase, as 202603; days are days of the configured zone',
    month_purchases Array(UInt64),
    month_amount_cents Array(Int64),
    month_margin_cents Array(Int64),
    month_unmargined_cents Array(Int64),
    month_service_cost_cents Array(Int64),
    history String COMMENT 'binary, see pipeline/customer/codec_purchases.go'
) ENGINE = ReplacingMergeTree(version)
ORDER BY (partition, customer_id)
SETTINGS min_free_disk_bytes_to_perform_insert = 268435456;

-- Purchases as received, repetitions included.
CREATE TABLE IF NOT EXISTS {{db}}.purchases (
    partition UInt32,
    offset Int64,
    appended_at DateTime64(3, 'UTC') COMMENT 'time of the Kafka message',
    event_id String,
    occurred_at DateTime64(3, 'UTC'),
    customer_id String,
    amount Float64 COMMENT 'in the configured currency, negative for a return',
    margin Nullable(Float64),
    service_cost Nullable(Float64),
    store_id String,
    region LowCardinality(String),
    product_category LowCardinality(String),
    order_id String,
    unknown_fields UInt32
) ENGINE = ReplacingMergeTree
ORDER BY (partition, offset)
TTL toDateTime(appended_at) + INTERVAL {{.RawDays}} DAY
SETTINGS min_free_disk_bytes_to_perform_insert = 268435456;

-- Observations as received, repetitions included: the only place of what they say, so they stay.
CREATE TABLE IF NOT EXISTS {{db}}.observations (
    partition UInt32,
    offset Int64,
    appended_at DateTime64(3, 'UTC') COMMENT 'time of the Kafka message',
    event_id String,
    occurred_at DateTime64(3, 'UTC'),
    kind LowCardinality(String) COMMENT 'mystery_visit or standard_check',
    store_id String,
    employee_id String,
    standard_id String,
    opportunities Nullable(Int64),
    defects Nullable(Int64),
    seconds_to_greet Nullable(Float64),
    selling_effort UInt8 COMMENT '1 to 7, 0 not said',
    product_knowledge UInt8 COMMENT '1 to 7, 0 not said',
    promised UInt8 COMMENT '1 to 7, 0 not said',
    delivered UInt8 COMMENT '1 to 7, 0 not said',
    unknown_fields UInt32
) ENGINE = ReplacingMergeTree
ORDER BY (partition, offset)
SETTINGS min_free_disk_bytes_to_perform_insert = 268435456;

-- Departures as received, repetitions included: the only place of what they say, so they stay.
CREATE TABLE IF NOT EXISTS {{db}}.departures (
    partition UInt32,
    offset Int64,
    appended_at DateTime64(3, 'UTC') COMMENT 'time of the Kafka message',
    event_id String,
    occurred_at DateTime64(3, 'UTC'),
    customer_id String,
    leave_reason LowCardinality(String),
    unknown_fields UInt32
) ENGINE = ReplacingMergeTree
ORDER BY (partition, offset)
SETTINGS min_free_disk_bytes_to_perform_insert = 268435456;

-- What a score needs to be told at a later time, and of value and loyalty.
ALTER TABLE {{db}}.churn
    ADD COLUMN IF NOT EXISTS logit Float64 COMMENT 'z: the risk is 1 / (1 + e^-z), as of the last that is known of the customer',
    ADD COLUMN IF NOT EXISTS overdue Float64 COMMENT 'the input purchase_overdue in it',
    ADD COLUMN IF NOT EXISTS overdue_weight Float64,
    ADD COLUMN IF NOT EXISTS last_purchase_at Nullable(DateTime64(3, 'UTC')),
    ADD COLUMN IF NOT EXISTS usual_gap_seconds UInt64 COMMENT 'median time between visits with a purchase, 0 when there are fewer than three visits',
    ADD COLUMN IF NOT EXISTS repurchase Nullable(Float64) COMMENT 'probability, as last said: likely .85, possible .5, unlikely .15',
    ADD COLUMN IF NOT EXISTS recommend Nullable(Float64) COMMENT 'probability, as last said: very likely 1, possible .5, unlikely 0';
