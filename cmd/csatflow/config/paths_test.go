package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// at writes files, by path, to a new directory, and makes work in it the working directory.
func at(t *testing.T, work string, files map[string]string) (dir string) {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(filepath.Join(dir, work))
	return dir
}

func TestRelativePathsInTheConfigurationBeginWhereItStands(t *testing.T) {
	dir := at(t, "work", map[string]string{
		"work/x": "", "etc/csatflow.yaml": "clickhouse: {password_file: secrets/password}", "etc/secrets/password": "of etc", "work/secrets/password": "of work",
	})
	for _, path := range []string{"../etc/csatflow.yaml", filepath.Join(dir, "etc/csatflow.yaml")} {
		c := load(t, path)
		if c.ClickHouse.Password != "of etc" || c.ClickHouse.PasswordFile != filepath.Join(dir, "etc/secrets/password") {
			t.Errorf("%s: %q of %q", path, c.ClickHouse.Password, c.ClickHouse.PasswordFile)
		}
		if said := c.Warnings(path); len(said) > 0 {
			t.Errorf("%s: %q", path, said)
		}
	}
}

func TestEveryKeyThatNamesAFileIsFoundBesideTheConfiguration(t *testing.T) {
	keys := pathKeys()
	for _, key := range []string{
		"web_config_file", "kafka.tls.ca_file", "kafka.tls.cert_file", "kafka.tls.key_file", "kafka.sasl.password_file", "clickhouse.password_file", "clickhouse.ca_file",
		"measures.churn_weights_file", "service.standards", "service.beliefs", "alerts.alertmanager.password_file", "alerts.alertmanager.token_file", "alerts.alertmanager.ca_file",
		"alerts.webhook.url_file", "alerts.webhook.secret_file", "page.pseudonym_secret_file", "page.clickhouse.password_file",
	} {
		if !slices.Contains(keys, key) {
			t.Errorf("%s is taken for no file", key)
		}
	}
	for _, key := range keys {
		parts := strings.Split(key, delimiter)
		text := strings.Join(parts, ": {") + ": named" + strings.Repeat("}", len(parts)-1)
		dir := at(t, ".", map[string]string{"etc/csatflow.yaml": text, "etc/named": "hush"})
		if got := load(t, "etc/csatflow.yaml").texts()[key]; got != filepath.Join(dir, "etc/named") {
			t.Errorf("%s: named is taken for %q", key, got)
		}
	}
}

func TestAPathOfTheEnvironmentBeginsInTheWorkingDirectory(t *testing.T) {
	at(t, "work", map[string]string{"work/password": "of work", "etc/password": "of etc", "etc/csatflow.yaml": "clickhouse: {password_file: elsewhere}"})
	c := load(t, "../etc/csatflow.yaml", "CSATFLOW_CLICKHOUSE_PASSWORD_FILE=password")
	if c.ClickHouse.Password != "of work" {
		t.Errorf("%q", c.ClickHouse.Password)
	}
	if said := c.Warnings("../etc/csatflow.yaml"); len(said) > 0 {
		t.Errorf("%q", said)
	}
}

func TestAFileThatIsInTheWorkingDirectoryAloneIsUsedWithAWarning(t *testing.T) {
	dir := at(t, "work", map[string]string{"work/data/password": "of work", "etc/csatflow.yaml": "clickhouse: {password_file: data/password, ca_file: nowhere.pem}"})
	c := load(t, "../etc/csatflow.yaml")
	if c.ClickHouse.Password != "of work" || c.ClickHouse.CAFile != filepath.Join(dir, "etc/nowhere.pem") {
		t.Errorf("%q, %q", c.ClickHouse.Password, c.ClickHouse.CAFile)
	}
	said := c.Warnings("../etc/csatflow.yaml")
	if len(said) != 1 {
		t.Fatalf("%q", said)
	}
	for _, words := range []string{"clickhouse.password_file", `"data/password"`, "beside the configuration", filepath.Join(dir, "work/data/password")} {
		if !strings.Contains(said[0], words) {
			t.Errorf("%q does not say %q", said[0], words)
		}
	}
	_, err := Load("../etc/csatflow.yaml", []string{"CSATFLOW_CLICKHOUSE_PASSWORD_FILE=" + "nothing"})
	if err == nil || !strings.Contains(err.Error(), "nothing") {
		t.Errorf("of the environment: %v", err)
	}
}

func TestTheConfigurationOfTheReadmeFindsThePasswordOfTheEmbeddedServersBesideIt(t *testing.T) {
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	line := ""
	for l := range strings.Lines(string(readme)) {
		if strings.HasPrefix(l, "clickhouse: {") && strings.Contains(l, "password_file") {
			line = l
		}
	}
	if line == "" {
		t.Fatal("the README has no such line")
	}
	dir := at(t, "elsewhere", map[string]string{"csatflow.yaml": line, "data/clickhouse-password": "hush\n", "elsewhere/x": ""})
	for _, work := range []string{dir, filepath.Join(dir, "elsewhere")} {
		t.Chdir(work)
		path := filepath.Join(dir, "csatflow.yaml")
		if c := load(t, path); c.ClickHouse.Password != "hush" || len(c.Warnings(path)) > 0 {
			t.Errorf("in %s: %q, %q", work, c.ClickHouse.Password, c.Warnings(path))
		}
	}
}
