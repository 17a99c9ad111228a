package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"csatflow/deploy/trial/storetest"
)

// TestTheCommandsOfServiceQuality runs the commands that read stored rows, on half a year of all topics.
func TestTheCommandsOfServiceQuality(t *testing.T) {
	t.Parallel()
	p := newDeployment(t, startFakeKafka(t, 8), storetest.ClickHouse(t), "")
	must(t, "migrate", "--config", p.file)
	for _, command := range []string{"churn fit", "churn evaluate", "report", "csi"} {
		ends(t, exitNo, append(strings.Fields(command), "--config", p.file), "no responses and purchases are stored yet", "csatflow run")
	}
	dir := t.TempDir()
	must(t, "simulate", "--out", dir, "--events", "330000", "--seed", "21", "--customers", "5000", "--duration", "4320h", "--start", "2026-05-01T00:00:00Z", "--side-topics")
	must(t, append([]string{"send", "--config", p.file}, feedFiles(t, dir)...)...)
	must(t, "run", "--config", p.file, "--until-end")
	t.Run("churn", func(t *testing.T) { churnCommands(t, p, filepath.Join(dir, "truth.json")) })
	t.Run("csi", func(t *testing.T) { csiCommands(t, p) })
	t.Run("report", func(t *testing.T) { reportCommands(t, p) })
	t.Run("improvement", func(t *testing.T) { improvementCommands(t, p) })
	t.Run("standards", standardsCommands)
	away := newDeployment(t, p.kafka, nobody(t), "")
	for _, command := range []string{"churn fit", "churn evaluate", "report", "csi", "improvement list"} {
		ends(t, exitUnreachable, append(strings.Fields(command), "--config", away.file), "ClickHouse")
	}
}

var curve = regexp.MustCompile(`(?m)^(\S+): AUC ([0-9.]+) ± ([0-9.]+), Brier score ([0-9.]+) \(the same risk for all: ([0-9.]+)\)`)

// curves parses AUC, Brier score, and the Brier score of equal risks, by name of weights.
func curves(t *testing.T, out string) map[string][3]float64 {
	t.Helper()
	found := map[string][3]float64{}
	for _, m := range curve.FindAllStringSubmatch(out, -1) {
		var v [3]float64
		for i, s := range []string{m[2], m[4], m[5]} {
			f, err := strconv.ParseFloat(s, 64)
			if err != nil {
				t.Fatal(err)
			}
			v[i] = f
		}
		found[m[1]] = v
	}
	return found
}

