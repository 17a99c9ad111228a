package board

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

const prometheusUID = "csatflow-prometheus"

func metrics() common.DataSourceRef { return source("prometheus", prometheusUID) }

// expression is a query of Prometheus, with the legend of its curves.
type expression struct{ expr, legend string }

func (e expression) target(ref string, instant bool) *prometheus.DataqueryBuilder {
	q := prometheus.NewDataqueryBuilder().RefId(ref).Datasource(metrics()).Expr(e.expr).LegendFormat(e.legend)
	if instant {
		return q.Instant()
	}
	return q.Range()
}

// pipeline shows the state of the processor itself.
func pipeline(*maker) *builder {
	list := panels{
		gauge("Partitions owned", "Partitions owned by some process; each partition should have exactly one owner.", "short", expression{"sum(csatflow_partitions_owned)", ""}),
		gauge("Lag", "Records in the log that are not yet in the tables.", "short", expression{"sum(csatflow_lag_records)", ""}, 1000, 100000),
		gauge("Standing still", "The longest time for which a partition has had records waiting without any being written; an alert fires from 60 s on.", "s", expression{"max(csatflow_lag_seconds)", ""}, 30, 60),
		gauge("Watermark delay", "Now less the watermark of the partition that is furthest behind.", "s", expression{"time() - min(csatflow_watermark_timestamp_seconds)", ""}, 300, 3600),
		gauge("Dead letters", "Records sent to the dead-letter topic in the range.", "short", expression{"sum(increase(csatflow_dead_letters_total[$__range]))", ""}, 1, 100),
		gauge("Failed flushes", "Flushes in the range whose rows were not written or whose offsets were not committed: ClickHouse or Kafka did not answer.", "short", expression{`sum(increase(csatflow_flushes_total{result="error"}[$__range]))`, ""}, 1, 10),
		watched("Lag by topic", "Records in the log that are not yet in the tables.", "short", expression{"sum by (topic) (csatflow_lag_records)", "{{topic}}"}),
		watched("Standing still by topic", "How long a partition has had records waiting without any being written; 0 when none wait.", "s", expression{"max by (topic) (csatflow_lag_seconds)", "{{topic}}"}),
		watched("Watermark delay by partition", "Now less the watermark of the partition.", "s", expression{"time() - min by (partition) (csatflow_watermark_timestamp_seconds)", "partition {{partition}}"}),
		watched("Throughput", "Records read from the input topics, by topic and result.", "recps", expression{"sum by (topic, result) (rate(csatflow_records_total[$__rate_interval]))", "{{topic}} {{result}}"}),
		watched("Rows written", "Rows written to ClickHouse, by table.", "wps", expression{"sum by (table) (rate(csatflow_rows_written_total[$__rate_interval]))", "{{table}}"}),
		watched("Flushes", "Flushes by result; an error is a flush whose rows were not written or whose offsets were not committed.", "ops", expression{"sum by (result) (rate(csatflow_flushes_total[$__rate_interval]))", "{{result}}"}),
		watched("Time of a flush", "Time to write a partition's rows and commit its offsets, further tries included.", "s",
			expression{"histogram_quantile(0.5, sum by (le) (rate(csatflow_flush_duration_seconds_bucket[$__rate_interval])))", "median"},
			expression{"histogram_quantile(0.99, sum by (le) (rate(csatflow_flush_duration_seconds_bucket[$__rate_interval])))", "99th percentile"}),
		watched("ClickHouse and Kafka errors", "Share of the flushes that failed.", "percentunit",
			expression{`sum(rate(csatflow_flushes_total{result="error"}[$__rate_interval])) / sum(rate(csatflow_flushes_total[$__rate_interval]))`, "failed flushes"}),
		watched("Dead letters by topic", "Records that could not be applied, by topic; the reason of each is in its headers: csatflow deadletter list.", "short", expression{"sum by (topic) (increase(csatflow_dead_letters_total[$__rate_interval]))", "{{topic}}"}),
		watched("Lost events and unknown fields", "Events that were removed from the log before they were read, and fields that the schema does not name.", "short",
			expression{"sum by (topic) (increase(csatflow_lost_events_total[$__rate_interval]))", "lost {{topic}}"},
			expression{"sum by (topic) (increase(csatflow_unknown_fields_total[$__rate_interval]))", "unknown fields {{topic}}"}),
		watched("Restores and starts", "Partitions restored from ClickHouse, generations of the group joined, and starts of processes.", "short",
			expression{"sum(increase(csatflow_restores_total[$__rate_interval]))", "restores"},
			expression{"sum(increase(csatflow_generations_total[$__rate_interval]))", "generations"},
			expression{"sum(changes(csatflow_start_timestamp_seconds[$__rate_interval]))", "starts"}),
		watched("Time of a restore", "Time to restore a partition from ClickHouse.", "s",
			expression{"histogram_quantile(0.5, sum by (le) (rate(csatflow_restore_duration_seconds_bucket[$__rate_interval])))", "median"},
			expression{"histogram_quantile(0.99, sum by (le) (rate(csatflow_restore_duration_seconds_bucket[$__rate_interval])))", "99th percentile"}),
		watched("State in memory", "Customers (with terminals) and panes kept in memory.", "short", expression{"sum by (kind) (csatflow_state_entries)", "{{kind}}"}),
		watched("Looking for alerts", "Rounds of looking for alerts, by result.", "short", expression{"sum by (result) (increase(csatflow_alert_evaluations_total[$__rate_interval]))", "{{result}}"}),
		watched("Alerts known until", "Now less the event time until which alerts have been evaluated.", "s", expression{"time() - max(csatflow_alerts_known_timestamp_seconds)", "behind"}),
		watched("Alerts that fire", "Alerts that csatflow has raised and that are not resolved, by rule.", "short", expression{"sum by (rule, severity) (csatflow_alerts_firing)", "{{rule}} ({{severity}})"}),
		watched("Alerts handed on", "Alerts handed to Alertmanager and webhook, by outcome.", "short", expression{"sum by (channel, outcome) (increase(csatflow_alert_deliveries_total[$__rate_interval]))", "{{channel}} {{outcome}}"}),
		watched("Actions sent", "Messages sent to the topic of actions.", "short", expression{"sum by (action, state) (increase(csatflow_actions_total[$__rate_interval]))", "{{action}} {{state}}"}),
	}
	return page("csatflow-pipeline", "Pipeline health", "The processor itself: lag, throughput, flushes, dead letters, restores, alerts; from Prometheus.", list).Time("now-6h", "now")
}

// gauge shows the current number; limits are from where it is middling and bad.
func gauge(title, description, unit string, e expression, limits ...float64) *stat.PanelBuilder {
	p := stat.NewPanelBuilder().Title(title).Description(description).Span(4).Height(4).Datasource(metrics()).WithTarget(e.target("A", true)).
		Unit(unit).Decimals(0).ColorScheme(colors(dashboard.FieldColorModeIdThresholds)).Thresholds(plain("blue")).
		ReduceOptions(lastValue()).ColorMode(common.BigValueColorModeValue).GraphMode(common.BigValueGraphModeNone).TextMode(common.BigValueTextModeValue).Orientation(common.VizOrientationAuto)
	if len(limits) == 2 {
		p.Thresholds(steps([]dashboard.Threshold{{Color: "green"}, {Color: "orange", Value: &limits[0]}, {Color: "red", Value: &limits[1]}}))
	}
	return p
}

// watched shows expressions over time.
func watched(title, description, unit string, expressions ...expression) *timeseries.PanelBuilder {
	p := lines(title, description, size{8, 8}).Datasource(metrics()).Unit(unit).Min(0)
	for i, e := range expressions {
		p.WithTarget(e.target(string(rune('A'+i)), false))
	}
	return p
}
