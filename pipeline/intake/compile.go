package intake

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"

	"csatflow/pipeline/dimension"
	"csatflow/pipeline/event"
	"csatflow/schemas/feeds"
	"csatflow/schemas/readyfeeds"
)

// Options are what expressions use.
type Options struct {
	Scales  Scales
	Lookups *Lookups
	HashKey []byte // of hash; nil for none
	// Placed are the feeds that map messages of topics: these need no event_id, see [Payload].
	Placed []string
	Words  event.Words // that the owner adds to the enumerations of events
}

// Feeds are compiled feeds by name.
type Feeds map[string]*Feed

// Feed maps payloads. Many goroutines may use it.
type Feed struct {
	Name    string
	Access  Access
	Version string // of the mapping: 12 hexadecimal digits of a hash of its declaration and the scales
	rules   []rule
	headers bool      // expressions name the headers
	pool    sync.Pool // of *mapping
}

// UsesHeaders reports whether expressions of the feed look at the headers of a request.
func (f *Feed) UsesHeaders() bool { return f.headers }

// rule is a compiled rule.
type rule struct {
	to        string
	each      *expression // nil for none
	when      []*expression
	fields    []field
	converted *conversion // nil if the grade is given as it is, or grade_from is mapped
}

// field is a compiled field.
type field struct {
	name    string
	kind    feeds.Kind
	source  *expression // nil if it has members
	members []member
}

type member struct {
	name   string
	source *expression
}

type expression struct {
	text    string
	program cel.Program
}

// mostCost bounds what an expression may do, in CEL's units: an operation is about 1, and so is reading a few characters.
const mostCost = 1_000_000

// Compile type-checks feeds. Errors name the line, the feed, the field and the place in the expression, and say how to go on; key is
// that of the feeds in the configuration.
func Compile(key string, all Declarations, o Options) (Feeds, error) {
	if len(all) == 0 {
		return Feeds{}, nil
	}
	if o.Lookups == nil {
		o.Lookups = &Lookups{}
	}
	env, err := environment(&o)
	if err != nil {
		return nil, fmt.Errorf("the language of expressions: %w", err)
	}
	withItem, err := env.Extend(cel.Variable(varItem, cel.DynType))
	if err != nil {
		return nil, fmt.Errorf("the language of expressions: %w", err)
	}
	c := &compiler{options: &o, env: env, withItem: withItem}
	if c.naming, err = naming(&o); err != nil {
		return nil, fmt.Errorf("the language of expressions: %w", err)
	}
	compiled := Feeds{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		compiled[name] = c.feed(key+"."+name, all[name])
	}
	return compiled, errors.Join(c.errs...)
}

type compiler struct {
	options       *Options
	env, withItem *cel.Env
	naming        *cel.Env // in which a function of a scale gives its name
	errs          []error
	headers       bool // an expression of the feed names them
	placed        bool // its payloads have places
}

func (c *compiler) wrong(at place, key, format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("%s%s: "+format, append([]any{at, key}, args...)...))
}

func (c *compiler) feed(key string, d *Declaration) *Feed {
	rules := d.Rules
	if d.Use != "" {
		ready, err := Ready(d.Use)
		if err != nil {
			c.wrong(d.at, key+".use", "%v", err)
			return nil
		}
		own := rules
		rules = ready.Rules
		if len(own) > 0 {
			if len(own) > 1 || own[0].Each.Text+own[0].To != "" {
				c.wrong(d.at, key, "uses the ready feed %s, of which fields can be replaced, and when narrowed: leave each, to and events out, or copy it (csatflow intake feeds %s prints it)", d.Use, d.Use)
			}
			rules = override(rules, own[0].Fields)
			for i := range rules {
				rules[i].narrow = own[0].When
			}
		}
	}
	if len(rules) == 0 {
		c.wrong(d.at, key, "has no mapping: give it to (%s) and fields, or use with the name of a ready feed (%s)", strings.Join(feeds.Names(), ", "), strings.Join(readyfeeds.Names(), ", "))
		return nil
	}
	f := &Feed{Name: d.Name, Access: d.Access, Version: version(rules, c.options.Scales)}
	c.headers, c.placed = false, slices.Contains(c.options.Placed, d.Name)
	for i := range rules {
		path := key
		if len(rules) > 1 {
			path = fmt.Sprintf("%s.events[%d]", key, i)
		}
		f.rules = append(f.rules, c.rule(path, &rules[i]))
	}
	f.headers = c.headers
	words := c.options.Words
	f.pool.New = func() any { return &mapping{decoder: &event.Decoder{Words: words}} }
	return f
}

