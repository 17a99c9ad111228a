package sinks_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// dependencies lists, for each package of sinks, all packages that it imports, directly or not, without its tests.
func dependencies(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Deps \" \"}}", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	of := map[string][]string{}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		of[strings.TrimPrefix(words[0], "csatflow/sinks/")] = words[1:]
	}
	return of
}

func isUnder(pkg string, folders ...string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool { return pkg == folder || strings.HasPrefix(pkg, folder+"/") })
}

// thinking are the packages of analysis, see the comment on the package.
var thinking = []string{"insight", "alert/watch", "alert/backtest"}

func TestWhatLeavesDoesNotThink(t *testing.T) {
	seen := 0
	for pkg, deps := range dependencies(t) {
		if isUnder(pkg, thinking...) {
			continue
		}
		seen++
		for _, dep := range deps {
			if isUnder(strings.TrimPrefix(dep, "csatflow/sinks/"), thinking...) {
				t.Errorf("%s imports %s", pkg, dep)
			}
		}
	}
	if seen < 8 {
		t.Errorf("only %d packages that leave were seen", seen)
	}
}

func TestAlertsKnowNoReportNoPlotsAndNoPathModel(t *testing.T) {
	seen := 0
	for pkg, deps := range dependencies(t) {
		if !isUnder(pkg, "alert") {
			continue
		}
		seen++
		for _, dep := range deps {
			if isUnder(dep, "csatflow/sinks/insight/report", "csatflow/sinks/insight/draw", "csatflow/pipeline/pls", "gonum.org/v1/plot") {
				t.Errorf("%s imports %s", pkg, dep)
			}
		}
	}
	if seen < 5 {
		t.Errorf("only %d packages of alerts were seen", seen)
	}
}

func TestReportAndAlertsShareOneDetectionAndOneBreakdown(t *testing.T) {
	of := dependencies(t)
	for _, pkg := range []string{"insight/report", "alert/watch"} {
		for _, shared := range []string{"csatflow/sinks/insight/detect", "csatflow/sinks/insight/explain"} {
			if !slices.Contains(of[pkg], shared) {
				t.Errorf("%s does not import %s", pkg, shared)
			}
		}
	}
	for _, pkg := range []string{"insight/detect", "insight/explain"} {
		for _, dep := range of[pkg] {
			if isUnder(dep, "csatflow/sinks") && !isUnder(dep, "csatflow/sinks/insight/detect") {
				t.Errorf("%s imports %s", pkg, dep)
			}
		}
	}
}
