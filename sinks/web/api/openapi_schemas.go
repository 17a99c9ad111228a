package api

import (
	"maps"
	"slices"
)

// Schemas of what is answered.
var (
	text    = object{"type": "string"}
	number  = object{"type": "number"}
	flag    = object{"type": "boolean"}
	instant = object{"type": "string", "format": "date-time"}

	failureSchema = object{"type": "object", "required": []string{"error"}, "additionalProperties": false, "properties": object{"error": object{"type": "string"}, "parameter": object{"type": "string"}}}
	// valueSchema is a value of a row; the column says which ClickHouse type it has.
	valueSchema = object{"description": "a value; null where SQL gives NULL, or what is no number", "anyOf": []object{
		{"type": "string", "nullable": true}, {"type": "number"}, {"type": "boolean"}, {"type": "array", "items": object{"$ref": "#/components/schemas/Value"}}, {"type": "object"}}}
	answerSchema = object{"type": "object", "additionalProperties": false, "required": []string{"question", "sql", "as_of", "columns", "rows", "more", "stale"}, "properties": object{
		"question": object{"type": "string"},
		"sql":      object{"type": "string", "description": "the SQL of the rows, with its parameters filled in"},
		"period": object{"type": "object", "additionalProperties": false, "required": []string{"from", "to", "before", "before_to", "at", "resolution", "step_s"}, "properties": object{
			"from": instant, "to": instant, "before": instant, "before_to": instant, "at": instant, "resolution": object{"type": "integer", "enum": []int{60, 3600, 86400}, "description": "length of the panes, seconds"},
			"step_s": object{"type": "integer", "minimum": 60, "description": "length of a step, seconds"}}},
		"as_of": instant,
		"columns": array(object{"type": "object", "additionalProperties": false, "required": []string{"name", "type"}, "properties": object{
			"name": object{"type": "string"}, "type": object{"type": "string", "description": "ClickHouse's"}, "measure": object{"type": "string", "description": "of schemas/MEASURES.md"},
			"unit": object{"type": "string"}, "scale": object{"type": "string"}}}),
		"rows":  object{"type": "array", "maxItems": mostRows, "items": object{"type": "array", "items": object{"$ref": "#/components/schemas/Value"}}},
		"more":  object{"type": "boolean", "description": "there are rows beyond this page: ask with offset"},
		"stale": object{"type": "boolean", "description": "events have been applied since: ask again shortly"},
	}}
	namesSchema = all(object{
		"measures":     byName(all(object{"label": text, "unit": text, "formula": text, "better": text})),
		"columns":      byName(text),
		"scales":       byName(byName(object{"type": "object", "required": []string{"label"}, "properties": object{"label": text, "meaning": text}})),
		"texts":        byName(text),
		"currency":     text,
		"zone":         text,
		"ranges":       array(text),
		"dimensions":   array(all(object{"name": text, "part": text, "level": number, "own": flag})),
		"pseudonymous": flag, "labels": byName(byName(text)),
	})
	sampleSchema  = object{"type": "object", "required": []string{"labels", "value"}, "properties": object{"labels": byName(text), "value": number, "count": number}}
	metricsSchema = all(object{"at": instant, "metrics": array(all(object{"name": text, "help": text, "type": text, "samples": object{"type": "array", "nullable": true, "items": sampleSchema}}))})
	lettersSchema = all(object{"letters": array(all(object{"id": text, "topic": text, "at": instant, "field": text, "code": text, "reason": text}))})
)

// all is an object that has all of these properties.
func all(properties object) object {
	return object{"type": "object", "required": slices.Sorted(maps.Keys(properties)), "properties": properties}
}

// byName is an object of any names with such values.
func byName(values object) object { return object{"type": "object", "additionalProperties": values} }

func array(items object) object { return object{"type": "array", "items": items} }
