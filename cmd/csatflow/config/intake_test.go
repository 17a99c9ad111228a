package config

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const kioskFile = `kafka: {brokers: ["127.0.0.1:9092"]}
clickhouse: {address: ["127.0.0.1:9000"]}
intake:
  listen: 127.0.0.1:8090
  lookups: {stores: stores.csv}
  scales: {ces: {1: 1, 2: 7}}
  feeds:
    kiosk:
      when: msg.type == "rating"
      to: responses
      fields:
        event_id: msg.id
        occurred_at: millis(msg.ts)
        terminal_id: msg.device
        grade: scale("ces", msg.answer)
        store_id: lookup("stores", msg.site)
      hmac: {header: X-Sign, secret: hush}
    desk: {use: zendesk, webhook_secret_file: desk.secret}
`

// kioskConfig writes the configuration with its files, and returns its path.
func kioskConfig(t *testing.T, from, to string) string {
	t.Helper()
	path := write(t, strings.Replace(kioskFile, from, to, 1))
	for name, text := range map[string]string{"stores.csv": "site,store\nS-1,store-001\n", "desk.secret": "whsec_YSBzZWNyZXQgb2YgdGhlIGV4YW1wbGUgb25seQ==\n"} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(path), name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func TestFeedsAreReadWithTheirFilesAndPrintedWithoutTheirSecrets(t *testing.T) {
	c := load(t, kioskConfig(t, "", ""))
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	all, err := c.Intake.Compile(c.Words(), slog.New(slog.DiscardHandler))
	if err != nil || len(all) != 2 {
		t.Fatalf("%v, %v", all, err)
	}
	if a := c.Intake.Accesses(); a["desk"].WebhookSecret != "whsec_YSBzZWNyZXQgb2YgdGhlIGV4YW1wbGUgb25seQ==" || a["kiosk"].HMAC.Secret != "hush" {
		t.Errorf("%+v", a)
	}
	printed, err := c.YAML()
	if err != nil {
		t.Fatal(err)
	}
	text := string(printed)
	if strings.Contains(text, "hush") || strings.Contains(text, "YSBz") || !strings.Contains(text, `grade: scale("ces", msg.answer)`) || !strings.Contains(text, "use: zendesk") {
		t.Errorf("%s", text)
	}
	again := write(t, text)
	if err := os.WriteFile(again, []byte(strings.ReplaceAll(text, "secret: '***'", "secret: hush")), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := Load(again, nil); err != nil || c.Check() != nil {
		t.Errorf("what is printed cannot be read: %v", err)
	}
	if w := strings.Join(c.Warnings(kioskConfig(t, "", "")), "\n"); !strings.Contains(w, "intake.feeds.kiosk.hmac.secret") {
		t.Errorf("warnings: %s", w)
	}
}

func TestWhatIsWrongWithAFeedIsToldWithTheLineOfTheFile(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     []string
	}{
		{"msg.device", "device", []string{"csatflow.yaml:14: intake.feeds.kiosk.fields.terminal_id: nothing is called \"device\"", " | device\n | ^"}},
		{"to: responses", "to: answers", []string{":10: intake.feeds.kiosk.to: must be one of responses"}},
		{"hmac: {header: X-Sign, ", "hmac: {", []string{":17: intake.feeds.kiosk.hmac.header: must name the header"}},
		{"{1: 1, 2: 7}", "{1: 1, 2: 8}", []string{"intake.scales.ces.2: must be a grade, 1 to 7, is 8"}},
		{"stores: stores.csv", "stores: shops.csv", []string{"intake.lookups.stores", "shops.csv"}},
		{"use: zendesk", "use: zendisk", []string{":18: intake.feeds.desk.use: no ready feed"}},
		{"desk.secret", "no.secret", []string{":18: intake.feeds.desk.webhook_secret_file", "no.secret"}},
		{"127.0.0.1:8090", "0.0.0.0:8090", []string{"intake.events: other machines reach", "csatflow intake token events"}},
		{"  lookups", "  lokups", []string{`unknown key "intake.lokups.stores"`, "intake.lookups"}},
		{"  scales", "  max_body: 100000000\n  scales", []string{"intake.max_body: must be"}},
		{"  scales", "  origins: ['https://shop.example/x']\n  scales", []string{"intake.origins: must be origins without a path"}},
		{"  scales", "  events: {token_hashes: [secret]}\n  scales", []string{"intake.events.token_hashes: must be hashes"}},
	} {
		path := kioskConfig(t, c.from, c.to)
		k, err := Load(path, nil)
		if err == nil {
			err = k.Check()
		}
		if err == nil {
			t.Errorf("%s is taken", c.to)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v\ndoes not say %q", c.to, err, want)
			}
		}
	}
}