// Ready returns a feed that comes with csatflow, by name.
func Ready(name string) (*Declaration, error) {
	text, err := readyfeeds.Text(name)
	if err != nil {
		return nil, err
	}
	all, err := ReadText("ready feed "+name, "feeds", text)
	if err != nil {
		return nil, err
	}
	d := all[name]
	if d == nil {
		return nil, fmt.Errorf("the ready feed %s declares no feed of its name", name)
	}
	return d, nil
}

// version is a hash of all that decides what a payload becomes, but for look-up files, which change by themselves.
func version(rules []Rule, s Scales) string {
	type one struct {
		When, Each, To string
		Fields         [][2]string
	}
	list := make([]one, 0, len(rules))
	for i := range rules {
		r := &rules[i]
		o := one{r.When.Text + "\n" + r.narrow.Text, r.Each.Text, r.To, nil}
		for _, f := range r.Fields {
			o.Fields = append(o.Fields, [2]string{f.Name, f.Source.Text})
			for _, m := range f.Members {
				o.Fields = append(o.Fields, [2]string{f.Name + "." + m.Name, m.Source.Text})
			}
		}
		slices.SortFunc(o.Fields, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
		list = append(list, o)
	}
	b, err := json.Marshal(struct {
		Rules  []one
		Scales Scales
	}{list, s})
	if err != nil {
		panic(err) // texts and numbers can always be encoded
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:6])
}

func (c *compiler) rule(key string, r *Rule) rule {
	env := c.env
	out := rule{to: r.To}
	if r.Each.Text != "" {
		out.each = c.expression(c.env, key+".each", &r.Each, []cel.Kind{cel.ListKind}, "it needs a list")
		env = c.withItem
	}
	for _, w := range []*Source{&r.When, &r.narrow} {
		if w.Text == "" {
			continue
		}
		if e := c.expression(env, key+".when", w, []cel.Kind{cel.BoolKind}, "it needs true or false"); e != nil {
			out.when = append(out.when, e)
		}
	}
	topic := feeds.Of(r.To)
	if topic == nil {
		if r.To == "" {
			c.wrong(r.at, key, "has no to: it must be one of %s", strings.Join(feeds.Names(), ", "))
		} else {
			c.wrong(r.toAt, key+".to", "must be one of %s, is %q", strings.Join(feeds.Names(), ", "), r.To)
		}
		return out
	}
	c.complete(key, r, topic)
	for i := range r.Fields {
		if f, ok := c.field(env, key+".fields."+r.Fields[i].Name, &r.Fields[i], topic); ok {
			out.fields = append(out.fields, f)
		}
	}
	out.converted = c.conversion(r)
	return out
}

// complete finds what every event must have and the rule does not give.
func (c *compiler) complete(key string, r *Rule, topic *feeds.Feed) {
	has := func(name string) bool {
		return slices.ContainsFunc(r.Fields, func(f Field) bool { return f.Name == name })
	}
	for _, f := range topic.Fields {
		if f.Required && !has(f.Name) && (f.Name != fieldID || !c.placed) {
			c.wrong(r.at, key+".fields", "%s is missing: every event of %s has it", f.Name, topic.Name)
		}
	}
	if !slices.ContainsFunc(topic.Key, has) {
		c.wrong(r.at, key+".fields", "%s is missing: by it events of %s belong together", strings.Join(topic.Key, " or "), topic.Name)
	}
	for _, names := range topic.OneOf {
		if !slices.Equal(names, topic.Key) && !slices.ContainsFunc(names, has) {
			c.wrong(r.at, key+".fields", "%s or %s is missing: every event of %s has one of them", strings.Join(names[:len(names)-1], ", "), names[len(names)-1], topic.Name)
		}
	}
}

