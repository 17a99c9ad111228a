// Package openapitest has public tools judge an OpenAPI document, and the server that it describes.
package openapitest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
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

// Redocly returns what Redocly finds in a document by its recommended rules.
func Redocly(t testing.TB, document []byte) (findings []string) {
	t.Helper()
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
		at := ""
		for _, l := range p.Location {
			at += " " + l.Pointer
		}
		findings = append(findings, p.RuleID+at+": "+p.Message)
	}
	return findings
}

var generated = regexp.MustCompile(`(\d+) generated`)

// pythonBroke is said now and then by Python 3.11 where threads parse at once: it found nothing, and what it was about to ask is not asked.
const pythonBroke = "SystemError: AST constructor recursion depth mismatch"

// Schemathesis lets Schemathesis ask a server by the document at an address with all checks, and returns what it says, in how many cases
// (0 if it does not say it), and whether it found anything. It goes by testdata/requirements.txt and testdata/schemathesis.toml of the package under test. Give it a number of cases,
// not a time, so that it is the same each time.
func Schemathesis(t testing.TB, document string, more ...string) (said []byte, cases int, found bool) {
	t.Helper()
	python := pythontest.Interpreter(t, "schemathesis")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	config, err := filepath.Abs("testdata/schemathesis.toml")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		cmd := exec.CommandContext(ctx, python, append([]string{"-m", "schemathesis.cli", "--config-file", config, "run", document, "--checks", "all", "--request-timeout", "60",
			"--seed", "18", "--no-color", "--generation-database", "none"}, more...)...)
		cmd.Dir = t.TempDir()
		if said, err = cmd.CombinedOutput(); !bytes.Contains(said, []byte(pythonBroke)) {
			break
		}
		t.Log("Python itself broke, and is asked again: " + pythonBroke)
	}
	if ctx.Err() != nil {
		t.Fatalf("it took too long:\n%s", said)
	}
	var ended *exec.ExitError
	if err != nil && (!errors.As(err, &ended) || ended.ExitCode() != 1) {
		t.Fatalf("it cannot run: %v\n%s", err, said)
	}
	if n := generated.FindSubmatch(said); n != nil {
		cases, _ = strconv.Atoi(string(n[1])) // digits
	}
	return said, cases, err != nil
}
