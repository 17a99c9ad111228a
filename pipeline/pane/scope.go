package pane

import (
	"fmt"
	"slices"
	"strings"
)

// Dimension is a property of an event by which measures are broken down.
type Dimension uint8

// The dimensions, in the order of [Dims].
const (
	Region Dimension = iota
	Store
	Source
	Touchpoint
	Employee
	ProductCategory
	CustomerType
	Dimensions = 7
)

var dimensionNames = [Dimensions]string{"region", "store", "source", "touchpoint", "employee", "product_category", "customer_type"}

func (d Dimension) String() string { return dimensionNames[d] }

// ParseDimension finds a dimension by its name.
func ParseDimension(name string) (Dimension, error) {
	if i := slices.Index(dimensionNames[:], name); i >= 0 {
		return Dimension(i), nil
	}
	return 0, fmt.Errorf("unknown dimension %q: one of %s", name, strings.Join(dimensionNames[:], ", "))
}

// Dims are an event's values of the dimensions; "" where it has none.
type Dims [Dimensions]string

// Kinds are the scope kinds that are computed: all, each dimension, and the configured crossings of dimensions.
// A crossing's name is its dimensions joined by "*" (store*source).
type Kinds struct {
	names []string
	parts [][]Dimension
}

// NewKinds makes the list of scope kinds; each crossing names two or more different dimensions.
func NewKinds(crossings [][]string) (*Kinds, error) {
	k := &Kinds{names: []string{"all"}, parts: [][]Dimension{nil}}
	for d := range Dimension(Dimensions) {
		k.names = append(k.names, d.String())
		k.parts = append(k.parts, []Dimension{d})
	}
	for _, c := range crossings {
		if len(c) < 2 {
			return nil, fmt.Errorf("crossing %v: names fewer than two dimensions", c)
		}
		var part []Dimension
		for _, name := range c {
			d, err := ParseDimension(name)
			if err != nil {
				return nil, fmt.Errorf("crossing %v: %w", c, err)
			}
			if slices.Contains(part, d) {
				return nil, fmt.Errorf("crossing %v: names %s twice", c, name)
			}
			part = append(part, d)
		}
		name := strings.Join(c, "*")
		if slices.Contains(k.names, name) {
			return nil, fmt.Errorf("crossing %v: given twice", c)
		}
		k.names, k.parts = append(k.names, name), append(k.parts, part)
	}
	return k, nil
}

// Names gives the scope kinds.
func (k *Kinds) Names() []string { return k.names }

// Crossings gives the names of the crossings, sorted: rows do not depend on their order.
func (k *Kinds) Crossings() []string { return slices.Sorted(slices.Values(k.names[1+Dimensions:])) }

// Parts gives the dimensions of a scope kind: none for all, several for a crossing.
func (k *Kinds) Parts(i int) []Dimension { return k.parts[i] }

var escapeID = strings.NewReplacer(`\`, `\\`, `*`, `\*`)

// scopeID gives the id of the scope of kind i that an event with these dims belongs to; ok is false when it lacks one
// of the dimensions. A crossing's id is the values joined by "*", with any "*" or "\" in a value escaped by "\".
func (k *Kinds) scopeID(i int, d *Dims) (id string, ok bool) {
	switch part := k.parts[i]; len(part) {
	case 0:
		return "", true
	case 1:
		return d[part[0]], d[part[0]] != ""
	default:
		ids := make([]string, len(part))
		for j, p := range part {
			if d[p] == "" {
				return "", false
			}
			ids[j] = escapeID.Replace(d[p])
		}
		return strings.Join(ids, "*"), true
	}
}
