package audit

import (
	"os/exec"
	"strings"
	"testing"
)

// TestTheAuditKnowsNoClients holds the rule on imports: clients stay at the edges.
func TestTheAuditKnowsNoClients(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "csatflow/pipeline/audit").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, client := range []string{"segmentio/kafka-go", "ClickHouse/", "csatflow/sinks", "csatflow/cmd", "csatflow/deploy"} {
		if strings.Contains(string(out), client) {
			t.Errorf("pipeline/audit imports %s", client)
		}
	}
}
