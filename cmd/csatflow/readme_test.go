package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"csatflow/cmd/csatflow/config"
)

// A stranger's machine: bin/csatflow is this release, make runs what the Makefile runs, and a command that serves goes on in the background once
// it has said that it serves.
const strangersCSATFLOW = `#!/bin/bash
serve() {
	[ "$1" = local ] && [ -s pids ] && { kill $(cat pids); while kill -0 $(cat pids) 2>/dev/null; do sleep .2; done; : > pids; }
	%[1]q "$@" >serving.$1 2>&1 & echo $! >> pids
	for i in $(seq 1200); do
		grep -q -e 'Ctrl-C stops it' -e '^state ' -e '"msg":"serving"' serving.$1 && exit 0
		kill -0 $! 2>/dev/null || { cat serving.$1 >&2; exit 1; }
		sleep .1
	done
	exit 1
}
case "$1" in
demo|local) serve "$@" ;;
run) [[ " $* " = *" --until-end "* ]] || serve "$@" ;;
intake) [ $# = 1 ] && CSATFLOW_INTAKE_LISTEN=127.0.0.1:0 serve "$@" ;;
esac
exec %[1]q "$@"
`

const strangersMake = `#!/bin/bash
case "$1" in
demo) exec bin/csatflow demo %s ;;
build|test) ;; # this is the test
*) echo "make $1 is not in the stranger's hands" >&2; exit 2 ;;
esac
`

var fenced = regexp.MustCompile("(?ms)^```(sh|yaml)\n(.*?)^```$")

// TestEveryCommandOfTheREADMEWorksAsItStands runs the blocks of commands in order, as somebody would who pastes them, on free ports instead of the usual
// ones. Blocks of YAML are the configuration, as the text around them says.
func TestEveryCommandOfTheREADMEWorksAsItStands(t *testing.T) {
	if os.Getenv("CSATFLOW_TEST_README") == "" {
		t.Skip("it lays down the demo's past twice: make readme runs it")
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	ports := map[string]string{}
	usual := []string{"127.0.0.1:8080", "127.0.0.1:8123", "127.0.0.1:9092", "127.0.0.1:9000", "127.0.0.1:8090"}
	for i, free := range freePorts(t, len(usual)) {
		ports[usual[i]] = free
	}
	moved := func(text string) string {
		for usual, free := range ports {
			text = strings.ReplaceAll(text, usual, free)
		}
		return text
	}
	dir := stranger(t, fmt.Sprintf("--listen %s --http %s --kafka %s --clickhouse %s --intake %s", ports["127.0.0.1:8080"], ports["127.0.0.1:8123"], ports["127.0.0.1:9092"], ports["127.0.0.1:9000"], ports["127.0.0.1:8090"]))
	blocks := fenced.FindAllStringSubmatch(string(readme), -1)
	commands := 0
	exports := "" // of earlier blocks, in the same shell
	for _, b := range blocks {
		kind, text := b[1], moved(b[2])
		if kind == "yaml" {
			configure(t, dir, text)
			continue
		}
		for line := range strings.Lines(text) {
			if strings.HasPrefix(line, "export ") {
				exports += line
			}
			commands++
		}
		script := "set -e -o pipefail\n" + exports + text
		// Each local starts with the ports of the demo before it, and its flags are those of the README.
		script = strings.ReplaceAll(script, "bin/csatflow local --data data", fmt.Sprintf("bin/csatflow local --kafka %s --clickhouse %s --data data", ports["127.0.0.1:9092"], ports["127.0.0.1:9000"]))
		script = strings.ReplaceAll(script, " &\n", "\n")
		begun := time.Now()
		out, err := pasted(t, dir, script)
		t.Logf("%.1f s\n%s%s", time.Since(begun).Seconds(), text, out)
		if err != nil {
			t.Fatalf("%v:\n%s\n%s", err, text, out)
		}
		if strings.Contains(text, "/v1/events/") && (strings.Count(out, `{"taken":1,"passed_over":0}`) != 2 || !strings.Contains(out, "my-store,2,")) {
			t.Errorf("what came in is not shown:\n%s", out)
		}
		if strings.Contains(text, "FROM alerts") || strings.Contains(text, "FROM satisfaction") {
			within(t, 2*time.Minute, "the query of the README has rows:\n"+text, func() bool {
				out, err := pasted(t, dir, script)
				return err == nil && strings.Contains(out, "store-")
			})
		}
	}
	if commands < 20 || len(blocks) < 10 {
		t.Errorf("only %d commands in %d blocks were found", commands, len(blocks))
	}
	if report, err := os.ReadFile(filepath.Join(dir, "report.html")); err != nil || !strings.Contains(string(report), "store-") {
		t.Errorf("the report names no store: %d bytes, %v", len(report), err)
	}
}

// TestTheFeedsOfTheREADMEAreGood type-checks them.
func TestTheFeedsOfTheREADMEAreGood(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, b := range fenced.FindAllStringSubmatch(string(readme), -1) {
		if b[1] == "yaml" && strings.HasPrefix(b[2], "intake:") {
			c, err := config.Load(file(t, "csatflow.yaml", b[2]), []string{"CSATFLOW_KAFKA_BROKERS=127.0.0.1:9092"})
			if err != nil {
				t.Fatal(err)
			}
			if err := c.CheckIntake(); err != nil {
				t.Error(err)
			}
			checked++
		}
	}
	if checked == 0 {
		t.Error("the README has no feed")
	}
}

// stranger makes a folder with bin/csatflow, a make that passes flags to the demo, and a home, and stops at the end what serves.
func stranger(t *testing.T, flags string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"bin/csatflow": fmt.Sprintf(strangersCSATFLOW, self), "path/make": fmt.Sprintf(strangersMake, flags)} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		b, _ := os.ReadFile(filepath.Join(dir, "pids")) // without it nothing serves
		for _, text := range strings.Fields(string(b)) {
			pid, err := strconv.Atoi(text)
			if err != nil {
				t.Error(err)
				continue
			}
			_ = syscall.Kill(pid, syscall.SIGTERM) // it may have ended
			within(t, 30*time.Second, "what served has ended", func() bool { return syscall.Kill(pid, 0) != nil })
		}
	})
	return dir
}

// configure writes csatflow.yaml as the README has it: a block that begins with kafka: is a whole file, one with another section replaces that section.
func configure(t *testing.T, dir, text string) {
	t.Helper()
	file := filepath.Join(dir, "csatflow.yaml")
	if strings.HasPrefix(text, "kafka:") {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return // an example before there is a file
	}
	section, _, _ := strings.Cut(text, ":")
	lines := slices.DeleteFunc(strings.SplitAfter(string(b), "\n"), func(l string) bool { return strings.HasPrefix(l, section+":") })
	if err := os.WriteFile(file, []byte(strings.Join(lines, "")+text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func pasted(t *testing.T, dir, script string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "-c", script)
	cmd.Dir = dir
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "XDG_DATA_HOME=") || strings.HasPrefix(v, "CSATFLOW_CONFIG=")
	}),
		"HOME="+dir, "PATH="+filepath.Join(dir, "path")+":"+os.Getenv("PATH"), "XDG_CACHE_HOME="+cache, asCommand+"=1")
	out, err := cmd.CombinedOutput()
	return string(out), err
}
