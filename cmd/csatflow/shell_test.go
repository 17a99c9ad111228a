package main

import (
	"bytes"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"csatflow/cmd/csatflow/config"
	"csatflow/schemas/keys"
)

// inShell runs a program of a shell, and skips a shell that this machine lacks.
func inShell(t *testing.T, shell, program string) string {
	t.Helper()
	if _, err := exec.LookPath(shell); err != nil {
		t.Skipf("%s is not here", shell)
	}
	args := []string{"-c", program}
	if shell != "fish" {
		args = append([]string{map[string]string{"bash": "--norc", "zsh": "-f"}[shell]}, args...)
	}
	out, err := exec.CommandContext(t.Context(), shell, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", shell, err, out)
	}
	return string(out)
}

func TestBashCompletesCommandsFlagsAndValues(t *testing.T) {
	script := must(t, "completion", "bash")
	hosts := file(t, "hosts.jsonl", "")
	for line, want := range map[string]string{
		"csatflow ru":                                   "run",
		"csatflow deadletter ''":                        "list show retry",
		"csatflow deadletter list --form":               "--format",
		"csatflow audit --format ''":                    "text json",
		"csatflow audit --format = j":                   "json",
		"csatflow run --me":                             "--memory-profile",
		"csatflow --vers":                               "--version",
		"csatflow completion ''":                        "bash zsh fish",
		"csatflow run --config " + hosts[:len(hosts)-2]: hosts,
		"csatflow run -c " + hosts[:len(hosts)-2]:       hosts,
		"csatflow validate " + hosts[:len(hosts)-2]:     hosts,
		"csatflow run --listen ''":                      "",
		"csatflow dance ''":                             strings.Join(commandNames(t), " "),
	} {
		out := inShell(t, "bash", script+"\nCOMP_WORDS=("+line+"); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _csatflow 2>/dev/null; echo ${COMPREPLY[*]}")
		if got := strings.TrimSpace(out); got != want {
			t.Errorf("%s completes to %q, want %q", line, got, want)
		}
	}
}

func commandNames(t *testing.T) (names []string) {
	t.Helper()
	for _, m := range regexp.MustCompile(`(?m)^  ([a-z]+) `).FindAllStringSubmatch(must(t, "--help"), -1) {
		if !slices.Contains(names, m[1]) {
			names = append(names, m[1])
		}
	}
	if len(names) < 20 {
		t.Fatalf("only the commands %q", names)
	}
	return names
}

func TestFishCompletesCommandsFlagsAndValues(t *testing.T) {
	script := must(t, "completion", "fish")
	for line, want := range map[string]string{
		"csatflow ru":                   "run\tThe service: read Kafka, compute, write ClickHouse",
		"csatflow deadletter sho":       "show\tShow one message with everything known about it",
		"csatflow completion z":         "zsh",
		"csatflow run --memory":         "--memory-profile\tWrite a heap profile for go tool pprof, taken when the heap was largest",
		"csatflow audit --format=j":     "--format=json\tFormat of the report: text or json (text)",
		"csatflow improvement check li": "",
	} {
		if got := strings.TrimSpace(inShell(t, "fish", script+"\ncomplete -C '"+line+"'")); got != want {
			t.Errorf("%s completes to %q, want %q", line, got, want)
		}
	}
}

func TestZshTakesTheScriptAndKnowsEveryCommand(t *testing.T) {
	script := must(t, "completion", "zsh")
	out := inShell(t, "zsh", "autoload -Uz compinit; compinit -u -D\n"+script+"\nprint ${_comps[csatflow]}; functions _csatflow_deadletter_list")
	if !strings.HasPrefix(out, "_csatflow\n") || !strings.Contains(out, "--format=[") {
		t.Errorf("zsh has\n%s", out)
	}
}

func TestAShellThatIsNotKnownEndsWithTwo(t *testing.T) {
	ends(t, exitUsage, []string{"completion", "tcsh"}, "tcsh", "bash", "zsh", "fish")
	ends(t, exitUsage, []string{"completion"}, "shell")
	ends(t, exitUsage, []string{"man", "csatflow.toml"}, "csatflow.toml", "csatflow.yaml")
}

func TestVersionIsAFlagAndACommand(t *testing.T) {
	if flag, command := must(t, "--version"), must(t, "version"); flag != command || !strings.HasPrefix(flag, "csatflow "+version) {
		t.Errorf("%q and %q", flag, command)
	}
}

func TestTheManualPageHasEveryCommandWithItsFlags(t *testing.T) {
	page := must(t, "man")
	for _, name := range commandNames(t) {
		if !strings.Contains(page, "\n.SS csatflow "+name) {
			t.Errorf("%s is not in it", name)
		}
	}
	for _, words := range []string{`\fB\-\-until\-end\fR`, `\fB\-c, \-\-config\fR=FILE`, ".SS csatflow deadletter retry", "Examples:\n.PP\n.in +4n\n.EX\n", ".SH EXIT STATUS", "CSATFLOW_CONFIG"} {
		if !strings.Contains(page, words) {
			t.Errorf("%q is not in it:\n%s", words, page)
		}
	}
}

func TestTheManualPageOfTheConfigurationHasEveryKey(t *testing.T) {
	page := must(t, "man", "csatflow.yaml")
	for _, k := range keys.All(config.Keys()) {
		if !strings.Contains(page, "\n.TP\n\\fB"+strings.ReplaceAll(k.Path, "-", `\-`)+"\\fR: ") {
			t.Errorf("%s is not in it", k.Path)
		}
	}
	if !strings.Contains(page, `writes everything at every tenth. (duration, 50ms to 1m; for example 200ms)`) {
		t.Errorf("flush.interval is not explained:\n%s", page)
	}
}

func TestManShowsThePagesWithoutAWarning(t *testing.T) {
	if _, err := exec.LookPath("man"); err != nil {
		t.Skip("man is not here")
	}
	for args, want := range map[string]string{
		"man":               "       csatflow config --example > csatflow.yaml",
		"man csatflow.yaml": "       flush.interval: 1s\n",
	} {
		cmd := exec.CommandContext(t.Context(), "man", "--warnings", "-l", "-")
		cmd.Stdin = strings.NewReader(must(t, strings.Fields(args)...))
		cmd.Env = append(cmd.Environ(), "MANWIDTH=200", "MANPAGER=cat", "LC_ALL=C.UTF-8", "GROFF_NO_SGR=1", "MAN_KEEP_FORMATTING=")
		var warnings bytes.Buffer
		cmd.Stderr = &warnings
		out, err := cmd.Output()
		if err != nil || warnings.Len() > 0 {
			t.Fatalf("%s: %v: %s", args, err, warnings.String())
		}
		if !strings.Contains(string(out), want) {
			t.Errorf("%s lacks %q:\n%s", args, want, out)
		}
	}
}
