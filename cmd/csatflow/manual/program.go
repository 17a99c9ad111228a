// Package manual writes manual pages: csatflow(1) from the commands and their flags, csatflow.yaml(5) from the keys of the
// configuration. Start at [Program] and [Configuration].
package manual

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

// Program writes csatflow(1).
func Program(w io.Writer, app *kong.Application, version string) error {
	p := newPage(app.Name, 1, version, strings.TrimSuffix(app.Help, "."))
	p.section("SYNOPSIS")
	fmt.Fprintf(p, "\\fB%s\\fR COMMAND [\\fIflags\\fR]\n", escape(app.Name))
	p.section("COMMANDS")
	for _, n := range app.Children {
		if !n.Hidden {
			command(p, n, app.Name)
		}
	}
	p.section("FLAGS OF ALL COMMANDS")
	for _, f := range app.Flags {
		flag(p, f)
	}
	p.section("EXIT STATUS")
	for _, code := range [][2]string{{"0", "It is done."}, {"1", "The answer is no."}, {"2", "The command line or the configuration is wrong; the error names the remedy."}, {"3", "A server cannot be reached."}} {
		p.item(code[0], "", code[1])
	}
	p.section("ENVIRONMENT")
	p.item("CSATFLOW_CONFIG", "", "The configuration file, unless --config names one.")
	p.item("CSATFLOW_", "KEY", "Each key of the configuration, like CSATFLOW_KAFKA_BROKERS: csatflow.yaml(5).")
	p.section("SEE ALSO")
	p.text("csatflow.yaml(5)")
	_, err := io.WriteString(w, p.String())
	return err
}

// command writes a command, and those below it.
func command(p *page, n *kong.Node, before string) {
	name := before + " " + n.Name
	title := name
	for _, arg := range n.Positional {
		title += " " + arg.Summary()
	}
	p.subsection(title)
	p.text(n.Help)
	for _, arg := range n.Positional {
		if arg.Help != "" {
			p.item(arg.Summary(), "", arg.Help)
		}
	}
	for _, f := range n.Flags {
		flag(p, f)
	}
	if n.Detail != "" {
		p.WriteString(".PP\n")
		p.text(n.Detail)
	}
	for _, child := range n.Children {
		if !child.Hidden {
			command(p, child, name)
		}
	}
}

func flag(p *page, f *kong.Flag) {
	if f.Hidden {
		return
	}
	name := "--" + f.Name
	if f.Short != 0 {
		name = "-" + string(f.Short) + ", " + name
	}
	value := ""
	if !f.IsBool() && !f.IsCounter() {
		value = "=" + f.FormatPlaceHolder()
	}
	help := f.Help
	for _, env := range f.Envs {
		help += " Default: that of " + env + "."
	}
	p.item(name, value, help)
}
