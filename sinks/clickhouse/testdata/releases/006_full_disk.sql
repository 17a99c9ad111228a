-- Inserts are refused before the disk is full. ClickHouse 26.7 was seen to lose acknowledged rows when a merge ran out of
-- space: it keeps a part with empty marks, and drops it at its next start. Change it as you like; it is set only once.
ALTER TABLE {{db}}.satisfaction_panes MODIFY SETTING min_free_disk_bytes_to_perform_insert = 268435456;
ALTER TABLE {{db}}.recovery_panes MODIFY SETTING min_free_disk_bytes_to_perform_insert = 268435456;
ALTER TABLE {{db}}.customer_responses MODIFY SETTING min_free_disk_bytes_to_perform_insert = 268435456;
ALTER TABLE {{db}}.customer_complaints MODIFY SETTING min_free_disk_bytes_to_perform_insert = 268435456;
ALTER TABLE {{db}}.complaints MODIFY SETTING min_free_disk_bytes_to_perform_insert = 268435456;
ALTER TABLE {{db}}.moments MODIFY SETTING min_free_disk_bytes_to_perform_insert = 268435456;
ALTER TABLE {{db}}.churn MODIFY SETTING min_free_disk_bytes_to_perform_insert = 268435456;
ALTER TABLE {{db}}.responses MODIFY SETTING min_free_disk_bytes_to_perform_insert = 268435456;
ALTER TABLE {{db}}.complaint_events MODIFY SETTING min_free_disk_bytes_to_perform_insert = 268435456;
ALTER TABLE {{db}}.positions MODIFY SETTING min_free_disk_bytes_to_perform_insert = 268435456;
