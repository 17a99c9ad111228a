package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"csatflow/pipeline"
	"csatflow/pipeline/dimension"
	"csatflow/pipeline/pane"
	"csatflow/schemas/ruleset"
)

// Dimension is an owner's dimension: an attribute of events by which measures are broken down.
type Dimension struct {
	Name   string            `koanf:"name"`   // of the attribute, and of the kind of scope
	Label  map[string]string `koanf:"label"`  // for people, by language: en, zh
	Topics []string          `koanf:"topics"` // that have it, out of responses and complaints; both when empty
}

const dimensionsKey = "measures.dimensions"

// checkDimensions refuses members of measures.dimensions that would have no effect. value is the parsed list.
func checkDimensions(value any) error {
	list, ok := value.([]any)
	if !ok && value != nil {
		return fmt.Errorf("%s: must be a list, like [{name: till, label: {en: Till, zh: 收银台}, topics: [responses, complaints]}]", dimensionsKey)
	}
	known := []string{"name", "label", "topics"}
	for i, item := range list {
		members, ok := item.(map[string]any)
		if !ok {
			return fmt.Errorf("%s[%d]: must be like {name: till, label: {en: Till, zh: 收银台}, topics: [responses, complaints]}", dimensionsKey, i)
		}
		for key := range members {
			if !slices.Contains(known, key) {
				return fmt.Errorf("%s[%d]: %w", dimensionsKey, i, dimension.Unknown("key", key, known))
			}
		}
	}
	return nil
}

// Dimensions returns all dimensions, the owner's included.
func (c *Config) Dimensions() (*dimension.Set, error) {
	var own []dimension.Own
	for i, d := range c.Measures.Dimensions {
		for language := range d.Label {
			if language != "en" && language != "zh" {
				return nil, fmt.Errorf("%s[%d].label: no language %q: one of en, zh", dimensionsKey, i, language)
			}
		}
		own = append(own, dimension.Own{Name: d.Name, Label: dimension.Label{En: d.Label["en"], Zh: d.Label["zh"]}, Topics: d.Topics})
	}
	set, err := dimension.NewSet(own)
	if err != nil {
		return nil, fmt.Errorf("%s: %s", dimensionsKey, strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return set, nil
}

// ScopeKinds returns the computed scope kinds.
func (c *Config) ScopeKinds() (*pane.Kinds, error) {
	set, err := c.Dimensions()
	if err != nil {
		return nil, err
	}
	kinds, err := pane.NewKinds(set, c.Measures.Crossings)
	if err != nil {
		return nil, fmt.Errorf("measures.crossings: %w", err)
	}
	finest := pipeline.UsualFinest()
	maps.Copy(finest, c.Measures.Resolutions)
	if err := kinds.SetFinest(finest); err != nil {
		return nil, fmt.Errorf("measures.resolutions: %w", err)
	}
	return kinds, nil
}

// watched refuses alerts in kinds of scopes without minutes: a fall is looked for in steps of minutes.
func (c *Config) watched(kinds *pane.Kinds) (wrong []error) {
	for _, kind := range slices.Sorted(maps.Keys(kinds.Coarser())) {
		var keys []string
		for _, of := range []struct {
			key  string
			list []string
		}{{"scopes", c.Alerts.Rules.Scopes}, {"silent_feed.scopes", c.Alerts.Rules.Silent.Scopes}, {"asking_stopped.scopes", c.Alerts.Rules.Asking.Scopes}} {
			if slices.Contains(of.list, kind) {
				keys = append(keys, ruleset.Prefix+of.key)
			}
		}
		if len(keys) > 0 {
			wrong = append(wrong, fmt.Errorf("%s: %s has no panes of minutes, in which alerts are looked for: leave it out, or set measures.resolutions: {%s: 1m}", strings.Join(keys, ", "), kind, kind))
		}
	}
	return wrong
}

// watchOwn adds the owner's dimensions to the scope kinds in which alerts look for falls, unless these are configured.
func (c *Config) watchOwn() {
	for _, d := range c.Measures.Dimensions {
		finest := c.Measures.Resolutions[d.Name]
		if !slices.Contains(c.Alerts.Rules.Scopes, d.Name) && (finest == "" || finest == "1m") {
			c.Alerts.Rules.Scopes = append(c.Alerts.Rules.Scopes, d.Name)
		}
	}
}
