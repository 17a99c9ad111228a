package intake

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Scale is a table from a scale that people use, whole numbers, to the seven grades.
type Scale map[int]int

// Scales are scales by name.
type Scales map[string]Scale

// DefaultScales are the tables of this release. Both ends are the ends of the seven grades, and the middle of an odd scale is grade 4.
// Whom each scale's own measure calls satisfied has grade 6 or 7, as the satisfied share counts them: 4 and 5 stars, 9 and 10 of the
// recommendation (promoters); whom it calls a detractor, 0 to 6, has grade 3 or less. The four faces are evenly spaced.
func DefaultScales() Scales {
	return Scales{
		"stars":   {1: 1, 2: 2, 3: 4, 4: 6, 5: 7},
		"nps":     {0: 1, 1: 1, 2: 2, 3: 2, 4: 3, 5: 3, 6: 3, 7: 4, 8: 5, 9: 6, 10: 7},
		"smileys": {1: 1, 2: 3, 3: 5, 4: 7},
	}
}

// With returns the scales with others in place of those of the same name.
func (s Scales) With(others Scales) Scales {
	all := maps.Clone(s)
	maps.Copy(all, others)
	return all
}

// Check returns what is wrong with the tables.
func (s Scales) Check(key string) (errs []error) {
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if !IsName(name) {
			errs = append(errs, fmt.Errorf("%s.%s: a scale's name has 1 to 64 small letters, digits, _ and -", key, name))
		}
		if len(s[name]) == 0 {
			errs = append(errs, fmt.Errorf("%s.%s: must be a table from values to grades, like {1: 1, 2: 4, 3: 7}", key, name))
		}
		for _, v := range slices.Sorted(maps.Keys(s[name])) {
			if g := s[name][v]; g < 1 || g > 7 {
				errs = append(errs, fmt.Errorf("%s.%s.%d: must be a grade, 1 to 7, is %d", key, name, v, g))
			}
		}
	}
	return errs
}

// UnmarshalYAML implements [yaml.Unmarshaler].
func (s *Scales) UnmarshalYAML(n *yaml.Node) error {
	var read map[string]map[int]int
	if err := n.Decode(&read); err != nil {
		return fmt.Errorf("must be tables from whole numbers to grades by name, like {stars: {1: 1, 2: 2, 3: 4, 4: 6, 5: 7}}: %w", err)
	}
	*s = Scales{}
	for name, table := range read {
		(*s)[name] = table
	}
	return nil
}

// names are the names of the scales, sorted.
func (s Scales) names() []string { return slices.Sorted(maps.Keys(s)) }

// grade returns the grade of an answer: a number, or a text of one.
func (s Scales) grade(name string, answer any) (int, error) {
	table, found := s[name]
	if !found {
		return 0, fmt.Errorf("no scale %q: there are %s (intake.scales declares more)", name, strings.Join(s.names(), ", "))
	}
	n, ok := whole(answer)
	if !ok {
		return 0, fmt.Errorf("%s: %v is no whole number", name, shown(answer))
	}
	g, found := table[n]
	if !found {
		var has []string
		for _, v := range slices.Sorted(maps.Keys(table)) {
			has = append(has, strconv.Itoa(v))
		}
		return 0, fmt.Errorf("%d is not on the scale %s, which has %s (intake.scales.%s)", n, name, strings.Join(has, ", "), name)
	}
	return g, nil
}

// whole returns a whole number, also of a text.
func whole(v any) (int, bool) {
	switch v := v.(type) {
	case int64:
		return int(v), true
	case uint64:
		return int(v), v <= math.MaxInt32
	case float64:
		return int(v), v == math.Trunc(v) && math.Abs(v) <= math.MaxInt32
	case string:
		n, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
		return int(n), err == nil && n == math.Trunc(n) && math.Abs(n) <= math.MaxInt32
	}
	return 0, false
}

// shown is a value for a message, clipped.
func shown(v any) string {
	text := fmt.Sprint(v)
	if s, is := v.(string); is {
		text = strconv.Quote(s)
	}
	return clip(text)
}

// clip shortens a text for a message.
func clip(text string) string {
	const most = 200
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
