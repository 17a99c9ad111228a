package httpin

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"csatflow/deploy/trial/nodetest"
	"csatflow/deploy/trial/pythontest"
)

func TestTheOpenAPIDocumentPassesRedoclysRecommendedRules(t *testing.T) {
	s := serve(t, nil)
	res, err := http.Get("http://" + s.Addr() + "/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	document, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "openapi.json")
	if err := os.WriteFile(file, document, 0o600); err != nil {
		t.Fatal(err)
	}
	out, failed := nodetest.Run(t, nodetest.Tool(t, "redocly"), "lint", "--extends=recommended", "--format=json", file)
	var said struct {
		Problems []struct {
			RuleID, Message string
			Location        []struct{ Pointer string }
		}
	}
	if err := json.Unmarshal(out, &said); err != nil {
		t.Fatalf("redocly says %s (%v, %v)", out, err, failed)
	}
	for _, p := range said.Problems {
		t.Errorf("%s %v: %s", p.RuleID, p.Location, p.Message)
	}
}

// TestTheServerAnswersAsItsDocumentSays: Schemathesis sends what the document allows and what it forbids.
func TestTheServerAnswersAsItsDocumentSays(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of requests")
	}
	s := serve(t, nil)
	python := pythontest.Interpreter(t, "schemathesis")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	config, err := filepath.Abs("testdata/schemathesis.toml")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, python, "-m", "schemathesis.cli", "--config-file", config, "run", "http://"+s.Addr()+"/openapi.json", "--checks", "all", "--request-timeout", "60",
		"--seed", "18", "--workers", "2", "--no-color", "--generation-database", "none", "--phases", "coverage,fuzzing", "--max-examples", "10", "--suppress-health-check", "all")
	cmd.Dir = t.TempDir()
	said, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	if ctx.Err() != nil || err != nil && (!errors.As(err, &ended) || ended.ExitCode() != 1) {
		t.Fatalf("it cannot run: %v\n%s", err, said)
	}
	if err != nil {
		t.Errorf("it says\n%s", said)
	}
	cases := regexp.MustCompile(`(\d+) generated`).FindSubmatch(said)
	if cases == nil {
		t.Fatalf("it says\n%s", said)
	}
	if n, err := strconv.Atoi(string(cases[1])); err != nil || n < 200 {
		t.Errorf("it sent %s requests only", cases[1])
	}
	t.Logf("%s cases, %d events taken, %d dead letters", cases[1], len(s.kafka.events), len(s.kafka.dead))
}
