package compose

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v3"

	"csatflow/cmd/csatflow/config"
)

// project loads compose.yaml like docker compose: checked by the schema of the Compose specification, with variables
// filled in and absolute paths.
func project(t *testing.T) *types.Project {
	t.Helper()
	dir, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	p, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{WorkingDir: dir, ConfigFiles: []types.ConfigFile{{Filename: filepath.Join(dir, "compose.yaml")}}, Environment: types.Mapping{}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// byDigest matches an image that is named by its digest.
var byDigest = regexp.MustCompile(`@sha256:[0-9a-f]{64}$`)

func TestComposeFileIsValidAndComplete(t *testing.T) {
	p := project(t)
	got := p.ServiceNames()
	want := []string{"alertmanager", "clickhouse", "csatflow", "grafana", "kafka", "migrate", "prometheus"}
	if slices.Sort(got); !slices.Equal(got, want) {
		t.Errorf("services %q, want %q", got, want)
	}
	if name := p.Services["csatflow"].Image; name != p.Services["migrate"].Image {
		t.Errorf("csatflow runs %s, migrate %s", name, p.Services["migrate"].Image)
	}
	for name, service := range p.Services {
		if service.Build == nil && !regexp.MustCompile(`:[^:@]*\d+\.\d+`).MatchString(service.Image) {
			t.Errorf("%s: image %s names no version", name, service.Image)
		}
		if service.Build == nil && !byDigest.MatchString(service.Image) {
			t.Errorf("%s: image %s has no digest: a tag may come to mean another image", name, service.Image)
		}
		for _, port := range service.Ports {
			if port.HostIP != "127.0.0.1" {
				t.Errorf("%s: port %s is bound to %q, not to 127.0.0.1", name, port.Published, port.HostIP)
			}
		}
	}
}

func TestServicesStartWhenWhatTheyNeedIsReady(t *testing.T) {
	p := project(t)
	for _, name := range []string{"migrate", "csatflow"} {
		for _, needed := range []string{"kafka", "clickhouse"} {
			if got := p.Services[name].DependsOn[needed].Condition; got != types.ServiceConditionHealthy {
				t.Errorf("%s waits for %s to be %q", name, needed, got)
			}
			if p.Services[needed].HealthCheck == nil {
				t.Errorf("%s has no health check", needed)
			}
		}
	}
	if got := p.Services["csatflow"].DependsOn["migrate"].Condition; got != types.ServiceConditionCompletedSuccessfully {
		t.Errorf("csatflow waits for migrate to be %q", got)
	}
}

func TestMountedFilesExist(t *testing.T) {
	for name, service := range project(t).Services {
		for _, v := range service.Volumes {
			if v.Type != types.VolumeTypeBind {
				continue
			}
			if _, err := os.Stat(v.Source); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if !v.ReadOnly {
				t.Errorf("%s may write %s", name, v.Source)
			}
		}
		if b := service.Build; b != nil {
			if _, err := os.Stat(filepath.Join(b.Context, b.Dockerfile)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// environment is that of a service, as NAME=value.
func environment(s types.ServiceConfig) (list []string) {
	for name, value := range s.Environment {
		if value != nil {
			list = append(list, name+"="+*value)
		}
	}
	return list
}

func TestConfigurationFitsTheServices(t *testing.T) {
	p := project(t)
	for _, name := range []string{"csatflow", "migrate"} {
		s := p.Services[name]
		i := slices.Index(s.Command, "--config")
		if i < 0 || len(s.Volumes) != 1 || s.Volumes[0].Target != s.Command[i+1] {
			t.Errorf("%s: command %q does not name the configuration that is mounted", name, s.Command)
		}
		c, err := config.Load(s.Volumes[0].Source, environment(s))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Check(); err != nil {
			t.Error(err)
		}
		listens := strings.Split(*p.Services["kafka"].Environment["KAFKA_ADVERTISED_LISTENERS"], ",")
		for _, b := range c.Kafka.Brokers {
			if !slices.ContainsFunc(listens, func(l string) bool { return strings.HasSuffix(l, "://"+b) }) {
				t.Errorf("Kafka advertises %q, not %s", listens, b)
			}
		}
		ch := p.Services["clickhouse"].Environment
		if c.ClickHouse.Username != *ch["CLICKHOUSE_USER"] || c.ClickHouse.Password != *ch["CLICKHOUSE_PASSWORD"] {
			t.Errorf("%s is not the user that ClickHouse has", name)
		}
		if c.Listen != "0.0.0.0:8080" {
			t.Errorf("%s listens on %s, which other containers do not reach", name, c.Listen)
		}
		if !slices.Contains(c.Page.Hosts, "csatflow") {
			t.Errorf("%s refuses Prometheus, which asks it under the name csatflow: %q", name, c.Page.Hosts)
		}
		for _, port := range p.Services["csatflow"].Ports {
			if c.Insecure && port.HostIP != "127.0.0.1" {
				t.Errorf("whoever reaches %s reads the page without a password", port.HostIP)
			}
		}
	}
}

func TestGrafanaIsProvisionedForTheServices(t *testing.T) {
	p := project(t)
	if plugins := p.Services["grafana"].Environment["GF_PLUGINS_PREINSTALL_SYNC"]; plugins == nil || *plugins != "grafana-clickhouse-datasource" {
		t.Error("Grafana does not install the plugin of ClickHouse")
	}
	grafana, ch := p.Services["grafana"], p.Services["clickhouse"].Environment
	b, err := os.ReadFile("../grafana/provisioning/datasources/clickhouse.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range regexp.MustCompile(`\$([A-Z_]+)`).FindAllStringSubmatch(string(b), -1) {
		if grafana.Environment[name[1]] == nil {
			t.Errorf("Grafana's environment lacks %s", name[1])
		}
	}
	if *grafana.Environment["CSATFLOW_CLICKHOUSE_PASSWORD"] != *ch["GRAFANA_CLICKHOUSE_PASSWORD"] {
		t.Error("Grafana has another password than ClickHouse has for it")
	}
	if _, found := p.Services[*grafana.Environment["CSATFLOW_CLICKHOUSE_HOST"]]; !found {
		t.Error("Grafana's ClickHouse is no service")
	}
	b, err = os.ReadFile("../grafana/provisioning/dashboards/csatflow.yaml")
	if err != nil {
		t.Fatal(err)
	}
	mounted := slices.ContainsFunc(grafana.Volumes, func(v types.ServiceVolumeConfig) bool {
		return strings.HasSuffix(v.Source, "/deploy/grafana/dashboards") && strings.Contains(string(b), "path: "+v.Target+"\n")
	})
	if !mounted {
		t.Error("the dashboards are not mounted where the provisioning looks for them")
	}
}

func TestPrometheusKnowsTheServices(t *testing.T) {
	p := project(t)
	b, err := os.ReadFile("../prometheus/prometheus.yml")
	if err != nil {
		t.Fatal(err)
	}
	type static struct {
		Configs []struct{ Targets []string } `yaml:"static_configs"`
	}
	var file struct {
		Alerting struct{ Alertmanagers []static }
		Scrape   []static `yaml:"scrape_configs"`
	}
	if err := yaml.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	targets := 0
	for _, s := range append(file.Alerting.Alertmanagers, file.Scrape...) {
		for _, c := range s.Configs {
			for _, target := range c.Targets {
				targets++
				host, _, _ := strings.Cut(target, ":")
				if _, found := p.Services[host]; !found && host != "127.0.0.1" {
					t.Errorf("%s is no service", target)
				}
			}
		}
	}
	if targets < 2 {
		t.Errorf("%d targets found", targets)
	}
}

func TestImageHasTheLibrariesThatTheProgramNeeds(t *testing.T) {
	b, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	has := []string{}
	images := regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(string(b), -1)
	for _, image := range images {
		if !byDigest.MatchString(image[1]) {
			t.Errorf("image %s has no digest", image[1])
		}
	}
	switch {
	case strings.Contains(images[len(images)-1][1], "distroless/base"):
		has = []string{"libc.so.6", "libdl.so.2", "libpthread.so.0", "libm.so.6", "libresolv.so.2"} // glibc's
	case !strings.Contains(images[len(images)-1][1], "distroless/static"):
		t.Fatalf("this test does not know what %s has", images[len(images)-1][1])
	}
	program := filepath.Join(t.TempDir(), "csatflow")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "csatflow/cmd/csatflow")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	f, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	needs, err := f.ImportedLibraries()
	if err != nil {
		t.Fatal(err)
	}
	for _, library := range needs {
		if !slices.Contains(has, library) {
			t.Errorf("the image lacks %s", library)
		}
	}
}

func TestImageIsBuiltFromAllPackagesOfTheProgram(t *testing.T) {
	b, err := os.ReadFile("Dockerfile.dockerignore")
	if err != nil {
		t.Fatal(err)
	}
	kept := strings.Fields(string(b))
	packages, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "csatflow/cmd/csatflow").Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.Lines(string(packages)) {
		path, ours := strings.CutPrefix(strings.TrimSpace(name), "csatflow/")
		if folder, _, _ := strings.Cut(path, "/"); ours && !slices.Contains(kept, "!"+folder) {
			t.Errorf("Dockerfile.dockerignore leaves out %s, which the program needs", path)
		}
	}
}
