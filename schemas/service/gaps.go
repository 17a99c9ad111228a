package service

import (
	_ "embed"
	"errors"
	"fmt"
)

//go:embed gaps.yaml
var gapsFile []byte

// Gaps are the five gaps of service quality with their causes and remedies (Parasuraman, Zeithaml, Berry 1985; texts S0
// and S2).
type Gaps struct {
	Gaps []Gap `yaml:"gaps"`
}

// Gap is one of the five.
type Gap struct {
	Number   int     `yaml:"gap"`
	ID       string  `yaml:"id"`
	Label    Text    `yaml:"label"`
	Between  Text    `yaml:"between"`
	Causes   []Cause `yaml:"causes"`
	Remedies []Text  `yaml:"remedies"`
}

// Cause is why a gap opens. Evidence is an SQL expression over view gap_evidence, from 0 for none to 1 for strong;
// "" if the data cannot show it.
type Cause struct {
	ID       string `yaml:"id"`
	Label    Text   `yaml:"label"`
	Evidence string `yaml:"evidence"`
}

// LoadGaps reads this release's gaps.
func LoadGaps() (*Gaps, error) {
	g := &Gaps{}
	if err := load("", "gaps.yaml", gapsFile, g); err != nil {
		return nil, err
	}
	var errs []error
	seen := map[string]bool{}
	for i, gap := range g.Gaps {
		if gap.Number != i+1 || gap.ID == "" || gap.Label.English == "" || gap.Label.Chinese == "" || len(gap.Remedies) == 0 {
			errs = append(errs, fmt.Errorf("gaps.yaml: gaps[%d]: number, id, label or remedies are missing or out of order", i))
		}
		for _, c := range gap.Causes {
			if c.ID == "" || seen[c.ID] || c.Label.English == "" || c.Label.Chinese == "" {
				errs = append(errs, fmt.Errorf("gaps.yaml: gap %d: cause %q needs an id of its own and both labels", gap.Number, c.ID))
			}
			seen[c.ID] = true
		}
	}
	return g, errors.Join(errs...)
}
