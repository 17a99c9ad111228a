package feeds_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"csatflow/schemas/feeds"
)

// TestWhatFollowsFromTheSchemasIsNotStale: go generate makes the present fields, decoder and rows as received.
func TestWhatFollowsFromTheSchemasIsNotStale(t *testing.T) {
	schemas, err := filepath.Glob("../events/*.json")
	if err != nil || len(schemas) == 0 {
		t.Fatalf("%v, %v", schemas, err)
	}
	for _, file := range schemas { // so that go test knows what its result depends on
		if _, err := os.ReadFile(file); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	made := map[string]string{"feeds.gen.go": "feeds.gen.go", "decoder.go": "../../pipeline/event/feeds.gen.go", "received.go": "../../pipeline/received/received.gen.go"}
	args := []string{"run", "./generate", "../events"}
	for _, name := range []string{"feeds.gen.go", "decoder.go", "received.go"} {
		args = append(args, filepath.Join(dir, name))
	}
	if out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name, kept := range made {
		now, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		had, err := os.ReadFile(kept)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(now, had) {
			t.Errorf("%s is stale: go generate ./schemas/feeds", kept)
		}
	}
}

// TestAFeedIsToldByWhatOnlyItsEventsMustHave: so send and validate find the topic of a file whose name does not tell it.
func TestAFeedIsToldByWhatOnlyItsEventsMustHave(t *testing.T) {
	for feed, want := range map[string][]string{"responses": {"grade", "nps", "ces", "stars"}, "complaints": {"complaint_id", "step"}, "purchases": {"amount"}, "observations": {"kind"}, "departures": nil, "asked": nil} {
		if got := feeds.Of(feed).Telling(); !slices.Equal(got, want) {
			t.Errorf("%s is told by %v, want %v", feed, got, want)
		}
	}
}

func TestTheKeyOfAFeedIsAmongItsFields(t *testing.T) {
	for _, f := range feeds.All {
		for _, key := range f.Key {
			if !f.Has(key) {
				t.Errorf("%s has no field %s", f.Name, key)
			}
		}
	}
}
