-- A period or a customer is found without reading all that was received. Parts written before are read whole until they are merged.
ALTER TABLE {{db}}.responses ADD INDEX IF NOT EXISTS by_time occurred_at TYPE minmax GRANULARITY 1, ADD INDEX IF NOT EXISTS by_customer customer_id TYPE bloom_filter(0.01) GRANULARITY 1;
ALTER TABLE {{db}}.complaint_events ADD INDEX IF NOT EXISTS by_customer customer_id TYPE bloom_filter(0.01) GRANULARITY 1;
ALTER TABLE {{db}}.purchases ADD INDEX IF NOT EXISTS by_customer customer_id TYPE bloom_filter(0.01) GRANULARITY 1;
ALTER TABLE {{db}}.departures ADD INDEX IF NOT EXISTS by_customer customer_id TYPE bloom_filter(0.01) GRANULARITY 1;
