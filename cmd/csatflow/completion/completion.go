// Package completion writes completion scripts for shells, from the commands and flags themselves. Start at [Script].
// Scripts are self-contained: they do not start the program.
package completion

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// Shells are the supported shells.
var Shells = []string{"bash", "zsh", "fish"}

// Script writes the script of a shell.
func Script(w io.Writer, shell string, app *kong.Application) error {
	root := commandOf(app.Node)
	root.name, root.path = app.Name, []string{app.Name}
	var b strings.Builder
	switch shell {
	case "bash":
		bash(&b, root)
	case "zsh":
		zsh(&b, root)
	case "fish":
		fish(&b, root)
	default:
		return fmt.Errorf("no completion for %q: one of %s", shell, strings.Join(Shells, ", "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// command is a command with everything that can follow it.
type command struct {
	name, help string
	path       []string // with the program's name
	below      []*command
	flags      []flag
	words      []string // possible arguments
	files      bool     // its arguments are files
	arguments  bool     // it has arguments
}

// flag is a flag with its possible values.
type flag struct {
	long, short, help string
	value             bool
	placeholder       string
	words             []string
	files             bool
}

// names returns the ways to write a flag.
func (f *flag) names() []string {
	if f.short == "" {
		return []string{"--" + f.long}
	}
	return []string{"--" + f.long, "-" + f.short}
}

func commandOf(n *kong.Node) *command {
	c := &command{name: n.Name, help: firstSentence(n.Help)}
	for _, group := range n.AllFlags(true) {
		for _, f := range group {
			c.flags = append(c.flags, flagOf(f))
		}
	}
	for _, arg := range n.Positional {
		c.arguments = true
		c.words = append(c.words, choices(arg)...)
		c.files = c.files || strings.EqualFold(arg.Name, "file")
	}
	for _, child := range n.Children {
		if child.Hidden {
			continue
		}
		c.below = append(c.below, commandOf(child))
	}
	return c
}

func flagOf(f *kong.Flag) flag {
	made := flag{long: f.Name, help: firstSentence(f.Help), value: !f.IsBool() && !f.IsCounter(), placeholder: f.FormatPlaceHolder(), words: choices(f.Value)}
	if f.Short != 0 {
		made.short = string(f.Short)
	}
	made.files = f.PlaceHolder == "FILE" || f.PlaceHolder == "DIR"
	return made
}

// choices are the values of an enumeration, without the empty one.
func choices(v *kong.Value) (list []string) {
	if v.Enum == "" {
		return nil
	}
	for word := range strings.SplitSeq(v.Enum, ",") {
		if word = strings.TrimSpace(word); word != "" {
			list = append(list, word)
		}
	}
	return list
}

// all returns a command and those below it, each with its path.
func (c *command) all() []*command {
	list := []*command{c}
	for _, b := range c.below {
		b.path = append(c.path[:len(c.path):len(c.path)], b.name)
		list = append(list, b.all()...)
	}
	return list
}

// firstSentence is short enough to stand beside a name.
func firstSentence(text string) string {
	if i := strings.Index(text, ". "); i >= 0 {
		text = text[:i]
	}
	if i := strings.Index(text, "; "); i >= 0 {
		text = text[:i]
	}
	return strings.TrimSuffix(text, ".")
}
