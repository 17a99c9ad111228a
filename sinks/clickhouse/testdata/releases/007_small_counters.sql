-- Counters of panes are small numbers in 64 bits: cropped they take a third of the space, and less time to write and merge.
ALTER TABLE {{db}}.satisfaction_panes MODIFY COLUMN counters Array(Int64) CODEC(T64, LZ4);
ALTER TABLE {{db}}.recovery_panes MODIFY COLUMN counters Array(Int64) CODEC(T64, LZ4), MODIFY COLUMN bucket_counts Array(Int64) CODEC(T64, LZ4);
