package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"csatflow/deploy/trial/pythontest"
	"csatflow/deploy/trial/webtest"
)

// thesis lets Schemathesis ask a server by its OpenAPI document with all checks, and returns what it says. A number of cases for each
// path, not a time, so that it is the same each time.
func thesis(t *testing.T, url string, more ...string) (said []byte, found bool) {
	t.Helper()
	python := pythontest.Interpreter(t, "schemathesis")
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	config, err := filepath.Abs("testdata/schemathesis.toml")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, python, append([]string{"-m", "schemathesis.cli", "--config-file", config, "run", url + "/api/openapi.json", "--checks", "all", "--request-timeout", "60",
		"--seed", "18", "--workers", "4", "--no-color", "--generation-database", "none"}, more...)...)
	cmd.Dir = t.TempDir()
	said, err = cmd.CombinedOutput()
	if ctx.Err() != nil {
		t.Fatalf("it took too long:\n%s", said)
	}
	var ended *exec.ExitError
	if err != nil && (!errors.As(err, &ended) || ended.ExitCode() != 1) {
		t.Fatalf("it cannot run: %v\n%s", err, said)
	}
	return said, err != nil
}

// judged fails on what Schemathesis finds in the answers of a company's server: with a few cases of every path, and with every value
// that it knows to be hard of every parameter.
func judged(t *testing.T, w *webtest.Company) {
	o := w.Options
	o.Questions = 8    // it asks more at once than a page
	o.Pseudonyms = nil // or it would know no customer
	a := ask(t, o)
	each := []string{}
	for _, path := range differing(t, a) {
		each = append(each, "--include-path", path)
	}
	for phase, more := range map[string][]string{"coverage": each, "fuzzing": {"--exclude-path", "/api/v1/live", "--max-examples", "3"}} {
		said, found := thesis(t, a.URL, append(more, "--phases", phase)...)
		cases := regexp.MustCompile(`(\d+) generated`).FindSubmatch(said)
		if found || cases == nil {
			t.Fatalf("it says\n%s", said)
		}
		t.Logf("%s: %s cases", phase, cases[1])
		if n, err := strconv.Atoi(string(cases[1])); err != nil || n < 100 {
			t.Errorf("it asked %s questions only:\n%s", cases[1], said)
		}
	}
}

// differing returns paths that together have every parameter of the document.
func differing(t *testing.T, a *asker) (paths []string) {
	t.Helper()
	res, err := http.Get(a.URL + "/api/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var document struct {
		Paths map[string]struct {
			Get struct{ Parameters []any }
		}
	}
	if err := json.NewDecoder(res.Body).Decode(&document); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, path := range slices.Sorted(maps.Keys(document.Paths)) {
		fresh := false
		for _, p := range document.Paths[path].Get.Parameters {
			one := fmt.Sprint(p)
			fresh = fresh || !seen[one]
			seen[one] = true
		}
		if fresh {
			paths = append(paths, path)
		}
	}
	return paths
}

func TestSchemathesisFindsAnAPIThatTakesWhatItsDocumentForbids(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"openapi":"3.0.3","info":{"title":"x","version":"1"},"paths":{"/api/v1/x":{"get":{"parameters":[{"name":"to","in":"query","schema":{"type":"string","format":"date-time"}}],"responses":{"200":{"description":"x"}}}}}}`))
	})
	mux.HandleFunc("GET /api/v1/x", func(http.ResponseWriter, *http.Request) {})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	if said, found := thesis(t, s.URL); !found || !bytes.Contains(said, []byte("Schema-violating request accepted")) {
		t.Errorf("it says\n%s", said)
	}
}
