package httpin

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"csatflow/pipeline/event"
	"csatflow/schemas"
	"csatflow/schemas/feeds"
)

type object = map[string]any

// Document is the OpenAPI description of the server. Events are as the schemas in schemas/events say; words are what the owner
// has added to their enumerations. What feeds take is their senders'.
func Document(feedNames []string, words event.Words) map[string]any {
	parts, err := eventSchemas()
	if err != nil {
		panic(err) // they are embedded
	}
	components := object{}
	for name, schema := range parts {
		components[name] = widened(schema, words)
	}
	components["Taken"] = closed(object{"taken": count("events that Kafka has"), "passed_over": count("payloads that the feed's when leaves out")}, "taken", "passed_over")
	components["Problem"] = closed(object{
		"type": object{"type": "string", "enum": []string{typeBlank, typeRefused}}, "title": text("what is wrong"), "status": object{"type": "integer"}, "detail": text("what is wrong here, and the remedy"),
		"taken": count("events that Kafka has"), "dead_letters": count("payloads that are kept in the dead-letter topic"), "more_refused": count("refused ones that are not listed"),
		"refused": object{"type": "array", "maxItems": mostListed, "items": closed(object{"index": count("place in the body, from 0"), "feed": text("the feed"), "field": text("the field, empty for the whole"), "expression": text("the feed's expression for the field"), "reason": text("why")}, "index", "field", "reason")},
	}, "type", "title", "status")
	paths := object{}
	for _, topic := range feeds.Names() {
		paths["/v1/events/"+topic] = object{"post": sending("send_"+topic, "Send "+topic+" in csatflow's own form.", object{
			kindJSON:  object{"schema": object{"oneOf": []object{{"$ref": "#/components/schemas/" + topic}, {"type": "array", "items": object{"$ref": "#/components/schemas/" + topic}}}}},
			kindLines: object{"schema": text("one event a line")},
			kindCloud: object{"schema": cloud(object{"$ref": "#/components/schemas/" + dataName(topic)})},
			kindBatch: object{"schema": object{"type": "array", "items": cloud(object{"$ref": "#/components/schemas/" + dataName(topic)})}},
		})}
	}
	for _, name := range feedNames {
		paths["/v1/feeds/"+name] = object{"post": sending("feed_"+strings.ReplaceAll(name, "-", "_"), "Send payloads in the form of the feed "+name+". What cannot be mapped is kept in the dead-letter topic.", object{
			kindJSON: object{"schema": object{"description": "a payload, or an array of them"}}, kindLines: object{"schema": text("one payload a line")}, kindForm: object{"schema": object{"type": "object", "additionalProperties": object{"type": "string"}}},
			kindCloud: object{"schema": cloud(object{})}, kindBatch: object{"schema": object{"type": "array", "items": cloud(object{})}},
		})}
	}
	plain := func(id, summary string, statuses ...string) object {
		responses := object{"405": problemOf("another method")}
		for _, s := range statuses {
			responses[s] = object{"description": map[string]string{"200": "the answer", "503": "not now, and why"}[s], "content": object{"text/plain": object{"schema": object{"type": "string"}}}}
		}
		return object{"get": object{"operationId": id, "summary": summary, "tags": []string{"process"}, "security": []object{{}}, "responses": responses}}
	}
	paths["/healthz"] = plain("healthz", "Whether the process runs.", "200")
	paths["/readyz"] = plain("readyz", "Whether it takes events.", "200", "503")
	paths["/metrics"] = plain("metrics", "Metrics for Prometheus.", "200", "503")
	return object{
		"openapi": "3.1.0",
		"info": object{"title": "csatflow intake", "version": "1", "license": object{"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
			"description": "Takes events into Kafka. 202 says that all replicas have what was taken; an event_id that repeats counts once, so whatever has no answer, or 429 or 503, is sent again. CloudEvents 1.0 are taken in the structured, the batched and the binary mode."},
		"servers":  []object{{"url": "/"}},
		"tags":     []object{{"name": "events", "description": "events and payloads"}, {"name": "process", "description": "how this process is doing"}},
		"security": []object{{"token": []string{}}, {"password": []string{}}, {"webhook": []string{}}, {}},
		"paths":    paths,
		"components": object{"schemas": components, "securitySchemes": object{
			"token":    object{"type": "http", "scheme": "bearer", "description": "a token of the feed; csatflow intake token makes one"},
			"password": object{"type": "http", "scheme": "basic", "description": "the token as the password of any user, for senders that can do only that"},
			"webhook":  object{"type": "apiKey", "in": "header", "name": "webhook-signature", "description": "a signature by Standard Webhooks, or as the feed declares it"},
		}},
	}
}

// widened is the schema of a scale with the words that the owner has added to its enumeration.
func widened(schema any, words event.Words) any {
	scale, _ := schema.(object)
	key, _ := scale["x-words"].(string)
	if len(words[key]) == 0 {
		return schema
	}
	wide := maps.Clone(scale)
	enum := slices.Clone(scale["enum"].([]any))
	for _, w := range words[key] {
		enum = append(enum, w.Name)
	}
	wide["enum"] = enum
	return wide
}

// sending describes an operation that takes events.
func sending(id, summary string, content object) object {
	again := object{"Retry-After": object{"description": "seconds", "schema": object{"type": "integer"}}}
	retry := func(what string) object {
		p := problemOf(what)
		p["headers"] = again
		return p
	}
	return object{"operationId": id, "summary": summary, "tags": []string{"events"},
		"parameters": []object{
			{"name": "strict", "in": "query", "description": "take all or nothing", "schema": object{"type": "boolean", "default": false}},
			{"name": "Content-Encoding", "in": "header", "description": "how the body is packed", "schema": object{"type": "string", "enum": []string{"identity", "gzip", "zstd"}, "default": "identity"}},
		},
		"requestBody": object{"required": true, "content": content},
		"responses": object{
			"202": object{"description": "All replicas have what was taken. A problem lists what was refused.", "content": object{kindJSON: object{"schema": object{"$ref": "#/components/schemas/Taken"}}, "application/problem+json": object{"schema": object{"$ref": "#/components/schemas/Problem"}}}},
			"400": problemOf("the body cannot be read"), "401": unauthorised(), "403": problemOf("the page's origin may not send"), "404": problemOf("there is no such topic here"),
			"405": problemOf("another method"), "413": problemOf("too long, or too many events"), "415": problemOf("another media type or encoding"), "422": problemOf("nothing was taken, and why"),
			"429": retry("Kafka is slow, or too much is under way: send all of it again later"), "503": retry("Kafka cannot take it: send all of it again later"),
		}}
}

func problemOf(what string) object {
	return object{"description": what, "content": object{"application/problem+json": object{"schema": object{"$ref": "#/components/schemas/Problem"}}}}
}

func unauthorised() object {
	p := problemOf("a token or a signature of the feed is needed")
	p["headers"] = object{"WWW-Authenticate": object{"description": "how to say who sends", "schema": object{"type": "string"}}}
	return p
}

func text(what string) object { return object{"type": "string", "description": what} }

func count(what string) object { return object{"type": "integer", "minimum": 0, "description": what} }

func closed(properties object, required ...string) object {
	return object{"type": "object", "required": required, "properties": properties, "additionalProperties": false}
}

// cloud is a CloudEvent with such data.
func cloud(data object) object {
	filled := object{"type": "string", "minLength": 1}
	return object{"type": "object", "required": []string{"specversion", "id", "source", "type", "data"},
		"properties": object{"specversion": object{"type": "string", "const": "1.0"}, "id": filled, "source": filled, "type": filled, "data": data}}
}

// eventSchemas are the schemas of the events and of their scales, with references among the components.
var eventSchemas = sync.OnceValues(func() (object, error) {
	const scales = "scales"
	all := object{}
	for _, name := range append(feeds.Names(), scales) {
		b, err := schemas.Events.ReadFile("events/" + name + ".schema.json")
		if err != nil {
			return nil, err
		}
		var schema object
		if err := json.Unmarshal(b, &schema); err != nil {
			return nil, fmt.Errorf("the schema of %s: %w", name, err)
		}
		delete(schema, "$schema")
		delete(schema, "$id")
		moved(schema)
		if name != scales {
			all[name] = schema
			all[dataName(name)] = dataOf(schema)
			continue
		}
		for def, s := range schema["$defs"].(object) {
			all[scaleName(def)] = s
		}
	}
	return all, nil
})

// dataName is the schema of an event that is the data of a CloudEvent.
func dataName(topic string) string { return topic + "_data" }

// dataOf is the schema of an event that has id and time from the envelope of a CloudEvent where it has none of its own.
func dataOf(schema object) object {
	data := maps.Clone(schema)
	required := []any{}
	for _, name := range schema["required"].([]any) {
		if name != "event_id" && name != "occurred_at" {
			required = append(required, name)
		}
	}
	data["required"] = required
	data["description"] = fmt.Sprint(schema["description"], " Without event_id and occurred_at, id and time of the envelope are taken.")
	delete(data, "examples")
	return data
}

func scaleName(def string) string { return "scale_" + def }

// moved makes references to scales references to components.
func moved(v any) {
	switch v := v.(type) {
	case object:
		if ref, is := v["$ref"].(string); is {
			if _, def, found := strings.Cut(ref, "#/$defs/"); found {
				v["$ref"] = "#/components/schemas/" + scaleName(def)
			}
		}
		for _, x := range v {
			moved(x)
		}
	case []any:
		for _, x := range v {
			moved(x)
		}
	}
}
