package manual

import (
	"fmt"
	"strings"
)

// page builds a page in man's macros (groff_man(7)).
type page struct{ strings.Builder }

// newPage begins a page, without a date, so that a release always writes the same.
func newPage(name string, section int, version, about string) *page {
	p := &page{}
	fmt.Fprintf(p, ".\\\" Made by csatflow man.\n.TH %s %d \"\" \"csatflow %s\" \"csatflow\"\n.nh\n", strings.ToUpper(name), section, version)
	p.section("NAME")
	fmt.Fprintf(p, "%s \\- %s\n", escape(name), escape(about))
	return p
}

func (p *page) section(title string)    { fmt.Fprintf(p, ".SH %s\n", escape(title)) }
func (p *page) subsection(title string) { fmt.Fprintf(p, ".SS %s\n", escape(title)) }

// item writes a term, bold and rest, with its meaning.
func (p *page) item(bold, rest, meaning string) {
	fmt.Fprintf(p, ".TP\n\\fB%s\\fR%s\n%s\n", escape(bold), escape(rest), escape(meaning))
}

// text writes paragraphs; lines that begin with two blanks stay as they are.
func (p *page) text(text string) {
	shown := false
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		as := strings.HasPrefix(line, "  ")
		if as != shown {
			p.WriteString(map[bool]string{true: ".PP\n.in +4n\n.EX\n", false: ".EE\n.in\n"}[as])
			shown = as
		}
		switch {
		case as:
			p.WriteString(escape(strings.TrimPrefix(line, "  ")) + "\n")
		case line == "":
			p.WriteString(".PP\n")
		default:
			p.WriteString(escape(line) + "\n")
		}
	}
	if shown {
		p.WriteString(".EE\n.in\n")
	}
}

// escape escapes text for roff.
func escape(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`, "`", `\(ga`, "^", `\(ha`, "~", `\(ti`).Replace(text)
	if strings.HasPrefix(text, ".") {
		return `\&` + text
	}
	return text
}
