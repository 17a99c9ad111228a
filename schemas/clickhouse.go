package schemas

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"csatflow/schemas/service"
)

//go:embed clickhouse/views/*.tmpl
var clickhouse embed.FS

// Scope is a scope kind, and the SQL expression of its id over a table with a column for each dimension; its
// value is empty for a row that lacks a dimension.
type Scope struct{ Kind, Expr string }

// Model has the settings for which tables and views are made.
type Model struct {
	Database     string
	Zone         string // of days
	RawDays      int    // days for which events as received are kept
	RaterWeights map[string]float64
	Scopes       []Scope // of responses, "all" apart
	// ComplaintScopes are the scopes whose dimensions a complaint has.
	ComplaintScopes []Scope
	// PurchaseScopes are the scopes whose dimensions a purchase has.
	PurchaseScopes []Scope
	// NoPanes are the resolutions, seconds, in which a scope kind has no panes, by kind.
	NoPanes      map[string][]uint32
	Satisfaction Groups              // counters of satisfaction_panes
	Recovery     Groups              // counters of recovery_panes
	Names        map[string][]string // members of a scale, by the name of its column
	Company
}

// Company is what the owner has configured about the company, for the views of schemas/DOMAIN.md, sections 6 and 7.
type Company struct {
	DefaultMargin float64 // share of the amount, for purchases without a margin
	ReferralRate  float64 // value of customers won by one who recommends, as a share of that customer's own value
	Standards     []Standard
	Beliefs       map[string]float64 // by RATER dimension, 1 to 7
	GapCauses     []GapCause
	GreetTarget   float64 // seconds, of the standard for greeting
	MysteryVisits int     // the least number of mystery visits after which somebody is rewarded or visited again
	Burst         Burst
	AnswerSeconds int // within which a response answers an invitation
	// Buying is the part of the risk that the view computes; nil for none.
	Buying *Buying
}

// Burst says how many presses at a terminal within how long are no customers any more.
type Burst struct {
	Presses int // 0: none are looked for
	Within  time.Duration
}

// Before is how many presses of a burst may come before one of them.
func (b Burst) Before() int { return b.Presses - 1 }

// Milliseconds is the time of a burst.
func (b Burst) Milliseconds() int64 { return b.Within.Milliseconds() }

// Seconds is the time of a burst, rounded up.
func (b Burst) Seconds() int64 { return int64((b.Within + time.Second - 1) / time.Second) }

// Buying has the weights of what grows with time in the risk, and the parameters of silence (see customer.Buying). Without
// parameters R is 0.
type Buying struct {
	Recency, Frequency, Tenure, Silence float64
	R, Alpha, A, B, Horizon             float64
	P, Q, V                             float64   // of what a purchase is worth, see value.Spending
	Nodes, NodeWeights                  []float64 // see value.Rule
}

// Array returns numbers as SQL.
func (*Buying) Array(list []float64) string {
	text := make([]string, len(list))
	for i, x := range list {
		text[i] = strconv.FormatFloat(x, 'g', -1, 64)
	}
	return "[" + strings.Join(text, ", ") + "]"
}

// Standard is a row of the view standards.
type Standard struct {
	ID, Stage, Dimension, Part, Measure, Owner, English, Chinese string
	Since, Review                                                string // dates
	Target, Level                                                float64
	Faults                                                       int
}

// GapCause is a row of the view gap_causes.
type GapCause struct {
	Gap                                                           int
	GapID, GapEnglish, GapChinese, ID, English, Chinese, Evidence string
	Remedies                                                      []service.Text
}

// Groups are the groups of counters of a pane, in the order of their bits.
type Groups struct {
	Names []string
	Sizes []int
}

// Counters is the SQL of a group's counters in a row of the columns groups and counters; empty where the row lacks the group.
func (g *Groups) Counters(name string) (string, error) {
	i := slices.Index(g.Names, name)
	if i < 0 {
		return "", fmt.Errorf("no group of counters %q", name)
	}
	return slice(g.Sizes, i), nil
}

// slice is the SQL for group i of a row's counters. It begins after the groups before it that the row has; it is empty
// if the row lacks the group.
func slice(sizes []int, i int) string {
	from := "1"
	for before, size := range sizes[:i] {
		from += fmt.Sprintf(" + %d * bitTest(groups, %d)", size, before)
	}
	return fmt.Sprintf("arraySlice(counters, %s, %d * bitTest(groups, %d))", from, sizes[i], i)
}

// Migration is one step of making the views: a file and its statements.
type Migration struct {
	Name       string
	Statements []string
}

// Views returns the statements that make the views anew.
func (m *Model) Views() ([]Migration, error) { return m.render("clickhouse/views/*.tmpl") }

