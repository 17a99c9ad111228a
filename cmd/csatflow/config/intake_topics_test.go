package config

import (
	"strings"
	"testing"
)

func TestTopicsOfOthersThatCannotBeReadAreRefusedWithTheRemedy(t *testing.T) {
	feed := "  feeds: {kiosk: {to: responses, fields: {occurred_at: msg.at, terminal_id: msg.device, grade: stars(msg.stars)}}}\n"
	for topics, want := range map[string]string{
		"[{topic: tills, feed: kiosk}]":                              "",
		"[{topic: tills, feed: kios}]":                               `intake.kafka[0].feed: no feed "kios"`,
		"[{topic: csat.responses, feed: kiosk}]":                     "again and again",
		"[{topic: tills, feed: kiosk}, {topic: tills, feed: kiosk}]": "intake.kafka[1].topic: tills is read already",
		"[{topic: tills, feed: kiosk, group: csatflow}]":             "must not be kafka.group",
		"[{topic: tills, feed: kiosk, format: avro}]":                "intake.registry.url: must be set",
		"[{topic: tills, feed: kiosk, format: xml}]":                 "must be one of json, avro, protobuf, json_schema",
		"[{feed: kiosk}]":                                            "intake.kafka[0].topic: must not be empty",
		"[{topic: tills, feed: kiosk, formt: avro}]":                 "formt",
		"tills":   "must be a list",
		"[tills]": "must be like [{topic: tills",
		"[]":      "event_id is missing",
	} {
		c, err := Load(write(t, "kafka: {brokers: ['127.0.0.1:9092']}\nintake:\n  kafka: "+topics+"\n"+feed), nil)
		if err == nil {
			err = c.CheckIntake()
		}
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", topics, err, want)
		}
	}
}

func TestOAUTHBEARERNeedsWhereTokensComeFrom(t *testing.T) {
	c, err := Load(write(t, "kafka: {brokers: ['127.0.0.1:9092'], sasl: {mechanism: OAUTHBEARER, oauth: {endpoint: 'https://login.example/token', client_id: csatflow}}}\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.CheckIntake(); err == nil || !strings.Contains(err.Error(), "kafka.sasl.oauth.client_secret: must be set") || strings.Contains(err.Error(), "client_id") {
		t.Errorf("%v", err)
	}
}
