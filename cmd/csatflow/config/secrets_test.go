package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func put(t *testing.T, name, text string, mode os.FileMode) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // whatever the umask
		t.Fatal(err)
	}
	return path
}

func TestEverySecretCanComeFromAFile(t *testing.T) {
	c := Default()
	list := secrets(&c)
	if len(list) < 9 {
		t.Fatalf("only %d secrets", len(list))
	}
	for _, s := range list {
		if s.fileKey == "" && s.key != "alerts.alertmanager.urls" {
			t.Errorf("%s comes from no file", s.key)
		}
	}
	for text, want := range map[string]string{"hush": "hush", "hush\n": "hush", "hush\r\n": "hush", "hush\n\n": "hush\n", " hush ": " hush "} {
		c := load(t, write(t, "clickhouse: {password_file: "+put(t, "password", text, 0o600)+"}"))
		if c.ClickHouse.Password != want {
			t.Errorf("of %q comes %q", text, c.ClickHouse.Password)
		}
	}
	c = *load(t, "", "CSATFLOW_ALERTS_WEBHOOK_SECRET_FILE="+put(t, "secret", "hush\n", 0o600))
	if c.Alerts.Webhook.Secret != "hush" {
		t.Errorf("the environment's file gives %q", c.Alerts.Webhook.Secret)
	}
}

func TestASecretsFileThatIsWrongIsToldWithItsKeyAndName(t *testing.T) {
	good := put(t, "password", "hush-hush", 0o600)
	for text, words := range map[string][]string{
		"clickhouse: {password: x1y2, password_file: " + good + "}":           {"clickhouse.password and clickhouse.password_file", "both"},
		"clickhouse: {password_file: /nowhere/password}":                      {"clickhouse.password_file", "/nowhere/password"},
		"kafka: {sasl: {password_file: " + t.TempDir() + "}}":                 {"kafka.sasl.password_file", "directory"},
		"page: {pseudonym_secret_file: " + put(t, "empty", "\n", 0o600) + "}": {"page.pseudonym_secret_file", "empty"},
	} {
		_, err := Load(write(t, text), nil)
		if err == nil {
			t.Errorf("%s: loaded", text)
			continue
		}
		for _, w := range words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q does not say %q", text, err, w)
			}
		}
		if strings.Contains(err.Error(), "x1y2") || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: the error tells the secret: %v", text, err)
		}
	}
	if _, err := Load(write(t, "clickhouse: {password_file: "+good+"}"), []string{"CSATFLOW_CLICKHOUSE_PASSWORD=x"}); err == nil {
		t.Error("set by environment and by file, it loads")
	}
}

func TestAFileWithSecretsThatOthersCanReadIsWarnedOf(t *testing.T) {
	const with, without = "clickhouse: {password: hush}\n", "clickhouse: {username: somebody}\nalerts: {alertmanager: {urls: ['http://alertmanager:9093']}}\n"
	for _, c := range []struct {
		text  string
		mode  os.FileMode
		words []string
	}{
		{with, 0o644, []string{"-rw-r--r--", "clickhouse.password", "chmod 600", "clickhouse.password_file"}},
		{with, 0o640, []string{"-rw-r-----"}},
		{with, 0o604, []string{"clickhouse.password"}},
		{with, 0o600, nil},
		{with, 0o400, nil},
		{without, 0o644, nil},
		{"alerts: {alertmanager: {urls: ['http://me:hush@alertmanager:9093']}}\n", 0o644, []string{"alerts.alertmanager.urls"}},
		{"alerts: {webhook: {url: 'http://hooks.example/hush'}}\n", 0o644, []string{"alerts.webhook.url"}},
		{"kafka: {sasl: {password_file: " + put(t, "open", "hush", 0o644) + "}}\n", 0o644, []string{"open", "kafka.sasl.password"}},
		{"kafka: {sasl: {password_file: " + put(t, "closed", "hush", 0o600) + "}}\n", 0o644, nil},
	} {
		path := put(t, "csatflow.yaml", c.text, c.mode)
		said := load(t, path).Warnings(path)
		if len(said) != min(len(c.words), 1) {
			t.Errorf("%s of mode %v: %q", c.text, c.mode, said)
			continue
		}
		for _, w := range c.words {
			if !strings.Contains(said[0], w) {
				t.Errorf("%s of mode %v: %q does not say %q", c.text, c.mode, said[0], w)
			}
		}
		if strings.Contains(strings.Join(said, ""), "hush") {
			t.Errorf("the warning tells the secret: %q", said)
		}
	}
}

func TestOfAReceiversURLOnlySchemeAndHostAreShown(t *testing.T) {
	c := load(t, write(t, "alerts: {webhook: {url: 'https://hush:hush@hooks.example:8443/hush?token=hush#hush', secret: hush-hush-hush-hush-hush-hush}, alertmanager: {urls: ['http://hush:hush@one:9093/hush', 'http://two:9093', 'hush']}}"))
	printed, err := c.YAML()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"https://hooks.example:8443 #", "http://one:9093\n", "http://two:9093\n"} {
		if !strings.Contains(string(printed), want) {
			t.Errorf("%q is not shown:\n%s", want, printed)
		}
	}
	if err := c.Check(); strings.Contains(string(printed), "hush") || strings.Contains(err.Error(), "hush") {
		t.Errorf("a secret is shown: %v\n%s", err, printed)
	}
}

func TestWhatComesFromAFileIsPrintedAsTheFile(t *testing.T) {
	file := put(t, "password", "hush\n", 0o600)
	printed, err := load(t, write(t, "clickhouse: {password_file: "+file+"}")).YAML()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(printed), "hush") || strings.Contains(string(printed), Hidden) || !strings.Contains(string(printed), "password_file: "+file) {
		t.Errorf("it prints\n%s", printed)
	}
	if c := load(t, write(t, string(printed))); c.ClickHouse.Password != "hush" {
		t.Error("what was printed does not load to the same")
	}
}
