package ruleset

// Rule is what a rule says of itself. What it finds and what can be set of it stand in its section of [Rules].
type Rule struct {
	English, Chinese string // its name for people
	Measure          string // id in the catalogue of measures: what it looks at, and in which unit
	// Falls says that it finds falls of satisfaction, of which the parts that carry them can be told.
	Falls bool
	// OnlyNow says that it knows how things are, and not how they were.
	OnlyNow bool
	// Sentence says, in English, what is the matter, where, since when and how far.
	Sentence func(f *Finding) string
}

// Finding is what there is to say of an alert.
type Finding struct {
	Scope, Part, Since         string
	Value, Expected, Low, High float64
	Cases                      int
}

// Of gives the rule of a name: an empty one where this release knows none.
func Of(name string) Rule { return rules[name] }
