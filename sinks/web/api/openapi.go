package api

import (
	"net/http"
)

type object = map[string]any

// document is the OpenAPI description of all paths, made from the questions.
func document(questions Questions) object {
	paths := object{
		"/api/v1/names": object{"get": operation("names", "Names of everything, from the catalogue of measures.", "catalogue",
			[]object{query("lang", "language", object{"type": "string", "enum": []string{"en", "zh"}, "default": "en"})}, object{"type": "object", "required": []string{"measures", "columns", "scales", "texts", "currency", "zone", "ranges", "pseudonymous"}})},
		"/api/v1/pipeline": object{"get": operation("pipeline", "Metrics of this process, as /metrics has them.", "pipeline", nil,
			object{"type": "object", "required": []string{"at", "metrics"}, "properties": object{"at": instant, "metrics": array(object{"type": "object", "required": []string{"name", "help", "type", "samples"}})}})},
		"/api/v1/deadletters": object{"get": operation("deadletters", "The newest messages that could not be applied, without their content.", "pipeline",
			[]object{query("limit", "at most this many", object{"type": "integer", "minimum": 1, "maximum": mostLetters, "default": 50})},
			object{"type": "object", "required": []string{"letters"}, "properties": object{"letters": array(object{"type": "object", "required": []string{"id", "topic", "at", "field", "reason"}})}})},
		"/api/v1/live": object{"get": object{"operationId": "live", "tags": []string{"pipeline"}, "summary": "Server-sent events: news when the tables have moved, beat every five seconds.",
			"responses": object{"200": object{"description": "a stream that does not end", "content": object{"text/event-stream": object{"schema": object{"type": "string"}}}}, "429": tooMany, "503": refusal}}},
	}
	for i := range questions {
		q := &questions[i]
		paths["/api/v1/"+q.ID] = object{"get": questionOperation(q)}
	}
	return object{
		"openapi": "3.0.3",
		"info": object{"title": "csatflow", "version": "1", "license": object{"name": "Apache-2.0"},
			"description": "The questions of the page. Everything is read-only and comes from the views of the database; each answer has its SQL. Instants are event time, UTC."},
		"servers":    []object{{"url": "/"}},
		"paths":      paths,
		"components": object{"schemas": object{"Answer": answerSchema, "Failure": failureSchema}},
	}
}

var (
	instant       = object{"type": "string", "format": "date-time"}
	failureSchema = object{"type": "object", "required": []string{"error"}, "additionalProperties": false, "properties": object{"error": object{"type": "string"}, "parameter": object{"type": "string"}}}
	refusal       = object{"description": "what is wrong, and the remedy", "content": object{"application/json": object{"schema": object{"$ref": "#/components/schemas/Failure"}}}}
	tooMany       = object{"description": "too many requests at once; Retry-After says after how many seconds to ask again", "headers": object{"Retry-After": object{"schema": object{"type": "integer"}}}, "content": refusal["content"]}
	answerSchema  = object{"type": "object", "additionalProperties": false, "required": []string{"question", "sql", "as_of", "columns", "rows", "more", "stale"}, "properties": object{
		"question": object{"type": "string"},
		"sql":      object{"type": "string", "description": "the SQL of the rows, with its parameters filled in"},
		"period": object{"type": "object", "additionalProperties": false, "required": []string{"from", "to", "before", "at", "resolution", "step_s"}, "properties": object{
			"from": instant, "to": instant, "before": instant, "at": instant, "resolution": object{"type": "integer", "enum": []int{60, 3600, 86400}, "description": "length of the panes, seconds"},
			"step_s": object{"type": "integer", "minimum": 60, "description": "length of a step, seconds"}}},
		"as_of": instant,
		"columns": array(object{"type": "object", "additionalProperties": false, "required": []string{"name", "type"}, "properties": object{
			"name": object{"type": "string"}, "type": object{"type": "string", "description": "ClickHouse's"}, "measure": object{"type": "string", "description": "of schemas/MEASURES.md"},
			"unit": object{"type": "string"}, "scale": object{"type": "string"}}}),
		"rows":  object{"type": "array", "maxItems": mostRows, "items": object{"type": "array", "items": object{"nullable": true}}},
		"more":  object{"type": "boolean", "description": "there are rows beyond this page: ask with offset"},
		"stale": object{"type": "boolean", "description": "events have been applied since: ask again shortly"},
	}}
)

func array(items object) object { return object{"type": "array", "items": items} }

func query(name, summary string, schema object) object {
	return object{"name": name, "in": "query", "description": summary, "schema": schema}
}

func operation(id, summary, tag string, parameters []object, schema object) object {
	if parameters == nil {
		parameters = []object{}
	}
	return object{"operationId": id, "summary": summary, "tags": []string{tag}, "parameters": parameters, "responses": object{
		"200": object{"description": "the answer", "content": object{"application/json": object{"schema": schema}}}, "400": refusal, "429": tooMany, "500": refusal, "503": refusal}}
}

func questionOperation(q *Question) object {
	text := func(most int) object { return object{"type": "string", "maxLength": most} }
	parameters := []object{query("format", "json, or csv to download it", object{"type": "string", "enum": []string{"json", "csv"}, "default": "json"})}
	if q.Period {
		parameters = append(parameters,
			query("range", "length of the period, which ends at to or after the latest minute with an event", object{"type": "string", "enum": Ranges, "default": "24h"}),
			query("from", "instead of range", instant), query("to", "end, exclusive; by default after the latest minute with an event", instant))
	}
	if q.Scope {
		parameters = append(parameters, query("scope_kind", "kind of scope, like store; all for everything", object{"type": "string", "maxLength": longest, "default": "all"}), query("scope_id", "which scope; for a customer, as other answers give it", text(longestOf("scope_id"))))
	}
	if len(q.Sort) > 0 {
		parameters = append(parameters, query("sort", "the column to sort by", object{"type": "string", "enum": q.Sort, "default": q.Sort[0]}), query("order", "the direction", object{"type": "string", "enum": []string{"desc", "asc"}, "default": "desc"}))
	}
	if q.Most > 0 {
		parameters = append(parameters, query("limit", "rows of a page", object{"type": "integer", "minimum": 1, "maximum": q.Most, "default": q.limitOf()}), query("offset", "rows to skip", object{"type": "integer", "minimum": 0, "maximum": 1_000_000, "default": 0}))
	}
	for i := range q.Params {
		p := &q.Params[i]
		one := query(p.Name, p.Summary, text(longestOf(p.Name)))
		if len(p.Choices) > 0 {
			one["schema"] = object{"type": "string", "enum": p.Choices, "default": p.Choices[0]}
		}
		if p.Required {
			one["required"] = true
		}
		parameters = append(parameters, one)
	}
	o := operation(q.ID, q.Summary, "questions", parameters, object{"$ref": "#/components/schemas/Answer"})
	responses := o["responses"].(object)
	responses["200"].(object)["content"].(object)["text/csv"] = object{"schema": object{"type": "string"}}
	responses["504"] = refusal
	return o
}

// serveOpenAPI answers /api/openapi.json.
func (s *Server) serveOpenAPI(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, document(s.questions))
}
