package completion

import (
	"fmt"
	"strings"
)

// bash writes a function that finds the command among the words typed, and completes what can follow.
func bash(b *strings.Builder, root *command) {
	name := root.name
	fmt.Fprintf(b, `# Completion of %[1]s for bash: source <(%[1]s completion bash)
_%[1]s() {
    local cur=${COMP_WORDS[COMP_CWORD]} flag=${COMP_WORDS[COMP_CWORD-1]} path=%[1]s word i
    # --flag=value is three words
    if [[ $cur == = ]]; then cur=; elif [[ $flag == = && COMP_CWORD -ge 2 ]]; then flag=${COMP_WORDS[COMP_CWORD-2]}; fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        case "$path $word" in
`, name)
	var paths []string
	for _, c := range root.all()[1:] {
		paths = append(paths, quoted(strings.Join(c.path, " ")))
	}
	fmt.Fprintf(b, "        %s) path=\"$path $word\" ;;\n        esac\n    done\n    COMPREPLY=()\n    case \"$path $flag\" in\n", strings.Join(paths, "|"))
	for _, c := range root.all() {
		for _, f := range c.flags {
			if !f.value {
				continue
			}
			var patterns []string
			for _, n := range f.names() {
				patterns = append(patterns, quoted(strings.Join(c.path, " ")+" "+n))
			}
			reply := ":"
			switch {
			case f.files:
				reply = `compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur")`
			case len(f.words) > 0:
				reply = fmt.Sprintf(`mapfile -t COMPREPLY < <(compgen -W %s -- "$cur")`, quoted(strings.Join(f.words, " ")))
			}
			fmt.Fprintf(b, "    %s) %s; return ;;\n", strings.Join(patterns, "|"), reply)
		}
	}
	b.WriteString("    esac\n    case \"$path\" in\n")
	for _, c := range root.all() {
		var flags, words []string
		for _, f := range c.flags {
			flags = append(flags, "--"+f.long)
		}
		for _, child := range c.below {
			words = append(words, child.name)
		}
		words = append(words, c.words...)
		fmt.Fprintf(b, "    %s)\n        if [[ $cur == -* ]]; then mapfile -t COMPREPLY < <(compgen -W %s -- \"$cur\")\n", quoted(strings.Join(c.path, " ")), quoted(strings.Join(flags, " ")))
		switch {
		case len(words) > 0:
			fmt.Fprintf(b, "        else mapfile -t COMPREPLY < <(compgen -W %s -- \"$cur\")\n", quoted(strings.Join(words, " ")))
		case c.files:
			b.WriteString("        else compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n")
		}
		b.WriteString("        fi ;;\n")
	}
	fmt.Fprintf(b, "    esac\n}\ncomplete -F _%s %s\n", name, name)
}

// quoted is a word of a shell.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
