package tables

// Legacy are the names under which releases that had their tables in files of SQL noted what they had made. What those files
// made is declared here: [Table.Create] and [Table.Add] bring tables of any of them up to this release.
var Legacy = []string{
	"001_panes", "002_histories", "003_two_topics", "004_events", "005_positions", "006_full_disk", "007_small_counters",
	"008_purchases_observations_departures", "009_improvements_csi", "010_alerts", "011_page", "012_settings", "013_alert_evaluations",
}
