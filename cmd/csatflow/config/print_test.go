package config

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestThePrintedConfigurationHasEveryKeyAndLoadsAgain(t *testing.T) {
	c := load(t, write(t, `
kafka: {brokers: [a:1, b:2], group: "12", sasl: {mechanism: PLAIN, username: "true"}, session_timeout: 1m}
clickhouse: {address: [c:3], database: "0x10", migrate: false}
measures: {time_zone: Asia/Tokyo, crossings: [[store, source]], promise: 36h, promise_by_category: {delivery: 48h}, rater_weights: {empathy: 0.5}}
`))
	printed, err := c.YAML()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Load(write(t, string(printed)), nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	if d := cmp.Diff(c, again); d != "" {
		t.Errorf("(-configured, +printed and loaded):\n%s", d)
	}
	for _, l := range leaves(reflect.TypeFor[Config](), "", nil) {
		if name := l.key[strings.LastIndex(l.key, ".")+1:]; !strings.Contains(string(printed), name+":") {
			t.Errorf("%s is not printed", l.key)
		}
	}
}

func TestSecretsAreHiddenAndThoseNotSetAreShownAsEmpty(t *testing.T) {
	c := Default()
	c.Kafka.SASL.Password, c.Kafka.SASL.Username = "hush-kafka", "someone"
	printed, err := c.YAML()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(printed), "hush") || !strings.Contains(string(printed), "password: '"+Hidden+"'") {
		t.Errorf("secrets are not hidden:\n%s", printed)
	}
	if !strings.Contains(string(printed), `password: ""`) || !strings.Contains(string(printed), "username: someone") {
		t.Errorf("what is no secret, or not set, is hidden:\n%s", printed)
	}
}

func TestEveryKeyThatNamesAPasswordIsASecret(t *testing.T) {
	for _, l := range leaves(reflect.TypeFor[Config](), "", nil) {
		field := reflect.TypeFor[Config]().FieldByIndex(l.index)
		if secretsFile(l) {
			continue // the name of a file
		}
		named := l.key == "alerts.webhook.url" || l.key == "alerts.alertmanager.urls" || strings.Contains(l.key, "password") || strings.Contains(l.key, "token") && !strings.HasSuffix(l.key, "_hashes") || strings.Contains(l.key, "secret")
		if named != (field.Tag.Get("secret") != "") {
			t.Errorf("%s: is a secret by its name: %t, by its tag: %q", l.key, named, field.Tag.Get("secret"))
		}
	}
}
