// Package grafana holds the dashboards and the provisioning of Grafana; its tests run every query of every dashboard.
// The dashboards are made by package board and not edited by hand.
package grafana

//go:generate go run ./generate
