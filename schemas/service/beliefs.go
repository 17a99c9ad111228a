package service

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

//go:embed beliefs.yaml
var beliefsFile []byte

// Beliefs are what management believes customers expect, 1 to 7, by RATER dimension.
type Beliefs struct {
	AsOf    Day                `yaml:"as_of"`
	Beliefs map[string]float64 `yaml:"beliefs"`
}

// LoadBeliefs reads a file of beliefs, this release's own if file is "".
func LoadBeliefs(file string) (*Beliefs, error) {
	b := &Beliefs{}
	if err := load(file, "beliefs.yaml", beliefsFile, b); err != nil {
		return nil, err
	}
	for name, v := range b.Beliefs {
		if !slices.Contains(Dimensions, name) {
			return nil, fmt.Errorf("beliefs.%s: no such dimension: one of %s", name, strings.Join(Dimensions, ", "))
		}
		if !(v >= 1 && v <= 7) {
			return nil, fmt.Errorf("beliefs.%s must be 1 to 7, is %v", name, v)
		}
	}
	return b, nil
}
