package intake

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// OpenCloudEvent reads a CloudEvent 1.0 in JSON (https://github.com/cloudevents/spec): its data and its attributes.
func OpenCloudEvent(envelope []byte) (data []byte, attributes map[string]any, err error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(envelope, &members); err != nil || members == nil {
		return nil, nil, errors.New("no CloudEvent: it must be an object with specversion, id, source, type and data")
	}
	attributes = map[string]any{}
	for name, raw := range members {
		switch name {
		case "data":
			data = bytes.TrimSpace(raw)
		case "data_base64":
			var text string
			if err := json.Unmarshal(raw, &text); err != nil {
				return nil, nil, errors.New("data_base64: must be a text")
			}
			if data, err = base64.StdEncoding.DecodeString(text); err != nil {
				return nil, nil, errors.New("data_base64: must be base64")
			}
		default:
			v, err := DecodeJSON(raw)
			if err != nil {
				return nil, nil, fmt.Errorf("%s: %w", name, err)
			}
			attributes[name] = v
		}
	}
	if err := CheckCloudEvent(attributes); err != nil {
		return nil, nil, err
	}
	if len(data) == 0 {
		return nil, nil, errors.New("data: is missing")
	}
	return data, attributes, nil
}

// CheckCloudEvent checks the attributes that every CloudEvent has.
func CheckCloudEvent(attributes map[string]any) error {
	for _, name := range []string{"specversion", "id", "source", "type"} {
		if text, _ := attributes[name].(string); text == "" {
			return fmt.Errorf("%s: is missing, or no text: every CloudEvent has it", name)
		}
	}
	if v := attributes["specversion"]; v != "1.0" {
		return fmt.Errorf("specversion: must be 1.0, is %s", shown(v))
	}
	return nil
}

// Complete gives an event in csatflow's own form, which came as a CloudEvent, the id and time of its envelope where it has none of its
// own. What is no object stays as it is.
func Complete(event []byte, attributes map[string]any) []byte {
	var members map[string]json.RawMessage
	if json.Unmarshal(event, &members) != nil || members == nil {
		return event
	}
	add := []byte{'{'}
	for _, f := range [][2]string{{"event_id", "id"}, {"occurred_at", "time"}} {
		text, _ := attributes[f[1]].(string)
		if _, has := members[f[0]]; has || text == "" {
			continue
		}
		b, err := json.Marshal(text)
		if err != nil {
			panic(err) // a text can always be encoded
		}
		add = append(append(append(add, '"'), f[0]...), '"', ':')
		add = append(append(add, b...), ',')
	}
	if len(add) == 1 {
		return event
	}
	rest := bytes.TrimSpace(event)[1:]
	if len(members) == 0 {
		add = add[:len(add)-1]
	}
	return append(add, rest...)
}

// CloudHeader begins the headers of a CloudEvent in the binary mode.
const CloudHeader = "ce-"

// CloudAttributes returns the attributes of a CloudEvent that are in headers, which have their names in small letters.
func CloudAttributes(headers map[string]string) (map[string]any, error) {
	attributes := map[string]any{}
	for name, value := range headers {
		if name, is := strings.CutPrefix(name, CloudHeader); is {
			attributes[name] = unescaped(value)
		}
	}
	if err := CheckCloudEvent(attributes); err != nil {
		return nil, fmt.Errorf("%w (headers ce-…)", err)
	}
	return attributes, nil
}

// unescaped undoes the percent-encoding of a CloudEvent's header.
func unescaped(text string) string {
	if !strings.Contains(text, "%") {
		return text
	}
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if hi, lo := unhex(text[i+1]), unhex(text[i+2]); hi < 16 && lo < 16 {
				b = append(b, hi<<4|lo)
				i += 2
				continue
			}
		}
		b = append(b, text[i])
	}
	return string(b)
}

func unhex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 16
}
