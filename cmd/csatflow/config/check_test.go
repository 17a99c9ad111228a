package config

import (
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"csatflow/schemas"
)

func TestCheckNamesTheKeyAndTheRemedyOfEachDefect(t *testing.T) {
	for text, words := range map[string][]string{
		"kafka: {brokers: []}":                                           {"kafka.brokers", "at least one address", "127.0.0.1:9092"},
		"kafka: {brokers: [kafka]}":                                      {"kafka.brokers", `"kafka"`, "host:port"},
		"kafka: {group: ''}":                                             {"kafka.group", "must not be empty"},
		"kafka: {topics: {responses: ''}}":                               {"kafka.topics.responses", "must not be empty"},
		"kafka: {topics: {complaints: ''}}":                              {"kafka.topics.complaints", "must not be empty"},
		"kafka: {topics: {deadletter: ''}}":                              {"kafka.topics.deadletter", "must not be empty"},
		"kafka: {topics: {deadletter: csat.responses}}":                  {"kafka.topics.deadletter", `"csat.responses"`, "kafka.topics.responses already"},
		"kafka: {topics: {complaints: csat.responses}}":                  {"kafka.topics.complaints", "kafka.topics.responses already"},
		"kafka: {topics: {actions: csat.deadletter}}":                    {"kafka.topics.actions", "kafka.topics.deadletter already"},
		"kafka: {partitions: 0}":                                         {"kafka.partitions", "at least 1", "is 0"},
		"kafka: {replication: -1}":                                       {"kafka.replication", "at least 1", "is -1"},
		"kafka: {heartbeat_interval: 10s}":                               {"kafka.session_timeout", "three times kafka.heartbeat_interval", "15s"},
		"kafka: {heartbeat_interval: 0s}":                                {"kafka.session_timeout"},
		"kafka: {rebalance_timeout: 1s}":                                 {"kafka.rebalance_timeout", "above kafka.heartbeat_interval"},
		"clickhouse: {address: [':x:y']}":                                {"clickhouse.address", "host:port"},
		"clickhouse: {database: ''}":                                     {"clickhouse.database", "must not be empty"},
		"clickhouse: {insert_quorum: most}":                              {"clickhouse.insert_quorum", "auto"},
		"clickhouse: {insert_quorum: 1}":                                 {"clickhouse.insert_quorum", "from 2"},
		"clickhouse: {raw_days: 0}":                                      {"clickhouse.raw_days", "at least 1"},
		"listen: '8080'":                                                 {"listen", `"8080"`, "host:port"},
		"web_config_file: /nowhere/web.yml":                              {"web_config_file", "/nowhere/web.yml", "web-configuration"},
		"alerts: {rules: {false_alerts: 0}}":                             {"alerts.rules.false_alerts", "0.001 to 100", "is 0"},
		"alerts: {rules: {scopes: [shop]}}":                              {"alerts.rules.scopes", `"shop"`, "product_category"},
		"alerts: {alertmanager: {urls: [here]}}":                         {"alerts.alertmanager.urls", "https://"},
		"alerts: {catch_up: 9000h}":                                      {"alerts.catch_up", "0s to 8760h", "is 9000h"},
		"alerts: {alertmanager: {resend: 0s}}":                           {"alerts.alertmanager.resend", "1s to 1h"},
		"alerts: {page_url: page}":                                       {"alerts.page_url", `"page"`, "https://"},
		"alerts: {webhook: {url: 'http://h/x'}}":                         {"alerts.webhook.secret", "must be set"},
		"alerts: {webhook: {url: 'http://h/x', secret: hush}}":           {"alerts.webhook.secret", "24 bytes", "has 4", "openssl rand"},
		"alerts: {webhook: {url: 'http://h/x', secret: whsec_}}":         {"alerts.webhook.secret", "24 bytes", "has 0"},
		"alerts: {webhook: {url: 'http://h/x', secret: whsec_c2hvcnQ=}}": {"alerts.webhook.secret", "24 bytes", "has 5"},
		"kafka: {sasl: {username: somebody}}":                            {"kafka.sasl.mechanism", "PLAIN", "kafka.sasl.username"},
		"listen: 0.0.0.0:8080":                                           {"listen", `"0.0.0.0:8080"`, "127.0.0.1", "web_config_file", "basic_auth_users", "insecure: true"},
		"listen: ':8080'":                                                {"listen", "insecure: true"},
		"listen: '[::]:8080'":                                            {"listen", "insecure: true"},
		"listen: 'csat.example:8080'":                                    {"listen", "insecure: true"},
		"listen: 10.0.0.5:8080":                                          {"listen", "insecure: true"},
		"page: {questions: 0}":                                           {"page.questions", "at least 1"},
		"page: {streams: 0}":                                             {"page.streams", "at least 1"},
		"page: {pseudonym_secret: short}":                                {"page.pseudonym_secret", "16"},
		"page: {pseudonym_secret: aaaaaaaaaaaaaaaaaaaaaaaaaaaa}":         {"page.pseudonym_secret", "guessed"},
		"page: {clickhouse: {password: hush}}":                           {"page.clickhouse.username", "must be set"},
		"flush: {rows: 0}":                                               {"flush.rows", "at least 1"},
		"flush: {interval: 1ms}":                                         {"flush.interval", "50ms to 1m", "is 1ms"},
		"flush: {interval: 2m}":                                          {"flush.interval", "50ms to 1m", "is 2m0s"},
		"memory: {panes: 0}":                                             {"memory.panes", "at least 1"},
		"dead_letters: {window: -1}":                                     {"dead_letters.window", "must not be negative", "is -1"},
		"dead_letters: {max_share: 1.5}":                                 {"dead_letters.max_share", "0 to 1", "1.5"},
		"dead_letters: {max_share: .nan}":                                {"dead_letters.max_share", "0 to 1", "NaN"},
		"metrics: {idle: 1s}":                                            {"metrics.idle", "at least 1m", "is 1s"},
		"metrics: {max_series: 0}":                                       {"metrics.max_series", "at least 1"},
		"log: {level: loud}":                                             {"log.level", "debug, info, warn, error", `"loud"`},
		"log: {format: xml}":                                             {"log.format", "auto, text, json", `"xml"`},
		"measures: {time_zone: Moon/Base}":                               {"measures.time_zone", "Moon/Base"},
		"measures: {time_zone: Local}":                                   {"measures.time_zone", "Local"},
		"measures: {crossings: [[store]]}":                               {"measures.crossings", "fewer than two"},
		"measures: {crossings: [[store, shop]]}":                         {"measures.crossings", `"shop"`, "touchpoint"},
		"measures: {crossings: [[store, store]]}":                        {"measures.crossings", "store twice"},
		"measures: {crossings: [[store, source], [store, source]]}":      {"measures.crossings", "given twice"},
		"measures: {resolutions: {employe: 1m}}":                         {"measures.resolutions", `did you mean "employee"?`},
		"measures: {resolutions: {store: 5m}}":                           {"measures.resolutions", "store", `"5m" is not one of 1m, 1h, 1d`},
		"measures: {resolutions: {store: 1h}}":                           {"alerts.rules.scopes", "silent_feed", "store has no panes of minutes", "measures.resolutions: {store: 1m}"},
		"alerts: {rules: {scopes: [all, employee]}}":                     {"alerts.rules.scopes", "measures.resolutions: {employee: 1m}"},
		"flush: {state_interval: 1h}":                                    {"flush.state_interval", "50ms to 5m"},
		"measures: {promise: 0s}":                                        {"measures.promise", "at least 1s"},
		"measures: {promise_by_category: {delivery: soon}}":              {"measures.promise_by_category.delivery", "48h", `"soon"`},
		"measures: {promise_by_category: {delivery: 1ms}}":               {"measures.promise_by_category.delivery", "at least 1s"},
		"measures: {promise_by_category: {weather: 1h}}":                 {"measures.promise_by_category.weather", "one of", "apathy"},
		"measures: {rater_weights: {charm: 1}}":                          {"measures.rater_weights.charm", "one of", "empathy"},
		"measures: {rater_weights: {empathy: -1}}":                       {"measures.rater_weights.empathy", "negative"},
		"measures: {rater_weights: {empathy: .nan}}":                     {"measures.rater_weights.empathy", "NaN"},
		"measures: {rater_weights: {empathy: .inf}}":                     {"measures.rater_weights.empathy", "Inf"},
		"measures: {churn_weights: {luck: 1}}":                           {"measures.churn_weights", "luck"},
		"measures: {churn_weights: {bias: .nan}}":                        {"measures.churn_weights", "bias"},
	} {
		c, err := Load(write(t, text), []string{})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		good(c, words[0])
		err = c.Check()
		if err == nil {
			t.Errorf("%s: found good", text)
			continue
		}
		for _, w := range words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q does not say %q", text, err, w)
			}
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: one defect, several errors:\n%v", text, err)
		}
	}
}

