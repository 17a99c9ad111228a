package dimension

import (
	"fmt"
	"strings"

	"github.com/hbollon/go-edlib"
)

// Unknown returns the error for an unknown name: it suggests the nearest, and lists the known ones.
func Unknown(what, name string, known []string) error {
	if len(known) == 0 {
		return fmt.Errorf("no %s %q: there are none", what, name)
	}
	return fmt.Errorf("no %s %q: did you mean %q? There are %s", what, name, Nearest(name, known), strings.Join(known, ", "))
}

// Nearest returns the known name that a name is likely to be meant for: the shortest that it begins, else the one with the smallest edit
// distance; of several, the first.
func Nearest(name string, known []string) string {
	best, closest := "", 1<<30
	for _, k := range known {
		if len(name) > 2 && strings.HasPrefix(k, name) && len(k) < closest {
			best, closest = k, len(k)
		}
	}
	if best != "" {
		return best
	}
	for _, k := range known {
		if d := edlib.DamerauLevenshteinDistance(name, k); d < closest {
			best, closest = k, d
		}
	}
	return best
}
