// Package ruleset is what an owner may set of the rules that look for trouble: their keys, defaults and checks. How they look is
// the business of sinks/alert/watch. Start at [Rules].
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

// Default are the rules of an owner who says nothing.
func Default() Rules { return keys.Default[Rules]() }

// Names are the names of all rules.
func Names() (names []string) {
	for _, k := range keys.Of(reflect.TypeFor[Rules]()) {
		if k.Section() {
			names = append(names, k.Name)
		}
	}
	return names
}

// On says that a rule is switched on.
func (r *Rules) On(name string) bool { return !slices.Contains(r.Off, name) }

// OfThePast are those that can be looked at as of a time that is over.
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

// Kinds are the kinds of scopes whose past the watch keeps.
func (r *Rules) Kinds() []string {
	kinds := slices.Concat(r.Scopes, r.Silent.Scopes)
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// Prefix stands before the keys of rules in a configuration.
const Prefix = "alerts.rules."

// Check says all that is wrong, each with its key. kinds are the kinds of scopes that there are.
func (r *Rules) Check(kinds []string) error {
	return errors.Join(append(keys.Check(r, Prefix), r.CheckNames(kinds)...)...)
}

// CheckNames says what is wrong with the names of rules and of kinds of scopes, each with its key. kinds are those that there are.
// What is wrong with a single value [keys.Check] says.
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
	scopes("scopes", r.Scopes)
	scopes("silent_feed.scopes", r.Silent.Scopes)
	return wrong
}
