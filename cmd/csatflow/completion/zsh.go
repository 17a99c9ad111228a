package completion

import (
	"fmt"
	"strings"
)

// zsh writes a function for each command.
func zsh(b *strings.Builder, root *command) {
	name := root.name
	fmt.Fprintf(b, "#compdef %[1]s\n# Completion of %[1]s for zsh: source <(%[1]s completion zsh), or a file _%[1]s in a folder of fpath.\n", name)
	for _, c := range root.all() {
		fmt.Fprintf(b, "%s() {\n", zshName(c))
		if len(c.below) > 0 {
			b.WriteString("    local line state\n")
		}
		b.WriteString("    _arguments -s -S")
		if len(c.below) > 0 {
			b.WriteString(" -C")
		}
		for _, f := range c.flags {
			for _, n := range f.names() {
				fmt.Fprintf(b, " \\\n        %s", quoted(zshFlag(&f, n)))
			}
		}
		switch {
		case len(c.below) > 0:
			var names []string
			for _, child := range c.below {
				names = append(names, fmt.Sprintf(`%s\:%s`, child.name, zshDescribed(child.help)))
			}
			fmt.Fprintf(b, " \\\n        %s \\\n        '*::argument:->below'\n", quoted("1:command:(("+strings.Join(names, " ")+"))"))
			b.WriteString("    case $state in\n    below) case $line[1] in\n")
			for _, child := range c.below {
				fmt.Fprintf(b, "        %s) %s ;;\n", child.name, zshName(child))
			}
			b.WriteString("        esac ;;\n    esac\n")
		case len(c.words) > 0:
			fmt.Fprintf(b, " \\\n        %s\n", quoted("*:argument:("+strings.Join(c.words, " ")+")"))
		case c.files:
			b.WriteString(" \\\n        '*:file:_files'\n")
		case c.arguments:
			b.WriteString(" \\\n        '*:argument: '\n")
		default:
			b.WriteString("\n")
		}
		b.WriteString("}\n")
	}
	fmt.Fprintf(b, "if [ \"$funcstack[1]\" = _%[1]s ]; then _%[1]s; else compdef _%[1]s %[1]s; fi\n", name)
}

func zshName(c *command) string { return "_" + strings.ReplaceAll(strings.Join(c.path, "_"), "-", "_") }

// zshFlag is a flag for _arguments: --config=[what it is]:FILE:_files.
func zshFlag(f *flag, name string) string {
	help := strings.NewReplacer("[", `\[`, "]", `\]`, ":", `\:`).Replace(f.help)
	if !f.value {
		return name + "[" + help + "]"
	}
	if strings.HasPrefix(name, "--") {
		name += "="
	}
	action := " "
	switch {
	case f.files:
		action = "_files"
	case len(f.words) > 0:
		action = "(" + strings.Join(f.words, " ") + ")"
	}
	return fmt.Sprintf("%s[%s]:%s:%s", name, help, strings.ReplaceAll(f.placeholder, ":", `\:`), action)
}

// zshDescribed quotes a description for a list of words.
func zshDescribed(text string) string {
	return `"` + strings.NewReplacer(`"`, `\"`, ":", `\:`, "(", `\(`, ")", `\)`, "`", "\\`", "$", `\$`).Replace(text) + `"`
}
