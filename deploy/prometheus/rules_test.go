package prometheus

import (
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"go.yaml.in/yaml/v3"

	"csatflow/sinks/metrics"
)

const rulesFile = "rules/csatflow.rules.yml"

type rule struct {
	Record, Alert, Expr string
	Labels, Annotations map[string]string
}

func rules(t *testing.T) (list []rule) {
	t.Helper()
	var file struct{ Groups []struct{ Rules []rule } }
	if err := yaml.Unmarshal([]byte(read(t, rulesFile)), &file); err != nil {
		t.Fatal(err)
	}
	for _, g := range file.Groups {
		list = append(list, g.Rules...)
	}
	return list
}

func TestPromtoolAgrees(t *testing.T) {
	promtool := program(t, "promtool")
	for _, args := range [][]string{
		{"check", "rules", rulesFile},
		{"check", "config", "prometheus.yml"},
		{"test", "rules", "rules/csatflow.test.yml"},
	} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			if out, err := exec.CommandContext(t.Context(), promtool, args...).CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

func TestEveryMetricInTheRulesIsOneOfOurs(t *testing.T) {
	ours, recorded := declared(t), map[string]bool{}
	list := rules(t)
	for _, r := range list {
		if r.Record != "" {
			recorded[r.Record] = true
		}
	}
	name, other := regexp.MustCompile(`[a-zA-Z_:][a-zA-Z0-9_:]*`), regexp.MustCompile(`"[^"]*"|\[[^\]]*\]`)
	used := 0
	for _, r := range list {
		for _, n := range name.FindAllString(other.ReplaceAllString(r.Expr, ""), -1) {
			switch {
			case strings.Contains(n, ":"):
				if !recorded[n] {
					t.Errorf("%s%s: no rule records %s", r.Alert, r.Record, n)
				}
			case strings.HasPrefix(n, "csatflow_"):
				used++
				if !slices.Contains(ours, n) {
					t.Errorf("%s%s: there is no metric %s", r.Alert, r.Record, n)
				}
			}
		}
	}
	if used == 0 {
		t.Error("the rules name no metric of ours: this test proves nothing")
	}
}

func TestEveryAlertSaysWhatItIsAndIsTestedBothWays(t *testing.T) {
	var file struct {
		Tests []struct {
			Cases []struct {
				Alert string      `yaml:"alertname"`
				Fires []yaml.Node `yaml:"exp_alerts"`
			} `yaml:"alert_rule_test"`
		}
	}
	if err := yaml.Unmarshal([]byte(read(t, "rules/csatflow.test.yml")), &file); err != nil {
		t.Fatal(err)
	}
	fires, quiet := map[string]bool{}, map[string]bool{}
	for _, test := range file.Tests {
		for _, c := range test.Cases {
			if len(c.Fires) > 0 {
				fires[c.Alert] = true
			} else {
				quiet[c.Alert] = true
			}
		}
	}
	for _, r := range rules(t) {
		if r.Alert == "" {
			continue
		}
		if !fires[r.Alert] || !quiet[r.Alert] {
			t.Errorf("%s: a case in which it fires: %t; one in which it must not: %t", r.Alert, fires[r.Alert], quiet[r.Alert])
		}
		if r.Annotations["summary"] == "" || r.Annotations["description"] == "" || !slices.Contains([]string{"warning", "critical"}, r.Labels["severity"]) {
			t.Errorf("%s: needs a summary, a description and a severity of warning or critical", r.Alert)
		}
	}
}

// describing is a registerer that collects declared metrics, with or without samples.
type describing struct {
	prometheus.Registerer
	descs []string
}

func (d *describing) Register(c prometheus.Collector) error {
	ch := make(chan *prometheus.Desc)
	go func() { c.Describe(ch); close(ch) }()
	for desc := range ch {
		d.descs = append(d.descs, desc.String())
	}
	return d.Registerer.Register(c)
}

func (d *describing) MustRegister(list ...prometheus.Collector) {
	for _, c := range list {
		if err := d.Register(c); err != nil {
			panic(err)
		}
	}
}

// declared returns the names of all series that the program may export.
func declared(t *testing.T) (names []string) {
	t.Helper()
	d := &describing{Registerer: prometheus.NewRegistry()}
	metrics.New(d, "test", metrics.Series{Most: 1})
	metrics.NewAlerts(d)
	name := regexp.MustCompile(`fqName: "([^"]+)"`)
	for _, desc := range d.descs {
		n := name.FindStringSubmatch(desc)
		if n == nil {
			t.Fatalf("no name in %s", desc)
		}
		names = append(names, n[1])
		if strings.HasSuffix(n[1], "_seconds") && !strings.HasSuffix(n[1], "_timestamp_seconds") {
			names = append(names, n[1]+"_bucket", n[1]+"_sum", n[1]+"_count") // if it is a histogram
		}
	}
	return names
}
