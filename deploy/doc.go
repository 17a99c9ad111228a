// Package deploy is the folder of what csatflow runs with, and of what it is tried with.
//
// What it runs with: compose, prometheus, grafana, runbooks; and local, the embedded servers of the commands demo and local. What it is
// tried with: simulate, a chain of stores, which the commands demo and simulate send; trial, the servers and data of tests; bench, what
// was measured.
//
// The service needs none of it: imports_test.go holds that no package does but those commands, cmd/bench and tests.
package deploy