// churnCommands checks the promise for the score: an AUC of 0.75 on the simulator's leavers with this release's weights, and
// more with fitted ones.
func churnCommands(t *testing.T, p *deployment, truth string) {
	dir := t.TempDir()
	weights, plot := filepath.Join(dir, "weights.yaml"), filepath.Join(dir, "calibration.svg")
	for _, horizon := range []string{"14", "30"} {
		got := curves(t, must(t, "churn", "fit", "--config", p.file, "--labels", truth, "--horizon", horizon, "--output", weights, "--plot", plot))
		t.Log(got)
		before, fitted := got["configuration"], got["fitted"]
		if before[0] < 0.75 || fitted[0] <= before[0] || fitted[1] >= fitted[2] {
			t.Errorf("horizon of %s days: AUC, Brier score, and that of the same risk for all, %v", horizon, got)
		}
		again := curves(t, must(t, "churn", "evaluate", "--config", p.file, "--labels", truth, "--horizon", horizon, "--weights", weights))
		if again[filepath.Base(weights)] != fitted && again[weights] != fitted {
			t.Errorf("evaluate says %v, fit said %v", again, fitted)
		}
	}
	if b, err := os.ReadFile(plot); err != nil || !strings.Contains(string(b), "<svg") {
		t.Errorf("the plot: %v, %d bytes", err, len(b))
	}
	if got := curves(t, must(t, "churn", "fit", "--config", p.file, "--output", weights)); got["configuration"][0] < 0.75 || got["fitted"][0] < 0.75 {
		t.Errorf("by purchases not made and departures: %v", got)
	} else {
		t.Log(got)
	}
	taught := *p
	text, err := os.ReadFile(p.file)
	if err != nil {
		t.Fatal(err)
	}
	taught.file = file(t, "csatflow.yaml", string(text)+fmt.Sprintf("measures: {churn_weights_file: %s}\n", weights))
	must(t, "check", "--config", taught.file)
	if a, b := curves(t, must(t, "churn", "evaluate", "--config", taught.file))["configuration"], curves(t, must(t, "churn", "evaluate", "--config", p.file))["configuration"]; a == b || a[0] == 0 {
		t.Errorf("with fitted weights in the configuration %v, without %v", a, b)
	}
	ends(t, exitUsage, []string{"churn", "fit", "--config", p.file, "--horizon", "100"}, "two horizons of 100 days", "--horizon")
	ends(t, exitUsage, []string{"churn", "fit", "--config", p.file, "--split", "1"}, "--split")
	ends(t, exitUsage, []string{"churn", "evaluate", "--config", p.file, "--labels", file(t, "labels.csv", "c-1;yesterday")}, "labels.csv:1", "customer_id,time")
	nobody := file(t, "labels.csv", "somebody-else,2026-06-01T00:00:00Z\n")
	ends(t, exitNo, []string{"churn", "fit", "--config", p.file, "--labels", nobody, "--output", weights}, "nobody left")
}

func csiCommands(t *testing.T, p *deployment) {
	out := must(t, "csi", "--config", p.file, "--samples", "50")
	conn := p.connect(t)
	n := 0
	for _, m := range regexp.MustCompile(`(?m)^(\w+) -> (\w+) +(-?[0-9.]+) +(-?[0-9.]+) to (-?[0-9.]+)$`).FindAllStringSubmatch(out, -1) {
		var path, low, high float64
		query(t, conn, fmt.Sprintf("SELECT value, low, high FROM csi WHERE kind = 'path' AND from_variable = '%s' AND to_variable = '%s'", m[1], m[2]), &path, &low, &high)
		if want := fmt.Sprintf("%.3f %.3f %.3f", path, low, high); want != strings.Join(m[3:], " ") {
			t.Errorf("%s: the view says %s", m[0], want)
		}
		n++
	}
	if n != 9 {
		t.Errorf("%d paths in\n%s", n, out)
	}
	ends(t, exitUsage, []string{"csi", "--config", p.file, "--samples", "1"}, "--samples")
	ends(t, exitNo, []string{"csi", "--config", p.file, "--from", "2026-05-01", "--to", "2026-05-02"}, "2026-05-01")
}

func reportCommands(t *testing.T, p *deployment) {
	dir := t.TempDir()
	page, text := filepath.Join(dir, "report.html"), filepath.Join(dir, "report.md")
	period := []string{"--config", p.file, "--from", "2026-09-07", "--to", "2026-09-14"}
	must(t, append([]string{"report", "--output", page, "--lang", "zh"}, period...)...)
	must(t, append([]string{"report", "--output", text}, period...)...)
	for file, want := range map[string][]string{page: {"<!doctype html>", `lang="zh"`, "满意度指数", "<svg"}, text: {"# CSI report", "2026-09-07 00:00 UTC", "Nothing happened", "Responsiveness"}} {
		b, err := os.ReadFile(file)
		for _, w := range want {
			if err != nil || !strings.Contains(strings.ToLower(string(b)), strings.ToLower(w)) {
				t.Errorf("%s lacks %q (%v)", filepath.Base(file), w, err)
			}
		}
	}
	if out := must(t, append([]string{"report", "--scope", "store=store-003"}, period...)...); !strings.Contains(out, "Store store-003") {
		t.Errorf("%s", out)
	}
	ends(t, exitNo, []string{"report", "--config", p.file, "--from", "2020-01-06", "--to", "2020-01-13"}, "2020-01-06", "2026-05-01")
	ends(t, exitUsage, append([]string{"report", "--scope", "planet=earth"}, period...), "--scope", "planet", "store")
	ends(t, exitUsage, []string{"report", "--config", p.file, "--from", "2026-09-14", "--to", "2026-09-07"}, "before --to")
	ends(t, exitUsage, []string{"report", "--config", p.file, "--from", "soon"}, "--from", "2026-03-02")
	ends(t, exitUsage, append([]string{"report", "--output", filepath.Join(dir, "absent", "report.md")}, period...), "report.md")
}

