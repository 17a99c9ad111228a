// Package ruleset has the settings of the rules that raise alerts: keys, defaults and checks. sinks/alert/watch evaluates the
// rules. Start at [Rules].
package ruleset

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"csatflow/pipeline/dimension"
	"csatflow/schemas/keys"
)

// Default returns the rules of an empty configuration.
func Default() Rules { return keys.Default[Rules]() }

// Names returns the names of all rules.
func Names() (names []string) {
	for _, k := range keys.Of(reflect.TypeFor[Rules]()) {
		if k.Section() {
			names = append(names, k.Name)
		}
	}
	return names
}

// On reports whether a rule is on.
func (r *Rules) On(name string) bool { return !slices.Contains(r.Off, name) }

// OfThePast returns the rules without those that can evaluate only the present.
func (r *Rules) OfThePast() *Rules {
	past := *r
	past.Off = slices.Clone(r.Off)
	for _, name := range Names() {
		if Of(name).OnlyNow {
			past.Off = append(past.Off, name)
		}
	}
	return &past
}

// Kinds returns the kinds of scopes whose past the watch keeps.
func (r *Rules) Kinds() []string {
	kinds := slices.Concat(r.Scopes, r.Silent.Scopes, r.Asking.Scopes)
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// Prefix is the prefix of the rules' keys in a configuration.
const Prefix = "alerts.rules."

// Check returns all errors, each with its key. kinds are the valid kinds of scopes.
func (r *Rules) Check(kinds []string) error {
	return errors.Join(append(keys.Check(r, Prefix), r.CheckNames(kinds)...)...)
}

// CheckNames returns the errors in names of rules and of kinds of scopes, each with its key. kinds are the valid kinds.
// [keys.Check] checks single values.
func (r *Rules) CheckNames(kinds []string) (wrong []error) {
	add := func(key, format string, args ...any) {
		wrong = append(wrong, fmt.Errorf(Prefix+key+": "+format, args...))
	}
	for _, name := range r.Off {
		if !slices.Contains(Names(), name) {
			add("off", "no rule %q: one of %s", name, strings.Join(Names(), ", "))
		}
	}
	scopes := func(key string, list []string) {
		for i, kind := range list {
			if !slices.Contains(kinds, kind) {
				add(key, "%w", dimension.Unknown("kind of scope", kind, kinds))
			}
			if slices.Contains(list[:i], kind) {
				add(key, "%q stands twice", kind)
			}
		}
	}
	for _, text := range r.SpecialDays {
		d, err := ParseDay(text)
		switch {
		case err != nil:
			add("special_days", "%w", err)
		case d.Kind != "" && !slices.Contains(kinds, d.Kind):
			add("special_days", "%w", dimension.Unknown("kind of scope", d.Kind, kinds))
		}
	}
	scopes("scopes", r.Scopes)
	scopes("silent_feed.scopes", r.Silent.Scopes)
	scopes("asking_stopped.scopes", r.Asking.Scopes)
	return wrong
}
