package catalogue

import (
	"fmt"
	"strconv"
	"strings"
)

// sections are the titles of the reference by a measure's section number.
var sections = map[int]Text{
	3: {"Satisfaction", "满意度"}, 4: {"Recovery", "服务补救"}, 5: {"Churn risk", "流失风险"}, 6: {"Customer value", "顾客价值"},
	7: {"Standards, six sigma, gaps, benchmark", "服务标准、六西格玛、差距与标杆"}, 8: {"Satisfaction index and improvements", "满意度指数与改进"},
}

// Reference returns the text of schemas/MEASURES.md.
func (c *Catalogue) Reference() string {
	var b strings.Builder
	b.WriteString(`<!-- Made from schemas/catalogue/*.yaml by "go generate ./schemas/catalogue". Change those, not this. -->

# Scales and measures

All that the product computes, with the English and the Chinese name of each. S0 to S4 are five teaching texts on service
quality: S0 service-quality management, S1 total customer satisfaction, S2 improving service quality, S3 satisfaction
management in mobile commerce, S4 customer service basics.

- [Measures](#measures): formula, unit, range, and the columns where each is found
- [Views](#views): the columns that say what a row is about
- [Scales](#scales): the values of answers, categories and states

## Measures
`)
	for n := 3; n <= 8; n++ {
		fmt.Fprintf(&b, "\n### %s · %s\n\n| Measure | Label | 名称 | Formula | Unit | Range | Better | Source | Found in |\n|---|---|---|---|---|---|---|---|---|\n", sections[n].English, sections[n].Chinese)
		for i := range c.measures {
			if m := &c.measures[i]; m.Section == n {
				row(&b, "`"+m.ID+"`", m.Label.English, m.Label.Chinese, m.Formula, c.unit(m), m.Range.written(), string(m.Better), m.Source, places(m))
			}
		}
	}
	c.writeViews(&b)
	c.writeScales(&b)
	return b.String()
}

func (c *Catalogue) writeViews(b *strings.Builder) {
	b.WriteString("\n## Views\n\n| View | Label | 名称 | A row is about | Called with |\n|---|---|---|---|---|\n")
	for i := range c.views {
		v := &c.views[i]
		called := ""
		if v.Parameters != "" {
			called = "`" + v.ID + "(" + v.Parameters + ")`"
		}
		row(b, "`"+v.ID+"`", v.Label.English, v.Label.Chinese, "`"+strings.Join(v.Keys, "` `")+"`", called)
	}
	b.WriteString("\nColumns that are not of one measure:\n\n| Column | Label | 名称 | Scale |\n|---|---|---|---|\n")
	for i := range c.columns {
		x := &c.columns[i]
		row(b, "`"+x.ID+"`", x.Label.English, x.Label.Chinese, link(x.Scale))
	}
}

func (c *Catalogue) writeScales(b *strings.Builder) {
	b.WriteString("\n## Scales\n")
	for i := range c.scales {
		s := &c.scales[i]
		fmt.Fprintf(b, "\n### %s\n\n%s · %s. Source: %s.", s.ID, s.Label.English, s.Label.Chinese, s.Source)
		switch {
		case s.Answers == nil:
		case len(s.Values) == 0 || s.numbered():
			fmt.Fprintf(b, " Answered by a whole number, %s.", s.Answers.written())
		default:
			fmt.Fprintf(b, " Each is answered by a whole number, %s.", s.Answers.written())
		}
		b.WriteString("\n")
		if len(s.Values) > 0 {
			b.WriteString("\n| Value | Label | 名称 | Meaning | 含义 |\n|---|---|---|---|---|\n")
		}
		for j := range s.Values {
			v := &s.Values[j]
			id := "`" + v.ID + "`"
			if v.Name != "" {
				id += " `" + v.Name + "`"
			}
			meaning := v.Meaning
			if v.Group == "sin" {
				meaning = Text{"One of the seven sins of service", "服务七宗罪之一"}
			}
			if v.Share != nil && meaning == (Text{}) {
				share := number(*v.Share*100) + " %"
				meaning = Text{"Usual share " + share, "通常占 " + share}
			}
			row(b, id, v.Label.English, v.Label.Chinese, meaning.English, meaning.Chinese)
		}
	}
}

// numbered reports whether the values are the numbers of the answers.
func (s *Scale) numbered() bool {
	_, err := strconv.Atoi(s.Values[0].ID)
	return err == nil
}

func (c *Catalogue) unit(m *Measure) string {
	if m.Scale != "" {
		return link(m.Scale)
	}
	v, err := c.Value("unit", m.Unit)
	if err != nil {
		panic(err) // the units were checked at load
	}
	return v.Label.English
}

func link(scale string) string {
	if scale == "" {
		return ""
	}
	return "[" + scale + "](#" + scale + ")"
}

func places(m *Measure) string {
	list := make([]string, len(m.Found))
	for i, p := range m.Found {
		list[i] = "`" + p.View + "." + p.Column + "`"
	}
	return strings.Join(list, " ")
}

func (b *Bounds) written() string {
	switch {
	case b == nil:
		return ""
	case b.From == nil && b.To == nil:
		return "any"
	case b.To == nil:
		return "from " + number(*b.From)
	case b.From == nil:
		return "to " + number(*b.To)
	}
	return number(*b.From) + " to " + number(*b.To)
}

func number(v float64) string {
	return strings.Replace(strconv.FormatFloat(v, 'f', -1, 64), "-", "−", 1)
}

// row writes a row of a table. It escapes bars, which would end a cell.
func row(b *strings.Builder, cells ...string) {
	for _, cell := range cells {
		b.WriteString("| " + strings.ReplaceAll(cell, "|", `\|`) + " ")
	}
	b.WriteString("|\n")
}
