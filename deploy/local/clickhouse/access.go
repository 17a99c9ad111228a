package clickhouse

import (
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// accessDir is the folder of access rights within the data directory.
const accessDir = "access"

// grants are all rights of clients. Everything else is refused, also what a later engine brings: SOURCES (file, url, remote,
// s3, mysql ...), dictionaries, named collections, backups, user-defined functions, users and their rights, introspection,
// SYSTEM except what is listed here, and every engine of a table or database that is not in [engines].
const grants = "GRANT SHOW DATABASES, SHOW TABLES, SHOW COLUMNS, CHECK, SELECT, INSERT, KILL QUERY, " + changes + ", " +
	"SYSTEM SYNC REPLICA, SYSTEM RESTORE REPLICA, SYSTEM RESTART REPLICA, SYSTEM FLUSH LOGS, SYSTEM DROP CACHE ON *.*"

// changes are the rights that hold everywhere except in [ownDatabases].
const changes = "ALTER TABLE, ALTER VIEW, CREATE DATABASE, CREATE TABLE, CREATE VIEW, CREATE TEMPORARY TABLE, DROP DATABASE, DROP TABLE, DROP VIEW, UNDROP TABLE, TRUNCATE, OPTIMIZE"

// ownDatabases are the engine's own: without them it answers nothing until it is restarted.
var ownDatabases = []string{"system", "INFORMATION_SCHEMA", "information_schema"}

// engines are the engines of tables and databases that keep their rows here.
var engines = []string{
	"Atomic", "Memory",
	"MergeTree", "ReplacingMergeTree", "SummingMergeTree", "AggregatingMergeTree", "CollapsingMergeTree", "VersionedCollapsingMergeTree",
	"CoalescingMergeTree", "GraphiteMergeTree",
	"ReplicatedMergeTree", "ReplicatedReplacingMergeTree", "ReplicatedSummingMergeTree", "ReplicatedAggregatingMergeTree",
	"ReplicatedCollapsingMergeTree", "ReplicatedVersionedCollapsingMergeTree", "ReplicatedCoalescingMergeTree", "ReplicatedGraphiteMergeTree",
	"Log", "TinyLog", "StripeLog", "Set", "Join", "Buffer", "Null", "Merge", "View", "MaterializedView", "GenerateRandom",
}

// rights returns the statements that grant the user's rights.
func rights() (list []string) {
	list = append(list, grants, "GRANT SET DEFINER ON default")
	for _, name := range engines {
		list = append(list, "GRANT TABLE ENGINE ON "+name)
	}
	for _, name := range ownDatabases {
		list = append(list, "REVOKE "+changes+" ON "+name+".*")
	}
	return list
}

// fixedSettings cannot be set: they name files or disks of the server, or contain statements.
var fixedSettings = []string{
	"format_schema", "format_schema_source", "format_template_resultset", "format_template_row",
	"merge_tree_disk", "merge_tree_table_disk", "merge_tree_storage_policy",
	"additional_table_filters", "additional_result_filter", "parallel_replicas_custom_key", "dialect",
	"allow_experimental_eval_table_function", "allow_experimental_ai_functions",
}

// literalValues allows only literals in rows of format Values, where nothing else keeps an expression from reading a file. A
// setting of async_insert would make the engine refuse such rows.
const literalValues = "<input_format_values_interpret_expressions>0</input_format_values_interpret_expressions>" +
	"<input_format_values_deduce_templates_of_expressions>0</input_format_values_deduce_templates_of_expressions><async_insert>0</async_insert>"

// writeAccess writes the engine's configuration and returns its path.
func writeAccess(data string, confined bool) (string, error) {
	dir := filepath.Join(data, accessDir)
	// Nothing is ever put there.
	none := filepath.Join(dir, "none") + "/"
	users := filepath.Join(dir, "users.xml")
	fixed, values := fixedSettings, ""
	if !confined {
		fixed = append(fixed[:len(fixed):len(fixed)], "input_format_values_interpret_expressions", "input_format_values_deduce_templates_of_expressions", "async_insert")
		values = literalValues
	}
	var constraints strings.Builder
	for _, name := range fixed {
		fmt.Fprintf(&constraints, "<%s><readonly/></%s>", name, name)
	}
	var queries strings.Builder
	for _, right := range rights() {
		fmt.Fprintf(&queries, "<query>%s</query>", right)
	}
	files := map[string]string{
		filepath.Join(dir, "config.xml"): fmt.Sprintf("<clickhouse><users_config>%s</users_config><user_files_path>%s</user_files_path>"+
			"<user_scripts_path>%[2]s</user_scripts_path><format_schema_path>%[2]s</format_schema_path>"+
			"<access_control_improvements><table_engines_require_grant>true</table_engines_require_grant></access_control_improvements></clickhouse>\n", escaped(users), escaped(none)),
		users: fmt.Sprintf("<clickhouse><profiles><default>%s<constraints>%s</constraints></default></profiles><quotas><default/></quotas>"+
			"<users><default><password></password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>"+
			"<grants>%s</grants></default></users></clickhouse>\n", values, &constraints, &queries),
	}
	if err := os.MkdirAll(none, 0o750); err != nil {
		return "", fmt.Errorf("configuration of the engine: %w", err)
	}
	for name, text := range files {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			return "", fmt.Errorf("configuration of the engine: %w", err)
		}
	}
	return filepath.Join(dir, "config.xml"), nil
}

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a builder never fails
	return b.String()
}
