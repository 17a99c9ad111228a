package grafana

import (
	"bytes"
	"os"
	"slices"
	"testing"

	"csatflow/deploy/grafana/board"
)

func TestTheFolderHasWhatTheCodeMakesAndNothingElse(t *testing.T) {
	files, err := board.All()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
		text, err := os.ReadFile("dashboards/" + f.Name)
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(text, f.JSON) {
			t.Errorf("dashboards/%s is not what the code makes: go generate ./deploy/grafana", f.Name)
		}
	}
	entries, err := os.ReadDir("dashboards")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(names, e.Name()) {
			t.Errorf("dashboards/%s is made by nothing: remove it", e.Name())
		}
	}
}
