-- Attributes of the owner's own, of which measures.dimensions may name some as dimensions.
ALTER TABLE {{db}}.responses ADD COLUMN IF NOT EXISTS attributes Map(LowCardinality(String), String) COMMENT 'properties that the owner added, by name' AFTER answers;
ALTER TABLE {{db}}.complaint_events ADD COLUMN IF NOT EXISTS attributes Map(LowCardinality(String), String) COMMENT 'properties that the owner added, by name' AFTER leave_reason;
ALTER TABLE {{db}}.moments ADD COLUMN IF NOT EXISTS attributes Map(LowCardinality(String), String) COMMENT 'values of the dimensions that the owner declared' AFTER customer_type;
ALTER TABLE {{db}}.complaints ADD COLUMN IF NOT EXISTS attributes Map(LowCardinality(String), String) COMMENT 'values of the dimensions that the owner declared' AFTER employee_id;
