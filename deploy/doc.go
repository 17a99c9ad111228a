// Package deploy is the folder of what csatflow runs with, and of what tests and trials need.
//
// To run: compose, prometheus, grafana, runbooks; and local, the embedded servers of the commands demo and local. To try: simulate, a
// chain of stores, which the commands demo and simulate send; trial, the servers and data of tests; bench, the measurements.
//
// The service needs none of it: imports_test.go checks that only those commands, cmd/bench and tests import it.
package deploy
