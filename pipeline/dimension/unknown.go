package dimension

import (
	"fmt"
	"strings"

	"github.com/hbollon/go-edlib"
)

// Unknown says that a name is none of those that there are, and which of them is nearest.
func Unknown(what, name string, known []string) error {
	return fmt.Errorf("no %s %q: did you mean %q? There are %s", what, name, Nearest(name, known), strings.Join(known, ", "))
}

// Nearest gives the one of some names that takes the fewest changes of letters to become name; the first of several.
func Nearest(name string, known []string) string {
	best, closest := "", 1<<30
	for _, k := range known {
		if d := edlib.DamerauLevenshteinDistance(name, k); d < closest {
			best, closest = k, d
		}
	}
	return best
}
