package schemas

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"csatflow/schemas/feeds"
)

func asyncapi(t *testing.T) map[string]any {
	t.Helper()
	var doc map[string]any
	if err := yaml.Unmarshal(AsyncAPI, &doc); err != nil {
		t.Fatalf("asyncapi.yaml: %v", err)
	}
	return doc
}

func TestTheAsyncAPIDocumentHasEveryTopicWithItsSchemaAndAnOperation(t *testing.T) {
	doc := asyncapi(t)
	if doc["asyncapi"] != "3.0.0" {
		t.Errorf("version %v", doc["asyncapi"])
	}
	for _, topic := range append([]string{"deadletter", "actions"}, feeds.Names()...) {
		channel := at(t, doc, "channels", topic)
		if channel["address"] != "csat."+topic {
			t.Errorf("channel %s has the address %v", topic, channel["address"])
		}
		used := false
		for _, o := range at(t, doc, "operations") {
			used = used || at(t, o, "channel")["$ref"] == "#/channels/"+topic
		}
		if !used {
			t.Errorf("no operation on %s", topic)
		}
		if topic == "deadletter" {
			continue
		}
		message := at(t, doc, "components", "messages", strings.TrimSuffix(topic, "s"))
		payload := at(t, message, "payload")
		if got := payload["schemaFormat"]; got != "application/schema+json;version=draft-2020-12" {
			t.Errorf("the schema format of %s is %v", topic, got)
		}
		if got := at(t, payload, "schema")["$ref"]; got != "./events/"+topic+".schema.json" && topic != "actions" {
			t.Errorf("the payload of %s is %v", topic, got)
		}
		if key := at(t, keySchema(t, doc, message))["description"].(string); !strings.Contains(key, "_id") {
			t.Errorf("the key of %s is described as %q", topic, key)
		}
	}
	headers := at(t, doc, "components", "schemas", "deadletterHeaders", "properties")
	for _, h := range []string{"reason", "field", "source-topic", "source-partition", "source-offset"} {
		if headers["x-csatflow-"+h] == nil {
			t.Errorf("no dead-letter header x-csatflow-%s", h)
		}
	}
}

// keySchema follows the reference that the key of a message is.
func keySchema(t *testing.T, doc, message map[string]any) map[string]any {
	ref := at(t, message, "bindings", "kafka", "key")["$ref"].(string)
	return at(t, doc, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
}

func TestEveryReferenceOfTheAsyncAPIDocumentResolves(t *testing.T) {
	doc := asyncapi(t)
	n := 0
	walk(doc, func(ref string) {
		n++
		if path, local := strings.CutPrefix(ref, "#/"); local {
			at(t, doc, strings.Split(path, "/")...)
			return
		}
		b, err := Events.ReadFile(strings.TrimPrefix(ref, "./"))
		if err != nil {
			t.Errorf("%s: %v", ref, err)
			return
		}
		if _, err := jsonschema.UnmarshalJSON(bytes.NewReader(b)); err != nil {
			t.Errorf("%s: %v", ref, err)
		}
	})
	if n < 20 {
		t.Errorf("only %d references", n)
	}
}

func walk(v any, found func(ref string)) {
	switch v := v.(type) {
	case map[string]any:
		for k, member := range v {
			if ref, isText := member.(string); isText && k == "$ref" {
				found(ref)
			}
			walk(member, found)
		}
	case []any:
		for _, member := range v {
			walk(member, found)
		}
	}
}

func at(t *testing.T, v any, path ...string) map[string]any {
	t.Helper()
	for i, p := range path {
		m, _ := v.(map[string]any)
		if v = m[p]; v == nil {
			t.Fatal(fmt.Errorf("nothing at %s", strings.Join(path[:i+1], ".")))
		}
	}
	m, isMap := v.(map[string]any)
	if !isMap {
		t.Fatalf("no map at %s", strings.Join(path, "."))
	}
	return m
}