func (c *compiler) field(env *cel.Env, key string, f *Field, topic *feeds.Feed) (field, bool) {
	at := slices.IndexFunc(topic.Fields, func(x feeds.Field) bool { return x.Name == f.Name })
	if at < 0 {
		var names []string
		for _, x := range topic.Fields {
			names = append(names, x.Name)
		}
		c.wrong(f.Source.at, strings.TrimSuffix(key, "."+f.Name), "%v", dimension.Unknown("field of "+topic.Name, f.Name, names))
		return field{}, false
	}
	declared := &topic.Fields[at]
	out := field{name: f.Name, kind: declared.Kind}
	if f.Members == nil {
		kinds, needs := takes(declared.Kind)
		if f.Name == "nps" || f.Name == "ces" || f.Name == "stars" {
			if scale, _ := c.scaleIn(f.Source.Text); scale != "" {
				c.wrong(f.Source.at, key, "%s(x) makes a grade of the seven, and %s is an answer as it was given: write the answer itself, like int(x)\n | %s", scale, f.Name, f.Source.Text)
				return out, false
			}
		}
		out.source = c.expression(env, key, &f.Source, kinds, needs)
		return out, out.source != nil
	}
	inner := feeds.Text
	switch declared.Kind {
	case feeds.Scales, feeds.Answers:
		inner = feeds.Scale
	case feeds.Attributes:
	default:
		_, needs := takes(declared.Kind)
		c.wrong(f.Source.at, key, "has members, and %s", needs)
		return out, false
	}
	for i := range f.Members {
		m := &f.Members[i]
		under := key + "." + m.Name
		if declared.Kind == feeds.Scales && !slices.Contains(declared.Members, m.Name) {
			c.wrong(m.Source.at, key, "%v", dimension.Unknown("member", m.Name, declared.Members))
			continue
		}
		kinds, needs := takes(inner)
		if e := c.expression(env, under, &m.Source, kinds, needs); e != nil {
			out.members = append(out.members, member{m.Name, e})
		}
	}
	return out, true
}

// takes returns the kinds of values that a field takes, and says it in words.
func takes(k feeds.Kind) (kinds []cel.Kind, needs string) {
	switch k {
	case feeds.ID:
		return []cel.Kind{cel.StringKind, cel.IntKind, cel.UintKind}, "it needs a text or a whole number: string(x) makes one"
	case feeds.Text:
		return []cel.Kind{cel.StringKind, cel.IntKind, cel.UintKind}, "it needs a text: string(x) makes one"
	case feeds.Name:
		return []cel.Kind{cel.StringKind}, "it needs one of the names that the schema lists, a text"
	case feeds.Instant:
		return []cel.Kind{cel.TimestampKind, cel.StringKind}, "it needs a time: seconds(x), millis(x) and micros(x) count from 1970, timestamp(x) reads RFC 3339, zoned(x, \"Europe/Berlin\") a time without a zone"
	case feeds.Scale:
		return []cel.Kind{cel.IntKind, cel.UintKind, cel.DoubleKind}, "it needs a whole number: stars(x), nps(x), smileys(x) and scale(name, x) make grades, int(x) reads a text"
	case feeds.Integer, feeds.Count:
		return []cel.Kind{cel.IntKind, cel.UintKind, cel.DoubleKind}, "it needs a whole number: int(x) reads a text"
	case feeds.Number:
		return []cel.Kind{cel.IntKind, cel.UintKind, cel.DoubleKind}, "it needs a number: double(x) reads a text"
	case feeds.Set:
		return []cel.Kind{cel.ListKind}, "it needs a list of names"
	case feeds.Scales, feeds.Answers, feeds.Attributes:
	}
	return []cel.Kind{cel.MapKind}, "it needs a map: write its members, each with an expression"
}

// fits reports whether an expression of this type may give one of the kinds.
func fits(t *cel.Type, kinds ...cel.Kind) bool {
	if t.Kind() == types.OpaqueKind && t.TypeName() == "optional_type" && len(t.Parameters()) == 1 {
		t = t.Parameters()[0]
	}
	switch t.Kind() {
	case types.DynKind, types.AnyKind, types.TypeParamKind, types.NullTypeKind:
		return true
	}
	return slices.Contains(kinds, t.Kind())
}

// check type-checks an expression; it returns nil after telling what is wrong.
func (c *compiler) check(env *cel.Env, key string, s *Source) *cel.Ast {
	ast, issues := env.Compile(s.Text)
	if issues == nil || issues.Err() == nil {
		c.literals(key, s, ast)
		return ast
	}
	for _, e := range issues.Errors() {
		at := s.at
		if at.line > 0 {
			at.line += e.Location.Line() - 1
		}
		c.wrong(at, key, "%s", explained(e, s.Text))
	}
	return nil
}

