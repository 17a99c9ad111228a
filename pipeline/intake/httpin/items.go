package httpin

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"csatflow/pipeline/intake"
)

// mostItems bounds the events or payloads of a request.
const mostItems = 10_000

// item is one event or payload of a body.
type item struct {
	raw   []byte          // as it came; of a CloudEvent in a structured mode, the whole envelope
	data  []byte          // the event or payload
	cloud map[string]any  // the attributes of a CloudEvent; nil for what is none
	wrong *intake.Refusal // why it cannot be read; nil if it can
}

// Media types.
const (
	kindJSON  = "application/json"
	kindLines = "application/x-ndjson"
	kindForm  = "application/x-www-form-urlencoded"
	kindCloud = "application/cloudevents+json"
	kindBatch = "application/cloudevents-batch+json"
)

// same are other names of media types that are in use.
var same = map[string]string{"application/ndjson": kindLines, "application/jsonl": kindLines, "application/x-jsonlines": kindLines, "application/json-lines": kindLines, "text/json": kindJSON}

// kindOf returns the media type of a request, "" if it is none that is taken. Feeds also take forms.
func kindOf(r *http.Request, feed bool) string {
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	if c := parameters["charset"]; c != "" && !strings.EqualFold(c, "utf-8") && !strings.EqualFold(c, "us-ascii") {
		return ""
	}
	if other, found := same[kind]; found {
		return other
	}
	switch kind {
	case kindJSON, kindLines, kindCloud, kindBatch:
		return kind
	case kindForm:
		if feed {
			return kind
		}
	default:
		if strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json") {
			return kindJSON
		}
	}
	return ""
}

// split splits a body into its events or payloads. cloud are the headers of a CloudEvent in the binary mode, nil for none.
func split(kind string, body []byte, cloud map[string]string) ([]item, *Problem) {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil, problem(http.StatusBadRequest, "the body is empty")
	}
	var list []item
	var p *Problem
	switch kind {
	case kindLines:
		list, p = lines(body)
	case kindForm:
		if bytes.ContainsAny(bytes.TrimSpace(body)[:1], "{[") && json.Valid(body) {
			return nil, problem(http.StatusUnsupportedMediaType, "the body is JSON, and its content type says %s: send it as %s (curl: --json in place of -d)", kindForm, kindJSON)
		}
		list = []item{{raw: body, data: body}}
	case kindBatch:
		if bytes.TrimSpace(body)[0] != '[' {
			return nil, problem(http.StatusBadRequest, "a batch of CloudEvents is a JSON array")
		}
		list, p = values(body)
	case kindCloud:
		list = []item{{raw: body, data: body}}
	default:
		list, p = values(body)
	}
	if p != nil {
		return nil, p
	}
	switch {
	case kind == kindCloud || kind == kindBatch:
		for i := range list {
			list[i].open()
		}
	case cloud != nil:
		attributes, err := intake.CloudAttributes(cloud)
		for i := range list {
			list[i].cloud = attributes
			if err != nil {
				list[i].wrong = &intake.Refusal{Reason: err.Error()}
			}
		}
	}
	return list, nil
}

func tooMany() *Problem {
	return problem(http.StatusRequestEntityTooLarge, "more than %d events in a request: send several", mostItems)
}

// lines splits a body of one JSON value a line.
func lines(body []byte) (list []item, p *Problem) {
	for line := range bytes.Lines(body) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if len(list) == mostItems {
			return nil, tooMany()
		}
		i := item{raw: line, data: line}
		if !json.Valid(line) {
			i.wrong = &intake.Refusal{Reason: "the line is not JSON"}
		}
		list = append(list, i)
	}
	return list, nil
}

// values splits a body that is a JSON value, or an array of values.
func values(body []byte) (list []item, p *Problem) {
	body = bytes.TrimSpace(body)
	if body[0] != '[' {
		if !json.Valid(body) {
			return nil, notJSON(body)
		}
		return []item{{raw: body, data: body}}, nil
	}
	if !json.Valid(body) {
		return nil, notJSON(body)
	}
	// Of a valid array, members are found without looking at their insides again.
	depth, begin, quoted := 0, 1, false
	add := func(end int) bool {
		one := bytes.TrimSpace(body[begin:end])
		begin = end + 1
		if len(one) == 0 {
			return true // of an empty array
		}
		if len(list) == mostItems {
			return false
		}
		list = append(list, item{raw: one, data: one})
		return true
	}
	for i := 1; i < len(body); i++ {
		switch c := body[i]; {
		case quoted:
			switch c {
			case '\\':
				i++
			case '"':
				quoted = false
			}
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			depth++
		case depth > 0 && (c == '}' || c == ']'):
			depth--
		case depth == 0 && (c == ',' || c == ']'):
			if !add(i) {
				return nil, tooMany()
			}
		}
	}
	return list, nil
}

// notJSON says where a body stops being JSON.
func notJSON(body []byte) *Problem {
	d := json.NewDecoder(bytes.NewReader(body))
	var v json.RawMessage
	if err := d.Decode(&v); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return problem(http.StatusBadRequest, "not JSON: the body ends too early")
		}
		return problem(http.StatusBadRequest, "not JSON: %v", err)
	}
	return problem(http.StatusBadRequest, "not JSON: something follows the first value at byte %d; several events are an array, or one a line as %s", d.InputOffset(), kindLines)
}

// open reads the envelope of a CloudEvent.
func (i *item) open() {
	data, attributes, err := intake.OpenCloudEvent(i.raw)
	if err != nil {
		i.wrong = &intake.Refusal{Reason: err.Error()}
		return
	}
	i.data, i.cloud = data, attributes
}

// cloudHeaders are the headers of a CloudEvent in the binary mode, nil for none.
func cloudHeaders(h http.Header) map[string]string {
	if h.Get(intake.CloudHeader+"specversion") == "" {
		return nil
	}
	m := map[string]string{}
	for name, values := range h {
		if name = strings.ToLower(name); strings.HasPrefix(name, intake.CloudHeader) && len(values) > 0 {
			m[name] = values[0]
		}
	}
	return m
}
