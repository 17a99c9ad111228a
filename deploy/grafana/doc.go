// Package grafana holds the dashboards and the provisioning of Grafana; its tests run every query of every dashboard.
// The dashboards read views only, and know no other table.
package grafana