// good sets the required keys, except the one that is tested.
func good(c *Config, tested string) {
	if tested != "kafka.brokers" {
		c.Kafka.Brokers = []string{"127.0.0.1:9092"}
	}
	if tested != "clickhouse.address" {
		c.ClickHouse.Address = []string{"127.0.0.1:9000"}
	}
}

func TestCheckSaysAllDefectsAtOnce(t *testing.T) {
	c := load(t, write(t, "listen: x\nflush: {rows: 0}\nlog: {level: loud}\nmeasures: {time_zone: Moon/Base, rater_weights: {charm: 1}}\n"))
	err := c.Check()
	if err == nil {
		t.Fatal("found good")
	}
	for _, key := range []string{"kafka.brokers", "clickhouse.address", "listen", "flush.rows", "log.level", "measures.time_zone", "measures.rater_weights.charm"} {
		if !strings.Contains(err.Error(), key+":") {
			t.Errorf("%s is not told:\n%v", key, err)
		}
	}
}

func TestThoseWhoOnlySendNeedNoClickHouse(t *testing.T) {
	c := load(t, "", "CSATFLOW_KAFKA_BROKERS=127.0.0.1:9092")
	if err := c.CheckKafka(); err != nil {
		t.Error(err)
	}
	if err := c.Check(); err == nil || !strings.Contains(err.Error(), "clickhouse.address") {
		t.Errorf("without a ClickHouse: %v", err)
	}
}

