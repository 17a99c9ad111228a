package grafana

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"go.yaml.in/yaml/v3"

	"csatflow/sinks/metrics"
)

// described collects the names of declared metrics, with or without samples.
type described struct {
	prometheus.Registerer
	names []string
}

var fqName = regexp.MustCompile(`fqName: "([^"]+)"`)

func (d *described) Register(c prometheus.Collector) error {
	ch := make(chan *prometheus.Desc)
	go func() { c.Describe(ch); close(ch) }()
	for desc := range ch {
		name := fqName.FindStringSubmatch(desc.String())[1]
		d.names = append(d.names, name)
		if _, histogram := c.(prometheus.Histogram); histogram {
			d.names = append(d.names, name+"_bucket", name+"_sum", name+"_count")
		}
	}
	return d.Registerer.Register(c)
}

func (d *described) MustRegister(list ...prometheus.Collector) {
	for _, c := range list {
		if err := d.Register(c); err != nil {
			panic(err)
		}
	}
}

func TestEveryMetricIsOneOfOurs(t *testing.T) {
	ours := &described{Registerer: prometheus.NewRegistry()}
	metrics.New(ours, "test", metrics.Series{Most: 1})
	metrics.NewAlerts(ours)
	name, used := regexp.MustCompile(`\bcsatflow_[a-z0-9_]*`), map[string]bool{}
	for _, d := range dashboards(t) {
		for _, p := range panels(d) {
			for _, expr := range expressions(p) {
				for _, n := range name.FindAllString(expr, -1) {
					if used[n] = true; !slices.Contains(ours.names, n) {
						t.Errorf("%s: %s: there is no metric %s", *d.Title, *p.Title, n)
					}
				}
			}
		}
	}
	if len(used) < 15 {
		t.Errorf("%d metrics are shown", len(used))
	}
}

func TestPromtoolParsesEveryExpression(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv("CI") != "" || os.Getenv("CSATFLOW_REQUIRE_PROMTOOL") != "" {
			t.Fatal(err)
		}
		t.Skip("promtool is not installed")
	}
	// Macros, as Grafana fills them in.
	filled := strings.NewReplacer("$__rate_interval", "1m", "$__range", "6h")
	type rule struct {
		Record string `yaml:"record"`
		Expr   string `yaml:"expr"`
	}
	check := func(rules ...rule) error {
		file := filepath.Join(t.TempDir(), "rules.yml")
		text, err := yaml.Marshal(map[string]any{"groups": []map[string]any{{"name": "panels", "rules": rules}}})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.CommandContext(t.Context(), promtool, "check", "rules", "--lint=none", file).CombinedOutput()
		if err != nil {
			t.Logf("%s", out)
		}
		return err
	}
	var rules []rule
	for _, d := range dashboards(t) {
		for _, p := range panels(d) {
			for _, expr := range expressions(p) {
				rules = append(rules, rule{"panel:shown", filled.Replace(expr)})
			}
		}
	}
	if err := check(rules...); err != nil || len(rules) < 20 {
		t.Errorf("%d expressions: %v", len(rules), err)
	}
	if check(rule{"panel:shown", "sum(csatflow_lag_records"}) == nil {
		t.Error("promtool takes an expression that is none")
	}
}
