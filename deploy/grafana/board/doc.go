// Package board makes the dashboards of Grafana: what a panel is called, in which unit it is shown and what its
// description says follow from the catalogue of measures, so that they cannot drift from the views.
//
// Start at [All]; each dashboard has a file of its own. Views alone are read, and no table.
package board
