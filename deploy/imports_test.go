package deploy_test

import (
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Files of the commands that start the embedded servers or send a simulated feed, and main.go, which starts the program as an
// embedded server.
var mayTry = []string{"demo.go", "demo_feed.go", "demo_past.go", "local.go", "simulate.go", "main.go"}

func TestNoPackageOfTheServiceNeedsTheSimulatorOrATestServer(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Deps \" \"}}", "csatflow/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		pkg := words[0]
		if pkg == "csatflow/cmd/csatflow" || pkg == "csatflow/cmd/bench" || strings.HasPrefix(pkg, "csatflow/deploy/") {
			continue
		}
		seen++
		for _, dep := range words[1:] {
			if strings.HasPrefix(dep, "csatflow/deploy") {
				t.Errorf("%s is built of %s", pkg, dep)
			}
		}
	}
	if seen < 30 {
		t.Errorf("only %d packages were seen", seen)
	}
}

func TestOnlyTheCommandsThatTryImportTheSimulatorAndTheEmbeddedServers(t *testing.T) {
	files, err := filepath.Glob("../cmd/csatflow/*.go")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range parsed.Imports {
			path, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(path, "csatflow/deploy/trial") || strings.HasPrefix(path, "csatflow/deploy") && !slices.Contains(mayTry, filepath.Base(file)) {
				t.Errorf("%s imports %s", file, path)
			}
		}
	}
}

func TestWhatRunsIsNotBuiltOfTheServersOfTests(t *testing.T) {
	for _, pkg := range []string{"csatflow/cmd/csatflow", "csatflow/deploy/local", "csatflow/deploy/simulate", "csatflow/deploy/grafana/board"} {
		out, err := exec.Command("go", "list", "-deps", pkg).Output()
		if err != nil {
			t.Fatal(err)
		}
		for dep := range strings.Lines(string(out)) {
			if dep = strings.TrimSpace(dep); strings.HasPrefix(dep, "csatflow/deploy/trial") || dep == "testing" {
				t.Errorf("%s is built of %s", pkg, dep)
			}
		}
	}
}
