package tables_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestWhatFollowsFromTheDeclarationsIsNotStale: the builders of rows and the reference are those that go generate makes now.
func TestWhatFollowsFromTheDeclarationsIsNotStale(t *testing.T) {
	dir := t.TempDir()
	code, text := filepath.Join(dir, "tables.gen.go"), filepath.Join(dir, "TABLES.md")
	if out, err := exec.Command("go", "run", "./generate", code, text).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for made, kept := range map[string]string{code: "../../pipeline/rows/tables.gen.go", text: "../TABLES.md"} {
		want, err := os.ReadFile(made)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(kept)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s is stale: go generate ./schemas/tables", kept)
		}
	}
}
