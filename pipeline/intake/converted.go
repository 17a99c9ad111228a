package intake

import (
	"slices"

	"cel.dev/cel-go/cel"
	celast "cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

const (
	fieldGrade     = "grade"
	fieldGradeFrom = "grade_from"
)

// conversion tells from which scale the grade of a response is converted. A grade that a function of a scale makes, stars(x), is told
// from one that was given by evaluating its expression once more, where these functions give the name of the scale.
type conversion struct {
	named cel.Program // nil if the expression makes no sense with names, as in 8 - stars(x)
	name  string      // of the scale then
}

// naming makes the language in which a function of a scale gives its name.
func naming(o *Options) (*cel.Env, error) {
	env, err := language(o, cel.DynType, func(scale string, _ ref.Val) ref.Val { return types.String(scale) })
	if err != nil {
		return nil, err
	}
	return env.Extend(cel.Variable(varItem, cel.DynType))
}

// conversion returns that of a rule, nil if its grade calls no function of a scale or grade_from is mapped.
func (c *compiler) conversion(r *Rule) *conversion {
	at := func(name string) int {
		return slices.IndexFunc(r.Fields, func(f Field) bool { return f.Name == name })
	}
	grade := at(fieldGrade)
	if r.To != "responses" || grade < 0 || at(fieldGradeFrom) >= 0 {
		return nil
	}
	name, ast := c.scaleIn(r.Fields[grade].Source.Text)
	if name == "" {
		return nil
	}
	out := &conversion{name: name}
	// With names instead of numbers it may make no sense: then the first name holds.
	if program, err := c.naming.Program(ast, cel.CostLimit(mostCost)); err == nil {
		out.named = program
	}
	return out
}

// scaleIn returns the first scale whose function an expression calls, "" for none or an expression that is wrong, which is told elsewhere.
func (c *compiler) scaleIn(text string) (name string, ast *cel.Ast) {
	ast, issues := c.naming.Compile(text)
	if issues != nil && issues.Err() != nil {
		return "", nil
	}
	celast.PostOrderVisit(ast.NativeRep().Expr(), celast.NewExprVisitor(func(e celast.Expr) {
		if e.Kind() != celast.CallKind || name != "" {
			return
		}
		call := e.AsCall()
		called := call.FunctionName()
		if called != "scale" && !slices.Contains(scaleFunctions, called) {
			return
		}
		name = called
		if of, ok := literal(call.Args(), 0); ok && called == "scale" {
			name = of
		}
	}))
	return name, ast
}

// converted adds grade_from to a response whose grade was made by a function of a scale.
func (m *mapping) converted(c *conversion) {
	if c == nil || !slices.ContainsFunc(m.spans, func(s span) bool { return s.field == fieldGrade }) {
		return
	}
	name := c.name
	if c.named != nil {
		if v, _, err := c.named.Eval(m); err == nil {
			text, isName := present(v).(types.String)
			if !isName {
				return // the grade was given as it is
			}
			name = string(text)
		}
	}
	m.name(fieldGradeFrom)
	m.text(name)
}
