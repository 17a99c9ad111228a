package completion

import (
	"fmt"
	"strings"
)

// fish writes a line for each command and flag, with the condition that their command was typed.
func fish(b *strings.Builder, root *command) {
	name := root.name
	fmt.Fprintf(b, "# Completion of %[1]s for fish: %[1]s completion fish | source\ncomplete -c %[1]s -f\n", name)
	for _, c := range root.all() {
		condition := quotedFish(fishCondition(c))
		for _, child := range c.below {
			fmt.Fprintf(b, "complete -c %s -n %s -a %s -d %s\n", name, condition, child.name, quotedFish(child.help))
		}
		for _, f := range c.flags {
			fmt.Fprintf(b, "complete -c %s -n %s -l %s", name, condition, f.long)
			if f.short != "" {
				fmt.Fprintf(b, " -s %s", f.short)
			}
			switch {
			case f.files:
				b.WriteString(" -r -F")
			case len(f.words) > 0:
				fmt.Fprintf(b, " -x -a %s", quotedFish(strings.Join(f.words, " ")))
			case f.value:
				b.WriteString(" -x")
			}
			fmt.Fprintf(b, " -d %s\n", quotedFish(f.help))
		}
		switch {
		case len(c.words) > 0:
			fmt.Fprintf(b, "complete -c %s -n %s -a %s\n", name, condition, quotedFish(strings.Join(c.words, " ")))
		case c.files:
			fmt.Fprintf(b, "complete -c %s -n %s -F\n", name, condition)
		}
	}
}

// fishCondition is the condition that a command was typed, and none below it.
func fishCondition(c *command) string {
	if len(c.path) == 1 {
		return "__fish_use_subcommand"
	}
	var words []string
	for _, word := range c.path[1:] {
		words = append(words, "__fish_seen_subcommand_from "+word)
	}
	if len(c.below) > 0 {
		var below []string
		for _, child := range c.below {
			below = append(below, child.name)
		}
		words = append(words, "not __fish_seen_subcommand_from "+strings.Join(below, " "))
	}
	return strings.Join(words, "; and ")
}

func quotedFish(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(text) + "'"
}
