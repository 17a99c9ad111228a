package service

import (
	_ "embed"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

//go:embed standards.yaml
var standardsFile []byte

// Standards are the service standards of an owner (schemas/DOMAIN.md, section 7).
type Standards struct {
	Standards []Standard `yaml:"standards"`
}

// Standard is one service standard.
type Standard struct {
	ID        string  `yaml:"id"`        // as observations name it
	Stage     string  `yaml:"stage"`     // of the service sequence
	Dimension string  `yaml:"dimension"` // of RATER
	Part      string  `yaml:"part"`      // product, process or people
	Does      Text    `yaml:"does"`      // what is done
	Measure   string  `yaml:"measure"`   // one of Measures
	Target    Target  `yaml:"target"`
	Level     float64 `yaml:"level"` // what it promises, on the scale of expectation, 1 to 7
	Owner     string  `yaml:"owner"`
	Since     Day     `yaml:"since"`
	Review    Day     `yaml:"review"`
}

// Target is the required amount: at least or at most.
type Target struct {
	AtMost  *float64 `yaml:"at_most"`
	AtLeast *float64 `yaml:"at_least"`
	Unit    string   `yaml:"unit"`
}

// Day is a date, like 2026-03-01.
type Day struct{ time.Time }

// UnmarshalYAML reads a date.
func (d *Day) UnmarshalYAML(n *yaml.Node) (err error) {
	if d.Time, err = time.Parse(time.DateOnly, n.Value); err != nil {
		return fmt.Errorf("line %d: %q is not a date like 2026-03-01", n.Line, n.Value)
	}
	return nil
}

// How a standard can be measured, and the parts of the invisible scorecard to which it can belong.
var (
	Measures   = []string{"seconds_to_greet", "defect_share", "selling_effort", "product_knowledge"}
	Parts      = []string{"product", "process", "people"}
	Dimensions = []string{"reliability", "assurance", "tangibles", "empathy", "responsiveness"}
)

// LoadStandards reads a file of standards, this release's own if file is "". Missing elements of a good standard are
// no error: see [Standards.Lint].
func LoadStandards(file string) (*Standards, error) {
	s := &Standards{}
	if err := load(file, "standards.yaml", standardsFile, s); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var errs []error
	for i, one := range s.Standards {
		switch {
		case one.ID == "":
			errs = append(errs, fmt.Errorf("standards[%d]: id is missing: observations name a standard by it", i))
		case seen[one.ID]:
			errs = append(errs, fmt.Errorf("standards[%d]: the id %q is given twice: give each its own", i, one.ID))
		}
		seen[one.ID] = true
		if one.Dimension != "" && !slices.Contains(Dimensions, one.Dimension) {
			errs = append(errs, fmt.Errorf("standard %s: no dimension %q: one of %s", one.ID, one.Dimension, strings.Join(Dimensions, ", ")))
		}
		if one.Level != 0 && (one.Level < 1 || one.Level > 7) {
			errs = append(errs, fmt.Errorf("standard %s: level must be 1 to 7, is %v", one.ID, one.Level))
		}
	}
	return s, errors.Join(errs...)
}

// load reads a YAML file, or the embedded one, into v. Keys that it does not know are refused.
func load(file, name string, embedded []byte, v any) error {
	text := embedded
	if file != "" {
		var err error
		if text, err = os.ReadFile(file); err != nil {
			return fmt.Errorf("reading the service model: %w", err)
		}
		name = file
	}
	d := yaml.NewDecoder(strings.NewReader(string(text)))
	d.KnownFields(true)
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
