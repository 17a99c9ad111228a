package simulate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"
)

// ReadReal reads knobs from YAML or JSON, by their names; those it does not name are as in [RealLife]. An unknown name is an error.
func ReadReal(r io.Reader) (*Real, error) {
	var knobs map[string]any
	if err := yaml.NewDecoder(r).Decode(&knobs); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading the knobs of real life: %w", err)
	}
	text, err := json.Marshal(knobs)
	if err != nil {
		return nil, fmt.Errorf("reading the knobs of real life: %w", err)
	}
	real := RealLife()
	in := json.NewDecoder(bytes.NewReader(text))
	in.DisallowUnknownFields()
	if err := in.Decode(real); err != nil {
		return nil, fmt.Errorf("reading the knobs of real life: %w; their names are those in real.knobs of truth.json", err)
	}
	if err := real.Validate(); err != nil {
		return nil, fmt.Errorf("real life: %w", err)
	}
	return real, nil
}
