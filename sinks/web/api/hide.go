package api

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// reveal replaces pseudonyms by customers, and sealed keys of alerts by their keys. It refuses what was not given out: raw ids or
// keys would let a visitor try all ids.
func (s *Server) reveal(b *bound) error {
	take := func(name string) error {
		shown := b.values[name]
		id, known := s.Pseudonyms.Customer(shown)
		if !known {
			return &unknown{badRequest{name, "no such pseudonym was given out: take it from an answer (they change with the key of the configuration)"}}
		}
		b.put(name, id, shown)
		return nil
	}
	if b.values["customer"] != "" {
		if err := take("customer"); err != nil {
			return err
		}
	}
	if b.values["scope_kind"] == customerScope {
		if err := take("scope_id"); err != nil {
			return err
		}
	}
	if b.question.ID == alertsQuestion {
		key, known := s.Pseudonyms.Alert(b.values["key"])
		if known {
			b.put("key", key, b.values["key"])
		}
		b.values["about_customers"] = map[bool]string{true: "yes", false: "no"}[known]
	}
	return nil
}

// put sets a parameter's value, and the text that the shown SQL has instead.
func (b *bound) put(name, value, shown string) {
	b.values[name] = value
	if b.hidden == nil {
		b.hidden = map[string]string{}
	}
	b.hidden[name] = shown
}

// hide replaces customers by pseudonyms, and leaves out what they wrote.
func (s *Server) hide(a *Answer) {
	at := func(name string) int {
		return slices.IndexFunc(a.Columns, func(c Column) bool { return c.Name == name })
	}
	kind := at("scope_kind")
	for i, c := range a.Columns {
		for _, row := range a.Rows {
			about := kind >= 0 && row[kind] == customerScope
			switch text, _ := row[i].(string); {
			case c.Name == "customer_id", c.Name == "scope_id" && about:
				row[i] = s.Pseudonyms.Of(text)
			case c.Name == "key" && about && a.Question == alertsQuestion:
				row[i] = s.Pseudonyms.AlertKey(customerScope, text)
			case c.Name == "comment" && s.Pseudonyms != nil:
				row[i] = nil
			case c.Name == "evidence" && text == "null":
				row[i] = nil
			case c.Name == "evidence" && json.Valid([]byte(text)):
				row[i] = json.RawMessage(text)
			}
		}
	}
}

var (
	// told matches the end of a reason that quotes the message.
	told     = regexp.MustCompile(`(?s)(, is |: it is ).*`)
	quoted   = regexp.MustCompile(`(?s)"(?:[^"\\]|\\.)*("|$)`)
	ownField = regexp.MustCompile(`^[a-z_]{1,40}`)
)

// without removes from a dead letter's reason what it quotes of the message, and ofField from its field the names that senders choose.
func (s *Server) without(reason string) string {
	if s.Pseudonyms == nil {
		return reason
	}
	return quoted.ReplaceAllString(told.ReplaceAllString(reason, ""), "…")
}

func (s *Server) ofField(field string) string {
	own := ownField.FindString(field)
	if s.Pseudonyms == nil || own == field {
		return field
	}
	if rest := strings.TrimPrefix(field, own); own == "" || rest[0] != '.' && rest[0] != '[' {
		return "…"
	}
	return own + "…"
}
