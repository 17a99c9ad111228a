package pls

import (
	"testing"

	"csatflow/deploy/trial/pythontest"
)

// plspm runs testdata/reference.py on cases, in a cached virtual environment.
func plspm(t *testing.T, cases, results any) {
	t.Helper()
	pythontest.Run(t, "plspm-0.5.7", cases, results)
}
