package pipeline_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestThePipelineKnowsNoClients holds the rule on imports: clients stay at the edges.
func TestThePipelineKnowsNoClients(t *testing.T) {
	for _, pkg := range []string{"csatflow/pipeline", "csatflow/pipeline/event", "csatflow/pipeline/customer", "csatflow/pipeline/pane"} {
		out, err := exec.Command("go", "list", "-deps", pkg).Output()
		if err != nil {
			t.Fatal(err)
		}
		for dep := range strings.Lines(string(out)) {
			for _, client := range []string{"segmentio/kafka-go", "ClickHouse/", "csatflow/sinks", "csatflow/cmd", "csatflow/deploy", "csatflow/pipeline/kafka"} {
				if strings.Contains(dep, client) {
					t.Errorf("%s imports %s", pkg, strings.TrimSpace(dep))
				}
			}
		}
	}
}
