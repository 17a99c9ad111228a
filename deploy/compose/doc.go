// Package compose holds the image of csatflow and a Compose file that runs it with Kafka, ClickHouse, Prometheus,
// Alertmanager and Grafana on one machine; its tests check that the files fit together.
package compose
