package tables

// Legacy are the migration names that releases with SQL files noted in schema_migrations. The tables of those files are now
// declared here: [Table.Create] and [Table.Add] bring any of them up to this release.
var Legacy = []string{
	"001_panes", "002_histories", "003_two_topics", "004_events", "005_positions", "006_full_disk", "007_small_counters",
	"008_purchases_observations_departures", "009_improvements_csi", "010_alerts", "011_page", "012_settings", "013_alert_evaluations",
}
