package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestASchemaThatTheDecoderCannotFollowIsAnError: it would check another field, or none.
func TestASchemaThatTheDecoderCannotFollowIsAnError(t *testing.T) {
	many := ""
	for i := range 70 {
		many += fmt.Sprintf(`"more_%d": {"$ref": "scales.schema.json#/$defs/id"}, `, i)
	}
	for what, change := range map[string][3]string{
		"required":  {`"required": ["event_id",`, `"required": ["absent", "event_id",`, `required: there is no property "absent"`},
		"key":       {`"x-key": ["customer_id"]`, `"x-key": ["absent"]`, `x-key: there is no property "absent"`},
		"no key":    {`"x-key": ["customer_id"],`, ``, "x-key must name"},
		"many":      {`"properties": {`, `"properties": {` + many, "at most 64"},
		"fractions": {`"properties": {`, `"properties": {"odd": {"type": "number", "minimum": 0, "maximum": 0.5}, `, "odd: no kind of field"},
		"reference": {`$defs/leave_reason`, `$defs/absent`, "is not in scales.schema.json"},
	} {
		t.Run(what, func(t *testing.T) {
			dir := t.TempDir()
			for _, name := range []string{"departures", "scales"} {
				b, err := os.ReadFile("../../events/" + name + ".schema.json")
				if err != nil {
					t.Fatal(err)
				}
				text := string(b)
				if name == "departures" {
					text = strings.Replace(text, change[0], change[1], 1)
				}
				if err := os.WriteFile(filepath.Join(dir, name+".schema.json"), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := read(dir, "departures"); err == nil || !strings.Contains(err.Error(), change[2]) {
				t.Errorf("got %v, want %q", err, change[2])
			}
		})
	}
	if _, err := read("../../events", "departures"); err != nil {
		t.Error(err)
	}
}
