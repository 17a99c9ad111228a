package document

import (
	"bytes"
	_ "embed"
	"fmt"
	htmltemplate "html/template"
	"io"
	"math"
	"strings"
	"text/template"
	"time"

	"csatflow/schemas/catalogue"
	"csatflow/sinks/insight/detect"
	"csatflow/sinks/insight/explain"
	"csatflow/sinks/insight/report"
)

//go:embed report.html.tmpl
var htmlText string

//go:embed report.md.tmpl
var markdownText string

// HTML writes the report as one self-contained page that prints well.
func (r *Document) HTML(w io.Writer) error {
	hourly, err := r.hourlyChart()
	if err != nil {
		return err
	}
	matrix, err := r.matrixChart()
	if err != nil {
		return err
	}
	t, err := htmltemplate.New("report").Funcs(r.functions()).Funcs(map[string]any{
		"hourlyChart": func() htmltemplate.HTML { return htmltemplate.HTML(hourly) }, //nolint:gosec // drawn here; the encoder escapes names
		"matrixChart": func() htmltemplate.HTML { return htmltemplate.HTML(matrix) }, //nolint:gosec // likewise
	}).Parse(htmlText)
	if err != nil {
		return fmt.Errorf("reading the page of the report: %w", err)
	}
	return t.Execute(w, r)
}

// Markdown writes the report as Markdown, without charts.
func (r *Document) Markdown(w io.Writer) error {
	t, err := template.New("report").Funcs(r.functions()).Funcs(template.FuncMap{"md": escapeMarkdown}).Parse(markdownText)
	if err != nil {
		return fmt.Errorf("reading the text of the report: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, r); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

// escapeMarkdown escapes names so that they are not markup.
func escapeMarkdown(s string) string {
	return strings.NewReplacer("|", "\\|", "*", "\\*", "_", "\\_", "`", "\\`", "<", "&lt;", "\n", " ").Replace(s)
}

func (r *Document) functions() map[string]any {
	return map[string]any{
		"say":   r.say,
		"label": r.label,
		"name":  r.name,
		"time":  func(t time.Time) string { return t.In(r.zone()).Format("2006-01-02 15:04 MST") },
		"index": func(mean float64) string { return fmt.Sprintf("%.1f", (mean-1)/6*100) },
		"grade": func(v float64) string { return fmt.Sprintf("%.2f", v) },
		"mean": func(c detect.Cell) string {
			if c.N == 0 {
				return "–"
			}
			return fmt.Sprintf("%.2f", c.Mean())
		},
		"add":   func(v, err float64) string { return fmt.Sprintf("%+.2f ± %.2f", -v, err) },
		"three": func(v float64) string { return fmt.Sprintf("%.3f", v) },
		"one":   func(v float64) string { return fmt.Sprintf("%.1f", v) },
		"whole": func(v float64) string { return fmt.Sprintf("%.0f", v) },
		"percent": func(v float64) string {
			return fmt.Sprintf("%.0f %%", 100*v)
		},
		"score": func(measure string, s report.Score) string {
			if s.Answers == 0 {
				return "–"
			}
			return inScale(measure, s.Value)
		},
		"ends": func(measure string, s report.Score) string {
			if s.Answers == 0 || math.IsNaN(s.Low) {
				return "–"
			}
			return inScale(measure, s.Low) + " " + r.say("and") + " " + inScale(measure, s.High)
		},
		"small": func(p float64) string {
			if p < 0.0001 {
				return "< 0.0001"
			}
			return fmt.Sprintf("%.2g", p)
		},
		"now":        func(c explain.Cause) string { return causeValue(c, c.Now) },
		"was":        func(c explain.Cause) string { return causeValue(c, c.Was) },
		"low":        func(f *detect.PastFall) float64 { return f.Drop - 1.959963984540054*f.Error },
		"high":       func(f *detect.PastFall) float64 { return f.Drop + 1.959963984540054*f.Error },
		"text":       func(t catalogue.Text) string { return t.In(r.language()) },
		"latentName": r.latentName,
		"lang": func() string {
			if r.Chinese {
				return "zh"
			}
			return "en"
		},
	}
}

// inScale writes a value of a measure of a scale of its own.
func inScale(measure string, v float64) string {
	switch measure {
	case "nps":
		return fmt.Sprintf("%+.1f", v)
	case "stars_top_share":
		return fmt.Sprintf("%.1f %%", 100*v)
	}
	return fmt.Sprintf("%.2f", v)
}

func causeValue(c explain.Cause, v float64) string {
	switch c.Scale {
	case "emotion":
		return fmt.Sprintf("%.0f %%", 100*v)
	case "category":
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

func (r *Document) zone() *time.Location {
	if r.Zone == nil {
		return time.UTC
	}
	return r.Zone
}

func (r *Document) language() catalogue.Language {
	if r.Chinese {
		return catalogue.Chinese
	}
	return catalogue.English
}

// label returns the catalogue's label of a member of a scale; if it has none, as for a department of the company, the id.
func (r *Document) label(scale, id string) string {
	if d := r.Dimensions.Of(id); scale == "scope_kind" && d != nil && d.Own {
		if r.Chinese {
			return d.Label.Zh
		}
		return d.Label.En
	}
	if l, ok := r.Words.Label(scale, id); ok {
		if r.Chinese {
			return l.Zh
		}
		return l.En
	}
	if l, err := catalogue.MustLoad().Label(scale, id, r.language()); err == nil {
		return l
	}
	return strings.ReplaceAll(id, "_", " ")
}

// name returns the catalogue's label of a measure or a scale.
func (r *Document) name(id string) string {
	if n, err := catalogue.MustLoad().Name(id, r.language()); err == nil {
		return n
	}
	return strings.ReplaceAll(id, "_", " ")
}

func (r *Document) latentName(id string) string {
	for _, l := range r.model.Latents {
		if l.ID == id {
			return l.Label.In(r.language())
		}
	}
	return id
}
