package config

import (
	"os/exec"
	"strings"
	"testing"
)

func TestTheConfigurationKnowsNothingOfWhatIsDoneWithIt(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	deps := strings.Fields(string(out))
	if len(deps) < 50 {
		t.Fatalf("only %q", deps)
	}
	leaves := map[string]bool{"csatflow/sinks/alert/ruleset": true, "csatflow/sinks/alert/endpoint": true}
	for _, d := range deps {
		if strings.HasPrefix(d, "csatflow/sinks/") && !leaves[d] || strings.HasPrefix(d, "csatflow/deploy/") || strings.HasPrefix(d, "gonum.org/v1/plot") ||
			strings.HasPrefix(d, "github.com/ClickHouse/") || strings.HasPrefix(d, "github.com/segmentio/kafka-go") {
			t.Errorf("the configuration imports %s", d)
		}
	}
}
