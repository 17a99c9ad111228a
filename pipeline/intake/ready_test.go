package intake_test

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csatflow/pipeline/intake"
	"csatflow/pipeline/intake/records"
	"csatflow/schemas/readyfeeds"
)

var rewrite = flag.Bool("rewrite", false, "write what the ready feeds make anew")

// TestReadyFeedsMapTheirRecordedPayloads: each has payloads as its documentation shows them, and what is to come of them.
func TestReadyFeedsMapTheirRecordedPayloads(t *testing.T) {
	const folder = "../../schemas/readyfeeds/testdata/"
	if len(readyfeeds.Names()) < 8 {
		t.Errorf("there are only %v", readyfeeds.Names())
	}
	for _, name := range readyfeeds.Names() {
		all, err := intake.Compile("feeds", intake.Declarations{name: {Name: name, Use: name}}, intake.Options{Scales: intake.DefaultScales()})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		files, err := filepath.Glob(folder + name + ".[jfc]*")
		if err != nil || len(files) != 1 {
			t.Errorf("%s has the recordings %v, %v", name, files, err)
			continue
		}
		r, err := records.Open(files[0], records.Auto, nil)
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for {
			p, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", files[0], err)
			}
			events, err := all[name].Map(p)
			if err != nil {
				t.Errorf("%s, payload %d: %v", name, r.At, err)
			}
			for _, e := range events {
				fmt.Fprintf(&got, "%d %s %s %s\n", r.At, e.Topic, e.Key, e.Value)
			}
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
		want := folder + name + ".want"
		if *rewrite {
			if err := os.WriteFile(want, []byte(got.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		b, err := os.ReadFile(want)
		if err != nil {
			t.Fatal(err)
		}
		if got.String() != string(b) || got.Len() == 0 {
			t.Errorf("%s makes\n%swant\n%s", name, got.String(), b)
		}
		if text, err := readyfeeds.Text(name); err != nil || name != "kiosk" && name != "tickets" && !strings.Contains(string(text), "Source of the format: https://") && !strings.Contains(string(text), "Source of the format: schema") {
			t.Errorf("%s names no source of its format (%v)", name, err)
		}
	}
}