func improvementCommands(t *testing.T, p *deployment) {
	command := func(args ...string) []string {
		return append([]string{"improvement", args[0], "--config", p.file}, args[1:]...)
	}
	if out := must(t, command("list")...); !strings.Contains(out, "improvement add") {
		t.Errorf("%q", out)
	}
	must(t, command("add", "--name", "Two more at the tills", "--scope", "store=store-003", "--target", "0.3", "--change", "2026-08-10")...)
	ends(t, exitUsage, command("add", "--name", "Two more at the tills", "--scope", "store=store-003", "--change", "2026-08-10"), "two-more-at-the-tills")
	ends(t, exitUsage, command("add", "--name", "x", "--scope", "everywhere", "--change", "2026-08-10"), "KIND=ID")
	ends(t, exitUsage, command("add", "--name", "x", "--scope", "store=store-003", "--measure", "luck", "--change", "2026-08-10"), "luck", "mean_grade")
	for scope, want := range map[string]string{
		"store=store-0033": `no response and no complaint of this scope yet: store "store-0033"; did you mean "store-003"?`,
		"shop=store-003":   `no kind with responses or complaints "shop": did you mean "store"?`,
		"all=everything":   "the whole company has no other",
	} {
		ends(t, exitUsage, command("add", "--name", "y", "--scope", scope, "--change", "2026-08-10"), "--scope "+scope, want)
	}
	must(t, command("add", "--name", "A new store", "--scope", "store=store-777", "--change", "2026-08-10", "--new")...)
	ends(t, exitUsage, command("add", "--name", "z", "--scope", "shop=store-003", "--change", "2026-08-10", "--new"), "not a kind of scope")
	out := must(t, command("check", "two-more-at-the-tills", "--days", "21")...)
	var effect, low, high float64
	conn := p.connect(t)
	query(t, conn, "SELECT effect, low, high FROM improvements WHERE id = 'two-more-at-the-tills'", &effect, &low, &high)
	if want := fmt.Sprintf("effect %+.3f, 95 %% interval %+.3f to %+.3f", effect, low, high); !strings.Contains(out, want) || low > effect || high < effect {
		t.Errorf("the view says %s\n%s", want, out)
	}
	if low > 0 || high < 0 {
		t.Errorf("nothing was changed, the effect is %v to %v", low, high)
	}
	must(t, command("close", "two-more-at-the-tills", "--outcome", "dropped", "--note", "no effect")...)
	if out := must(t, command("list")...); !strings.Contains(out, "act ") || !strings.Contains(out, "dropped") {
		t.Errorf("%s", out)
	}
	ends(t, exitUsage, command("check", "nothing"), "nothing", "there are ", "two-more-at-the-tills")
	ends(t, exitUsage, command("close", "two-more-at-the-tills", "--outcome", "perhaps"), "adopted")
}

func standardsCommands(t *testing.T) {
	out := must(t, "standards")
	if !strings.Contains(out, "greet-30s") || !strings.Contains(out, "callback-24h") {
		t.Errorf("%s", out)
	}
	vague := file(t, "standards.yaml", "standards:\n  - {id: smile, stage: greeting, part: people, text: Be nice}\n")
	code, out, errs := csatflow(t, nil, "standards", vague)
	if code == exitDone || !strings.Contains(out+errs, "smile") && !strings.Contains(out+errs, "standards.yaml") {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}
}
