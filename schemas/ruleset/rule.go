package ruleset

import "cmp"

// Rule describes a rule. Its section of [Rules] says what it finds, and has its settings.
type Rule struct {
	English, Chinese string // its name for people
	Measure          string // id in the catalogue of measures: what it evaluates, and in which unit
	// Measures has the measure of each part, of a rule whose parts have different ones.
	Measures map[string]string
	// Chance is its share of the false alerts that all rules together may raise; 0 if it has a level of its own.
	Chance float64
	// Falls: it finds falls of satisfaction, which the parts of a scope can explain.
	Falls bool
	// OnlyNow: it can evaluate the present only, not the past.
	OnlyNow bool
	// Sentence returns, in English, what is wrong, where, since when and by how much.
	Sentence func(f *Finding) string
}

// Finding is the content of an alert's sentence.
type Finding struct {
	Scope, Part, Since         string
	Value, Expected, Low, High float64
	Cases                      int
}

// MeasureOf returns the measure of an alert of a part.
func (r Rule) MeasureOf(part string) string { return cmp.Or(r.Measures[part], r.Measure) }

// Of returns the rule of a name; an empty one if this release does not know it.
func Of(name string) Rule { return rules[name] }
