package backtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
)

// ReadIncidents reads known incidents from a file: one JSON object per line, or the truth of a simulated feed. Errors name the line.
func ReadIncidents(path string) (list []Incident, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var truth struct {
		Incidents []Incident `json:"incidents"`
	}
	if json.Unmarshal(b, &truth) == nil && truth.Incidents != nil {
		return truth.Incidents, nil
	}
	n := 0
	for line := range bytes.Lines(b) {
		if n++; len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var i Incident
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&i); err != nil {
			return nil, fmt.Errorf("%s:%d: %w (an incident has scope_kind, scope_id, from, to, and note if you like)", path, n, err)
		}
		if i.Kind == "" || !i.From.Before(i.To) {
			return nil, fmt.Errorf("%s:%d: scope_kind must be there, and from before to", path, n)
		}
		list = append(list, i)
	}
	return list, nil
}
