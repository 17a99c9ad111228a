package prometheus

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
)

const runbooks = "../runbooks"

func TestEachAlertHasARunbookAndEachRunbookAnAlert(t *testing.T) {
	pages := map[string]bool{}
	list, err := filepath.Glob(filepath.Join(runbooks, "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		pages[strings.TrimSuffix(filepath.Base(p), ".md")] = true
	}
	for _, r := range rules(t) {
		if r.Alert == "" {
			continue
		}
		if want := "deploy/runbooks/" + r.Alert + ".md"; r.Annotations["runbook"] != want || !pages[r.Alert] {
			t.Errorf("%s: runbook %q, and the page is there: %t", r.Alert, r.Annotations["runbook"], pages[r.Alert])
		}
		delete(pages, r.Alert)
	}
	for _, rule := range ruleset.Names() {
		name := (&alert.Alert{Rule: rule}).Name()
		if _, err := os.Stat(filepath.Join(runbooks, name+".md")); err != nil {
			t.Errorf("%s: %v", rule, err)
		}
		delete(pages, name)
	}
	for p := range pages {
		t.Errorf("no alert has the runbook %s", p)
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)]+)\)`)
	metric  = regexp.MustCompile(`csatflow_[a-z_]+`)
	command = regexp.MustCompile("(?m)(?:^ +|`)csatflow ([a-z]+)")
)

func TestRunbooksSayWhatWhereAndWhatToDoAndNameWhatThereIs(t *testing.T) {
	help, err := exec.CommandContext(t.Context(), built(t), "--help").Output()
	if err != nil {
		t.Fatal(err)
	}
	ours := declared(t)
	list, err := filepath.Glob(filepath.Join(runbooks, "*.md"))
	if err != nil || len(list) == 0 {
		t.Fatalf("%v, %v", list, err)
	}
	commands := 0
	for _, file := range list {
		text := read(t, file)
		for _, heading := range []string{"# " + strings.TrimSuffix(filepath.Base(file), ".md") + "\n", "## What it means\n", "## How to look\n", "## What to do\n"} {
			if !strings.Contains(text, heading) {
				t.Errorf("%s lacks %q", file, heading)
			}
		}
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(runbooks, m[1])); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
		for _, m := range metric.FindAllString(text, -1) {
			if !slices.Contains(ours, m) {
				t.Errorf("%s: there is no metric %s", file, m)
			}
		}
		for _, m := range command.FindAllStringSubmatch(text, -1) {
			if commands++; !strings.Contains(string(help), "\n  "+m[1]+" ") {
				t.Errorf("%s: there is no command csatflow %s", file, m[1])
			}
		}
	}
	if commands < 5 {
		t.Errorf("the runbooks name %d commands: this test proves little", commands)
	}
}