func TestSettingsCarryWhatTheOwnerChose(t *testing.T) {
	c := load(t, write(t, "memory: {panes: 8000}\nclickhouse: {raw_tables: false}\nmeasures: {time_zone: Asia/Tokyo, crossings: [[store, source]], promise: 36h, promise_by_category: {delivery: 48h}, rater_weights: {empathy: 2}}"))
	s, err := c.Settings(4)
	if err != nil {
		t.Fatal(err)
	}
	kinds := s.Kinds.Names()
	if s.Zone.String() != "Asia/Tokyo" || s.Promise != 36*time.Hour || s.ByCategory["delivery"] != 48*time.Hour || s.RawTables || kinds[len(kinds)-1] != "store*source" {
		t.Errorf("settings are %+v", s)
	}
	if s.PaneLimit*2*4 != 8000 {
		t.Errorf("%d panes for each of 2 topics and 4 partitions, of 8000 together", s.PaneLimit)
	}
	w, err := c.RaterWeights()
	if err != nil {
		t.Fatal(err)
	}
	want := maps.Clone(schemas.DefaultRaterWeights)
	want["empathy"] = 2
	if !maps.Equal(w, want) || schemas.DefaultRaterWeights["empathy"] == 2 {
		t.Errorf("weights are %v", w)
	}
}

func TestTheFileIsTheNamedOneElseThatOfTheEnvironmentElseNone(t *testing.T) {
	t.Setenv("CSATFLOW_CONFIG", "")
	if f, err := File(""); f != "" || err != nil {
		t.Errorf("none: %q, %v", f, err)
	}
	named, other := write(t, ""), write(t, "")
	t.Setenv("CSATFLOW_CONFIG", other)
	if f, err := File(""); f != other || err != nil {
		t.Errorf("of the environment: %q, %v", f, err)
	}
	if f, err := File(named); f != named || err != nil {
		t.Errorf("named: %q, %v", f, err)
	}
	absent := filepath.Join(t.TempDir(), "absent.yaml")
	if _, err := File(absent); err == nil || !strings.Contains(err.Error(), absent) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
}
