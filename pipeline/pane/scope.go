package pane

import (
	"fmt"
	"slices"
	"strings"

	"csatflow/pipeline/dimension"
)

// Dimension is the index in [dimension.Set] of a property by which measures are broken down. An owner's dimensions
// follow the built-in ones.
type Dimension uint8

// The dimensions that every event format has, in the order of [Dims].
const (
	Region Dimension = iota
	Store
	Source
	Touchpoint
	Employee
	ProductCategory
	CustomerType
	Dimensions = dimension.Builtin
)

// Dims are an event's values of the built-in dimensions, "" for none.
type Dims [Dimensions]string

// Kinds are the computed scope kinds: all, each dimension, and the configured crossings. A crossing's name is
// its dimensions joined by "*" (store*source).
type Kinds struct {
	set    *dimension.Set
	names  []string
	parts  [][]Dimension
	finest []Resolution // by kind
}

// NewKinds makes the list of scope kinds; each crossing names two or more different dimensions.
func NewKinds(set *dimension.Set, crossings [][]string) (*Kinds, error) {
	k := &Kinds{set: set, names: []string{dimension.All}, parts: [][]Dimension{nil}, finest: make([]Resolution, 1+len(set.All())+len(crossings))}
	for i, name := range set.Names() {
		k.names = append(k.names, name)
		k.parts = append(k.parts, []Dimension{Dimension(i)})
	}
	for _, c := range crossings {
		if len(c) < 2 {
			return nil, fmt.Errorf("crossing %v: names fewer than two dimensions", c)
		}
		var part []Dimension
		for _, name := range c {
			i, err := set.Find(name)
			if err != nil {
				return nil, fmt.Errorf("crossing %v: %w", c, err)
			}
			if slices.Contains(part, Dimension(i)) {
				return nil, fmt.Errorf("crossing %v: names %s twice", c, name)
			}
			part = append(part, Dimension(i))
		}
		name := strings.Join(c, "*")
		if slices.Contains(k.names, name) {
			return nil, fmt.Errorf("crossing %v: given twice", c)
		}
		k.names, k.parts = append(k.names, name), append(k.parts, part)
	}
	return k, nil
}

// Set returns the dimensions.
func (k *Kinds) Set() *dimension.Set { return k.set }

// Names returns the scope kinds.
func (k *Kinds) Names() []string { return k.names }

// Crossings returns the names of the crossings, sorted, since rows do not depend on their order.
func (k *Kinds) Crossings() []string {
	return slices.Sorted(slices.Values(k.names[1+len(k.set.All()):]))
}

// Parts returns the dimensions of a scope kind: none for all, several for a crossing.
func (k *Kinds) Parts(i int) []dimension.Dimension {
	var parts []dimension.Dimension
	for _, d := range k.parts[i] {
		parts = append(parts, k.set.All()[d])
	}
	return parts
}

var escapeID = strings.NewReplacer(`\`, `\\`, `*`, `\*`)

// crossedID returns the id of a crossing's scope: the values joined by "*", with "*" and "\" in a value escaped by "\".
func crossedID(values []string) string {
	ids := make([]string, len(values))
	for i, v := range values {
		ids[i] = escapeID.Replace(v)
	}
	return strings.Join(ids, "*")
}
