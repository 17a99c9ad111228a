// Package board makes the dashboards of Grafana. Titles, units and descriptions of panels follow from the
// catalogue of measures, so that they cannot drift from the views.
//
// Start at [All]; each dashboard has a file of its own. Dashboards read only views.
package board
