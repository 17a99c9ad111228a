package service

import (
	_ "embed"
	"fmt"
)

//go:embed actions.yaml
var actionsFile []byte

// Action is what to do about the cause of a gap.
type Action struct {
	Cause string `yaml:"cause"`
	Gap   int    `yaml:"gap"` // the gap that it closes, 1 to 5
	Do    Text   `yaml:"do"`
}

// LoadActions returns this release's actions by cause.
func LoadActions() (map[string]Action, error) {
	var f struct {
		Actions []Action `yaml:"actions"`
	}
	if err := load("", "actions.yaml", actionsFile, &f); err != nil {
		return nil, err
	}
	by := map[string]Action{}
	for _, a := range f.Actions {
		if _, twice := by[a.Cause]; twice || a.Do.English == "" || a.Do.Chinese == "" || a.Gap < 1 || a.Gap > 5 {
			return nil, fmt.Errorf("actions.yaml: the action for %q is given twice, or lacks its gap or a text", a.Cause)
		}
		by[a.Cause] = a
	}
	return by, nil
}