func (m *Model) render(pattern string) ([]Migration, error) {
	t := template.New("")
	functions := m.functions()
	functions["render"] = func(name string) (string, error) {
		var b strings.Builder
		err := t.ExecuteTemplate(&b, name, m)
		return b.String(), err
	}
	if _, err := t.Funcs(functions).ParseFS(clickhouse, pattern); err != nil {
		return nil, fmt.Errorf("reading %s: %w", pattern, err)
	}
	files, err := fs.Glob(clickhouse, pattern)
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	var list []Migration
	for _, f := range files {
		name := f[strings.LastIndexByte(f, '/')+1:]
		var b bytes.Buffer
		if err := t.ExecuteTemplate(&b, name, m); err != nil {
			return nil, fmt.Errorf("making %s: %w", f, err)
		}
		if s := Statements(b.String()); len(s) > 0 {
			list = append(list, Migration{Name: strings.SplitN(name, ".", 2)[0], Statements: s})
		}
	}
	return list, nil
}

func (m *Model) functions() template.FuncMap {
	return template.FuncMap{
		"db":                 func() string { return QuoteName(m.Database) },
		"zone":               func() string { return m.Zone },
		"scopes":             func() []Scope { return m.Scopes },
		"complaintScopes":    func() []Scope { return m.ComplaintScopes },
		"purchaseScopes":     func() []Scope { return m.PurchaseScopes },
		"hasPanes":           m.hasPanes,
		"satisfactionGroups": m.satisfactionGroups,
		"scaleCounts":        m.scaleCounts,
		"satisfactionSizes":  func() []int { return m.Satisfaction.Sizes },
		"recoveryGroups":     func() []string { return m.Recovery.Names },
		"recoverySizes":      func() []int { return m.Recovery.Sizes },
		"slice":              slice,
		"names":              func(column string) []string { return m.Names[column] },
		"raterWeight":        func(dimension string) float64 { return m.RaterWeights[dimension] },
		"list":               func(items ...any) []any { return items },
		"dict":               dict,
		"intervals":          intervals,
		"meanLevel":          meanLevel,
		"shareLevel":         shareLevel,
		"wilsonLevel":        wilsonLevel,
		"clusterLevel":       clusterLevel,
		"betaLevel":          betaLevel,
		"low":                low,
		"high":               high,
		"add":                func(a, b int) int { return a + b },
		"tallyN":             func(i int) int { return 2*i + 1 },
		"tallySum":           func(i int) int { return 2*i + 2 },
		"singular":           singular,
		"quote":              QuoteText,
		"students":           students,
		"belief":             func(dimension string) float64 { return m.Beliefs[dimension] },
	}
}

// scales are the groups of satisfaction panes that count answers in scales of their own, the last ones. Views of satisfaction leave them out.
var scales = []string{"nps", "ces", "stars"}

func (m *Model) satisfactionGroups() []string {
	return m.Satisfaction.Names[:len(m.Satisfaction.Names)-len(scales)]
}

// scaleCounts is the SQL of the counters of a scale in a satisfaction pane, from its lowest value on.
func (m *Model) scaleCounts(scale string) (string, error) {
	if !slices.Contains(scales, scale) || slices.Contains(m.satisfactionGroups(), scale) {
		return "", fmt.Errorf("%s is no scale of its own", scale)
	}
	return m.Satisfaction.Counters(scale)
}

// hasPanes is the SQL of whether a kind, the column scope_kind, has panes of a resolution.
func (m *Model) hasPanes(resolution string) string {
	var list []string
	for _, kind := range slices.Sorted(maps.Keys(m.NoPanes)) {
		for _, seconds := range m.NoPanes[kind] {
			list = append(list, fmt.Sprintf("(%d, %s)", seconds, QuoteText(kind)))
		}
	}
	if len(list) == 0 {
		return "true"
	}
	return fmt.Sprintf("(%s, toString(scope_kind)) NOT IN (%s)", resolution, strings.Join(list, ", "))
}

// students gives, as SQL, how many times wider than the normal one a 95 % interval's square is by Student's t with 1, 2 … 30 degrees of freedom.
func students() string {
	var b strings.Builder
	for df := range 30 {
		t := distuv.StudentsT{Sigma: 1, Nu: float64(df + 1)}.Quantile(.975) / distuv.UnitNormal.Quantile(.975)
		fmt.Fprintf(&b, ", %.6g", t*t)
	}
	return "[" + b.String()[2:] + "]"
}

// singular is what the columns of a scale begin with.
func singular(scale string) string {
	switch scale {
	case "factors", "facets":
		return strings.TrimSuffix(scale, "s")
	}
	return scale
}

func dict(pairs ...any) map[string]any {
	m := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	return m
}

// QuoteTexts quotes strings for ClickHouse, as the list of an IN.
func QuoteTexts(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = QuoteText(s)
	}
	return strings.Join(quoted, ", ")
}

// QuoteText quotes a string for ClickHouse.
func QuoteText(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'"
}

// QuoteName quotes an identifier for ClickHouse.
func QuoteName(name string) string {
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(name) + "`"
}
