// Package prometheus holds the scrape configuration, the recording rules and the alerts of Prometheus; its tests run
// promtool over them, and check that csatflow exports every metric they name.
package prometheus
