package api

import (
	"net/http"
	"strings"
)

type object = map[string]any

// document is the OpenAPI description of all paths, made from the questions.
func document(questions Questions) object {
	ids := make([]string, len(questions))
	for i := range questions {
		ids[i] = questions[i].ID
	}
	paths := object{
		"/api/v1/names": object{"get": operation("names", "Names of everything, from the catalogue of measures.", "catalogue",
			[]object{inLanguage}, namesSchema)},
		"/api/v1/pipeline": object{"get": unchanged(operation("pipeline", "Metrics of this process, as /metrics has them.", "pipeline", nil,
			metricsSchema))},
		"/api/v1/deadletters": object{"get": unchanged(operation("deadletters", "The newest messages that could not be applied, without their content.", "pipeline",
			[]object{query("limit", "at most this many", object{"type": "integer", "minimum": 1, "maximum": mostLetters, "default": 50}), inLanguage},
			lettersSchema))},
		"/api/v1/live": object{"get": object{"operationId": "live", "tags": []string{"pipeline"}, "summary": "Server-sent events: news when the tables have moved, beat every five seconds.",
			"responses": object{"200": object{"description": "a stream that does not end", "content": object{"text/event-stream": object{"schema": object{"type": "string"}}}}, "401": locked, "429": tooMany, "503": refusal}}},
		"/api/v1/answers": object{"get": unchanged(object{"operationId": "answers", "tags": []string{"views"}, "summary": "Several questions as of the same instant, a line of JSON each in the order asked. The last line has the version, and again_ms if something newer is to come: after how many milliseconds to ask.",
			"parameters": []object{{"name": "ask", "in": "query", "required": true, "description": "a question with its parameters, encoded as one value: grades%3Frange%3D24h", "style": "form", "explode": true,
				"schema": object{"type": "array", "minItems": 1, "maxItems": mostTogether, "items": object{"type": "string", "pattern": `^(` + strings.Join(ids, "|") + `)(\?[ -~]*)?$`}}}},
			"responses": object{"200": object{"description": "the answers", "content": object{"application/x-ndjson": object{"schema": object{"type": "string"}}}}, "400": refusal, "401": locked, "429": tooMany, "503": refusal}})},
	}
	for i := range questions {
		q := &questions[i]
		paths["/api/v1/"+q.ID] = object{"get": questionOperation(q)}
	}
	return object{
		"openapi": "3.0.3",
		"info": object{"title": "csatflow", "version": "1", "license": object{"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
			"description": "The questions of the page. Everything is read-only and comes from the views of the database; each answer has its SQL. Instants are event time, UTC; those before 1970 or after 2105 count as its beginning or end."},
		"servers":  []object{{"url": "/"}},
		"tags":     []object{{"name": "questions", "description": "what is answered by SQL"}, {"name": "views", "description": "several questions together"}, {"name": "catalogue", "description": "what things are called"}, {"name": "pipeline", "description": "how this process is doing"}},
		"security": []object{{"password": []string{}}, {}},
		"paths":    paths,
		"components": object{"schemas": object{"Answer": answerSchema, "Failure": failureSchema, "Value": valueSchema},
			"securitySchemes": object{"password": object{"type": "http", "scheme": "basic", "description": "needed where web_config_file names users"}}},
	}
}

// Answers that are none.
var (
	refusal = object{"description": "what is wrong, and the remedy", "content": object{"application/json": object{"schema": object{"$ref": "#/components/schemas/Failure"}}}}
	locked  = object{"description": "a user and a password are needed (web_config_file)"}
	tooMany = object{"description": "too many requests at once; Retry-After says after how many seconds to ask again", "headers": object{"Retry-After": object{"schema": object{"type": "integer"}}}, "content": refusal["content"]}
)

var inLanguage = query("lang", "language", object{"type": "string", "enum": []string{"en", "zh"}, "default": "en"})

func query(name, summary string, schema object) object {
	return object{"name": name, "in": "query", "description": summary, "schema": schema}
}

func operation(id, summary, tag string, parameters []object, schema object) object {
	if parameters == nil {
		parameters = []object{}
	}
	return object{"operationId": id, "summary": summary, "tags": []string{tag}, "parameters": parameters, "responses": object{
		"200": object{"description": "the answer", "content": object{"application/json": object{"schema": schema}}}, "400": refusal, "401": locked, "429": tooMany, "500": refusal, "503": refusal}}
}

// unchanged adds that a client which has the answer already is told so.
func unchanged(o object) object {
	o["responses"].(object)["304"] = object{"description": "what the ETag in If-None-Match stands for has not changed"}
	return o
}

func questionOperation(q *Question) object {
	// Text has no NUL.
	text := func(most int) object { return object{"type": "string", "maxLength": most, "pattern": "^[^\x00]*$"} }
	parameters := []object{query("format", "json, or csv to download it, with instants in the configured zone and its offset", object{"type": "string", "enum": []string{"json", "csv"}, "default": "json"})}
	if q.Period {
		parameters = append(parameters,
			query("range", "length of the period, from from on if that is given, else back from to; not needed where both are given", object{"type": "string", "enum": Ranges, "default": "24h"}),
			query("from", "start", instant), query("to", "end, exclusive; by default after the latest minute with an event", instant),
			query("before", "start of the time that the period is compared with, as long as it; by default the time just before", instant))
	}
	if q.Scope {
		parameters = append(parameters, query("scope_kind", "kind of scope, like store; all for everything", object{"type": "string", "maxLength": longest, "pattern": "^[^\x00]*$", "default": "all"}), query("scope_id", "which scope; for a customer, as other answers give it", text(longestOf("scope_id"))))
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
			one["schema"].(object)["minLength"] = 1
		}
		parameters = append(parameters, one)
	}
	o := operation(q.ID, q.Summary, "questions", parameters, object{"$ref": "#/components/schemas/Answer"})
	responses := o["responses"].(object)
	responses["200"].(object)["content"].(object)["text/csv"] = object{"schema": object{"type": "string"}}
	responses["504"] = refusal
	if q.Period || q.Scope {
		responses["422"] = object{"description": "parameters that are right by themselves contradict each other", "content": refusal["content"]}
	}
	if q.Scope || q.has(customerScope) {
		responses["404"] = object{"description": "no customer was given out under that pseudonym", "content": refusal["content"]}
	}
	return o
}

// serveOpenAPI answers /api/openapi.json.
func (s *Server) serveOpenAPI(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, document(s.questions))
}
