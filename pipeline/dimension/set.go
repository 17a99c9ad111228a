package dimension

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Own is a dimension as an owner declares it: an attribute of the events.
type Own struct {
	Name  string // of the attribute, and of the kind of scope
	Label Label  // if empty, the name
	// Topics that have it, out of responses and complaints; both when empty.
	Topics []string
}

// MostOwn is how many dimensions an owner may declare.
const MostOwn = 16

// Set is the dimensions of one configuration: the built-in ones, then the owner's. It never changes.
type Set struct{ list []Dimension }

// Usual returns the set of the built-in dimensions alone.
func Usual() *Set { return &Set{slices.Clone(builtin[:])} }

var names = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// taken are names of scope kinds and parameters that are not dimensions.
var taken = []string{All, "customer", "brand", "survey", "category", "asked_channel", "asked_occasion"}

// NewSet adds an owner's dimensions to the built-in ones. Its error lists everything that is wrong with them.
func NewSet(own []Own) (*Set, error) {
	s := Usual()
	var errs []error
	if len(own) > MostOwn {
		errs = append(errs, fmt.Errorf("%d dimensions, at most %d", len(own), MostOwn))
	}
	for i, o := range own {
		d, err := o.dimension(s)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		d.declared = i
		s.list = append(s.list, d)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	slices.SortFunc(s.list[Builtin:], func(a, b Dimension) int { return cmp.Compare(a.Name, b.Name) })
	return s, nil
}

func (o *Own) dimension(s *Set) (Dimension, error) {
	d := Dimension{Name: o.Name, Label: o.Label, Column: "attributes['" + o.Name + "']", Rank: rankOfOwn, Watched: true, Own: true}
	switch {
	case !names.MatchString(o.Name):
		return d, fmt.Errorf("name %q: small letters, digits and _, a letter first, at most 40", o.Name)
	case slices.Contains(taken, o.Name), slices.Contains(s.Names(), o.Name), slices.ContainsFunc(s.list, func(d Dimension) bool { return d.Column == o.Name }):
		return d, fmt.Errorf("name %q is taken: choose another name, also for the attribute in events", o.Name)
	}
	d.Label.En = cmp.Or(d.Label.En, o.Name)
	d.Label.Zh = cmp.Or(d.Label.Zh, d.Label.En)
	d.Topics = Topics{Responses: len(o.Topics) == 0, Complaints: len(o.Topics) == 0}
	for _, topic := range o.Topics {
		switch topic {
		case "responses":
			d.Topics.Responses = true
		case "complaints":
			d.Topics.Complaints = true
		default:
			return d, fmt.Errorf("%s: topic %q: one of responses, complaints", o.Name, topic)
		}
	}
	return d, nil
}

// All returns the dimensions, read-only.
func (s *Set) All() []Dimension { return s.list }

// Own returns those that the owner declared, sorted by name: stored histories keep values by index in it, which must
// not depend on the order in the configuration.
func (s *Set) Own() []Dimension { return s.list[Builtin:] }

// Names returns the names of all, in order.
func (s *Set) Names() []string { return s.namesOf(func(*Dimension) bool { return true }) }

// Watched returns the scope kinds in which falls are looked for unless the configuration says otherwise.
func (s *Set) Watched() []string {
	return append([]string{All}, s.namesOf(func(d *Dimension) bool { return d.Watched })...)
}

// OfResponses returns the names of those that responses have, the narrowest first.
func (s *Set) OfResponses() []string {
	return s.byRank(func(d *Dimension) bool { return d.Topics.Responses })
}

// DrillDown returns the dimensions that responses have, in the order of a search for where something happened: places
// from the widest, then what runs through them.
func (s *Set) DrillDown() []Dimension {
	list := slices.DeleteFunc(slices.Clone(s.list), func(d Dimension) bool { return !d.Topics.Responses })
	order := func(d Dimension) int {
		if d.Level > 0 {
			return d.Level
		}
		return rankOfAll + d.Rank
	}
	slices.SortStableFunc(list, func(a, b Dimension) int {
		return cmp.Or(cmp.Compare(order(a), order(b)), cmp.Compare(a.declared, b.declared))
	})
	return list
}

func (s *Set) byRank(which func(*Dimension) bool) []string {
	sorted := &Set{slices.SortedStableFunc(slices.Values(s.list), func(a, b Dimension) int {
		return cmp.Or(cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.declared, b.declared))
	})}
	return sorted.namesOf(which)
}

func (s *Set) namesOf(which func(*Dimension) bool) (list []string) {
	for i := range s.list {
		if which(&s.list[i]) {
			list = append(list, s.list[i].Name)
		}
	}
	return list
}

// Find returns the index in [Set.All] of a name. Its error suggests the nearest name.
func (s *Set) Find(name string) (int, error) {
	i := s.index(name)
	if i < 0 {
		return 0, Unknown("dimension", name, s.Names())
	}
	return i, nil
}

// Of returns the dimension of a name, nil if there is none.
func (s *Set) Of(name string) *Dimension {
	if i := s.index(name); i >= 0 {
		return &s.list[i]
	}
	return nil
}

func (s *Set) index(name string) int {
	return slices.IndexFunc(s.list, func(d Dimension) bool { return d.Name == name })
}

// Rank orders scope kinds: crossings first, then dimensions, the narrowest first, and All last.
func (s *Set) Rank(kind string) int {
	if kind == All {
		return rankOfAll
	}
	if d := s.Of(kind); d != nil {
		return d.Rank
	}
	return 0
}

const rankOfAll = 100

// Text lists the owner's dimensions in one canonical line: "till (responses, complaints)".
func (s *Set) Text() string {
	var list []string
	for _, d := range s.Own() {
		var topics []string
		if d.Topics.Responses {
			topics = append(topics, "responses")
		}
		if d.Topics.Complaints {
			topics = append(topics, "complaints")
		}
		list = append(list, fmt.Sprintf("%s (%s)", d.Name, strings.Join(topics, ", ")))
	}
	return strings.Join(list, ", ")
}
