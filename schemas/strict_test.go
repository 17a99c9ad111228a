package schemas_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"csatflow/deploy/trial/nodetest"
)

// strict compiles the schemas of a directory as strictly as Ajv can.
func strict(t *testing.T, directory string) ([]byte, error) {
	t.Helper()
	script := filepath.Join(nodetest.Tooling(t), "schemas.js")
	return exec.CommandContext(t.Context(), "node", script, directory).CombinedOutput()
}

func TestTheSchemasOfEventsAreThoseOfAStrictAjv(t *testing.T) {
	files, err := filepath.Glob("events/*.schema.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v: %v", files, err)
	}
	said, err := strict(t, "events")
	if err != nil || strings.Count(string(said), "csatflow.invalid") != len(files) {
		t.Errorf("%v: %s", err, said)
	}
	// It does find what is wrong.
	dir := t.TempDir()
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text = regexp.MustCompile(`"maxLength"`).ReplaceAll(text, []byte(`"maxLenght"`))
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(file)), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if said, err := strict(t, dir); err == nil || !strings.Contains(string(said), "maxLenght") {
		t.Errorf("a keyword that there is not: %v: %s", err, said)
	}
}
