// Package cmd_test holds the rules on imports of all packages.
package cmd_test

import (
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// rule says what packages must not import, directly or indirectly. A name includes all packages below it.
type rule struct {
	name   string
	of     []string // packages to which it applies
	except []string // exceptions among these
	never  []string
	but    []string // what they may import all the same
}

const (
	kafkaClient      = "github.com/segmentio/kafka-go"
	clickhouseClient = "github.com/ClickHouse"
	plotting         = "gonum.org/v1/plot"
	pathModel        = "csatflow/pipeline/pls"
)

var rules = []rule{
	{name: "what is told of a period or drawn is linked only by who draws",
		of: []string{"csatflow"}, except: []string{"csatflow/cmd/csatflow", "csatflow/cmd/bench", "csatflow/sinks/insight/report/document", "csatflow/sinks/insight/sweep", "csatflow/pipeline/churn/calibration", "csatflow/pipeline/pls"},
		never: []string{plotting, pathModel}},
	{name: "the configuration knows nothing of what is done with it",
		of:    []string{"csatflow/cmd/csatflow/config"},
		never: []string{"csatflow/sinks", "csatflow/deploy", kafkaClient, clickhouseClient},
		but:   []string{"csatflow/sinks/alert/endpoint"}},
	{name: "production links no simulator and no servers of tests; the commands demo, local, simulate and bench are for trying out",
		of: []string{"csatflow/sinks", "csatflow/pipeline", "csatflow/schemas", "csatflow/cmd"}, except: []string{"csatflow/cmd/csatflow", "csatflow/cmd/bench"},
		never: []string{"csatflow/deploy"}},
	{name: "the program is not of the parts that generate, test and measure",
		of: []string{"csatflow/cmd/csatflow"}, never: []string{"csatflow/deploy"}, but: []string{"csatflow/deploy/local", "csatflow/deploy/simulate"}},
	{name: "the pipeline knows no clients, which stay at the edges",
		of: []string{"csatflow/pipeline"}, except: []string{"csatflow/pipeline/kafka"},
		never: []string{kafkaClient, clickhouseClient, "csatflow/pipeline/kafka"}},
	{name: "the pipeline serves no HTTP, but for the intake's server at its edge",
		of: []string{"csatflow/pipeline"}, except: []string{"csatflow/pipeline/intake/httpin"},
		never: []string{"csatflow/pipeline/intake/httpin", "github.com/prometheus/exporter-toolkit"}},
	{name: "who works through what came in knows no feeds of others",
		of:     []string{"csatflow/pipeline", "csatflow/sinks"},
		except: []string{"csatflow/pipeline/intake"},
		never:  []string{"csatflow/pipeline/intake", "cel.dev/cel-go"}},
	{name: "imports go one way", of: []string{"csatflow/pipeline"}, never: []string{"csatflow/sinks", "csatflow/cmd"}},
	{name: "imports go one way, but for the names of dimensions, which tables, catalogue and pipeline share", of: []string{"csatflow/schemas"},
		never: []string{"csatflow/pipeline", "csatflow/sinks", "csatflow/cmd"}, but: []string{"csatflow/pipeline/dimension"}},
	{name: "what all share imports nothing of ours", of: []string{"csatflow/pipeline/dimension"}, never: []string{"csatflow"}},
	{name: "imports go one way", of: []string{"csatflow/sinks", "csatflow/deploy"}, never: []string{"csatflow/cmd"}},
	{name: "the embedded servers need nothing of the sinks", of: []string{"csatflow/deploy/local"}, never: []string{"csatflow/sinks", "csatflow/cmd"}},
}

func below(name string, list []string) bool {
	return slices.ContainsFunc(list, func(p string) bool { return name == p || strings.HasPrefix(name, p+"/") })
}

// helper reports whether a package is only for tests.
func helper(name string) bool {
	return strings.HasSuffix(name, "test") && !strings.HasSuffix(name, "/backtest")
}

func TestPackagesLinkOnlyWhatTheirRuleAllows(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Deps " "}}`, "csatflow/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	held := map[string]int{}
	for line := range strings.Lines(string(out)) {
		name, deps, _ := strings.Cut(strings.TrimSpace(line), " ")
		if helper(name) {
			continue
		}
		for i := range rules {
			r := &rules[i]
			if !below(name, r.of) || below(name, r.except) {
				continue
			}
			held[strings.Join(r.of, " ")+r.name]++
			for dep := range strings.FieldsSeq(deps) {
				if below(dep, r.never) && !below(dep, r.but) {
					t.Errorf("%s links %s: %s", name, dep, r.name)
				}
			}
		}
		for dep := range strings.FieldsSeq(deps) {
			if strings.HasPrefix(dep, "csatflow/") && helper(dep) {
				t.Errorf("%s links %s, which is for tests", name, dep)
			}
		}
	}
	for i := range rules {
		if held[strings.Join(rules[i].of, " ")+rules[i].name] == 0 {
			t.Errorf("no package is held to: %s", rules[i].name)
		}
	}
}

// Commands for production use neither the simulator nor the embedded servers.
func TestOnlyTheCommandsForTryingOutNameTheSimulatorAndTheEmbeddedServers(t *testing.T) {
	allowed := map[string][]string{
		"demo.go":      {"csatflow/deploy/local", "csatflow/deploy/simulate"},
		"demo_feed.go": {"csatflow/deploy/simulate"},
		"demo_past.go": {"csatflow/deploy/simulate"},
		"local.go":     {"csatflow/deploy/local"},
		"simulate.go":  {"csatflow/deploy/simulate"},
		"main.go":      {"csatflow/deploy/local"}, // a child process of an embedded server begins there
	}
	files, err := filepath.Glob("csatflow/*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range f.Imports {
			name := strings.Trim(i.Path.Value, `"`)
			if !below(name, []string{"csatflow/deploy"}) {
				continue
			}
			seen++
			if !below(name, allowed[filepath.Base(file)]) {
				t.Errorf("%s imports %s", file, name)
			}
		}
	}
	if seen < len(allowed) {
		t.Errorf("only %d imports were seen", seen)
	}
}
