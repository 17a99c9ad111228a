package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"csatflow/deploy/trial/openapitest"
	"csatflow/deploy/trial/webtest"
)

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
		said, cases, found := openapitest.Schemathesis(t, a.URL+"/api/openapi.json", append(more, "--workers", "4", "--phases", phase)...)
		if found {
			t.Fatalf("it says\n%s", said)
		}
		t.Logf("%s: %d cases", phase, cases)
		if cases < 100 {
			t.Errorf("it asked %d questions only:\n%s", cases, said)
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
	if said, _, found := openapitest.Schemathesis(t, s.URL+"/api/openapi.json", "--workers", "4"); !found || !bytes.Contains(said, []byte("Schema-violating request accepted")) {
		t.Errorf("it says\n%s", said)
	}
}