// explained is an error of CEL with its caret and a remedy.
func explained(e *cel.Error, text string) string {
	said := e.Message
	var b strings.Builder
	undeclared := ""
	if _, rest, found := strings.Cut(said, "undeclared reference to '"); found {
		undeclared, _, _ = strings.Cut(rest, "'")
		nearest := dimension.Nearest(undeclared, vocabulary)
		if nearest == undeclared {
			return fmt.Sprintf("%s is a function here, and is not called as one\n | %s", undeclared, text)
		}
		said = fmt.Sprintf("nothing is called %q: did you mean %q? The payload is msg, and a fixed text has quotation marks of its own: '\"text\"'", undeclared, nearest)
	}
	b.WriteString(said)
	lines := strings.Split(text, "\n")
	if at := e.Location.Line() - 1; at >= 0 && at < len(lines) {
		column := max(e.Location.Column(), 0)
		fmt.Fprintf(&b, "\n | %s\n | %s^", lines[at], strings.Repeat(".", min(column, len(lines[at]))))
	}
	switch {
	case undeclared == "" && strings.Contains(said, "found no matching overload"):
		b.WriteString("\n (int(x), double(x) and string(x) convert a value)")
	case strings.Contains(said, "Syntax error"):
		if other := strings.ToLower(elsewhere.FindString(known.ReplaceAllString(text, " "))); other != "" {
			fmt.Fprintf(&b, "\n (%s is written %s here)", other, here[other])
		}
	}
	return b.String()
}

// elsewhere finds operators of other languages, for which here has those of CEL, once fixed texts and CEL's own operators are left out.
var (
	known     = regexp.MustCompile(`"[^"]*"|'[^']*'|[=!<>]=`)
	elsewhere = regexp.MustCompile(`(?i)<>|\b(and|or|not|is)\b|=`)
	here      = map[string]string{"<>": "!=", "and": "&&", "or": "||", "not": "!", "is": "==", "=": "=="}
)

// literals checks names of scales and look-up files that stand in the expression itself.
func (c *compiler) literals(key string, s *Source, ast *cel.Ast) {
	celast.PostOrderVisit(ast.NativeRep().Expr(), celast.NewExprVisitor(func(e celast.Expr) {
		if e.Kind() == celast.IdentKind && e.AsIdent() == varHeaders {
			c.headers = true
		}
		if e.Kind() != celast.CallKind {
			return
		}
		call := e.AsCall()
		args := call.Args()
		switch call.FunctionName() {
		case "hash":
			if len(c.options.HashKey) == 0 {
				c.wrong(s.at, key, "%v", errNoHashKey)
			}
		case "lookup", "known":
			if name, ok := literal(args, 0); ok {
				_, t, err := c.options.Lookups.table(name)
				if err == nil && t != nil {
					if column, ok := literal(args, 2); ok && !slices.Contains(t.columns, column) {
						err = dimension.Unknown("column of the look-up file "+name, column, t.columns)
					}
				}
				if err != nil {
					c.wrong(s.at, key, "%v\n | %s", err, s.Text)
				}
			}
		case "scale":
			if name, ok := literal(args, 0); ok && c.options.Scales[name] == nil {
				c.wrong(s.at, key, "%v (intake.scales declares more)\n | %s", dimension.Unknown("scale", name, c.options.Scales.names()), s.Text)
			}
		case "zoned":
			if name, ok := literal(args, 1); ok {
				if _, err := zones.load(name); err != nil {
					c.wrong(s.at, key, "%v\n | %s", err, s.Text)
				}
			}
		}
	}))
}

// literal returns an argument that is a text in the expression.
func literal(args []celast.Expr, i int) (string, bool) {
	if i >= len(args) || args[i].Kind() != celast.LiteralKind {
		return "", false
	}
	text, ok := args[i].AsLiteral().(types.String)
	return string(text), ok
}

// expression type-checks an expression that must give one of the kinds, and makes a program of it; nil after telling what is wrong.
func (c *compiler) expression(env *cel.Env, key string, s *Source, kinds []cel.Kind, needs string) *expression {
	ast := c.check(env, key, s)
	if ast == nil {
		return nil
	}
	if !fits(ast.OutputType(), kinds...) {
		c.wrong(s.at, key, "gives %s, and %s\n | %s", ast.OutputType(), needs, s.Text)
		return nil
	}
	p, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize), cel.CostLimit(mostCost))
	if err != nil {
		c.wrong(s.at, key, "%v\n | %s", err, s.Text)
		return nil
	}
	return &expression{s.Text, p}
}
