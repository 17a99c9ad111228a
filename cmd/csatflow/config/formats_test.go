package config

import (
	"strings"
	"testing"

	"csatflow/pipeline"
)

func TestFormatsThatCannotBeReadAreRefusedWithTheRemedy(t *testing.T) {
	registry := ", registry: {url: 'http://127.0.0.1:8081'}"
	for kafka, want := range map[string]string{
		"":                                  "",
		", format: json":                    "",
		", format: avro" + registry:         "",
		", format: avro":                    "kafka.registry.url: must be set: the schemas of csat.responses (avro) are in a registry",
		", formats: {purchases: protobuf}":  "kafka.registry.url: must be set: the schemas of csat.purchases (protobuf)",
		", format: xml":                     "kafka.format: must be one of json, avro, protobuf, json_schema",
		", formats: {purchases: xml}":       `kafka.formats.purchases: must be one of json, avro, protobuf, json_schema, is "xml"`,
		", formats: {csat.purchases: avro}": "kafka.formats",
		", formats: {purchase: avro}":       `kafka.formats: no topic "purchase"`,
		", formats: {asked: avro}, topics: {asked: ''}":                     "",
		", registry: {url: 'http://127.0.0.1:8081', username: u, token: t}": "kafka.registry.token: must be empty where username is set",
	} {
		c, err := Load(write(t, "kafka: {brokers: ['127.0.0.1:9092']"+kafka+"}\n"), nil)
		if err == nil {
			err = c.CheckKafka()
		}
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", kafka, err, want)
		}
	}
}

func TestTopicsHaveTheirOwnFormatBeforeTheOneOfAll(t *testing.T) {
	c, err := Load(write(t, "kafka: {brokers: ['127.0.0.1:9092'], format: avro, formats: {purchases: json}, topics: {asked: ''}, registry: {url: 'http://127.0.0.1:8081'}}\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	got := c.Kafka.ReadFormats()
	if got[pipeline.Responses] != "avro" || got[pipeline.Purchases] != "json" || got[pipeline.Asked] != "" {
		t.Errorf("%q", got)
	}
	if r := c.SchemaRegistry(); r.URL != "http://127.0.0.1:8081" || r.Key != "kafka.registry" {
		t.Errorf("topics of others have %+v", r)
	}
	c.Intake.Registry.URL = "http://127.0.0.1:8082"
	if r := c.SchemaRegistry(); r.URL != "http://127.0.0.1:8082" || r.Key != "intake.registry" {
		t.Errorf("topics of others have %+v", r)
	}
	if r := c.Kafka.SchemaRegistry(); r.URL != "http://127.0.0.1:8081" {
		t.Errorf("%+v", r)
	}
}
