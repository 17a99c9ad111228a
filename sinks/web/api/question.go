package api

import (
	"fmt"
	"slices"
	"strings"

	"csatflow/pipeline/dimension"
)

// Question is one that the page may ask.
type Question struct {
	ID      string
	Summary string   // for the OpenAPI document
	Views   []string // whose columns and measures the answer's are, the first that has one
	// SQL has {{db}} before each view and parameters as ClickHouse binds them: {from:DateTime('UTC')}.
	SQL    string
	Period bool // takes from, to or range; binds from, to, before (the start of as long a time before), resolution, step_s and total_s
	Scope  bool // takes scope_kind and scope_id; binds them
	Sort   []string
	Most   int // rows of a page: 0 for an answer that is short by nature
	Params []Param
}

// Param is a parameter of one question; it is bound by its name, as a String.
type Param struct {
	Name, Summary string
	Choices       []string // the first is the default; empty for any text
	Required      bool
	// of gives the choices by the dimensions that events have; picks is then the SQL of each, which stands for {{name}}.
	of    func(*dimension.Set) (choices []string, picks map[string]string)
	picks map[string]string
}

// usual is how many rows a page has when no limit is asked for.
const usual = 100

// longest is the most characters of a text that a client may send.
const longest = 200

// longestPseudonym is the most of one, of an id of 200 characters.
const longestPseudonym = 1400

// longestOf is the most that a parameter may have.
func longestOf(parameter string) int {
	if parameter == "customer" || parameter == "scope_id" {
		return longestPseudonym
	}
	return longest
}

// limitOf is how many rows a question gives when nobody says.
func (q *Question) limitOf() int { return min(usual, q.Most) }

// complaintScope holds for complaints of a scope: their dimensions are fewer than those of responses.
const complaintScope = "{{complaint_scope}}"

// period binds the parameters of a view of a period; steps those of one with panes.
const (
	period = `from = {from:DateTime('UTC')}, to = {to:DateTime('UTC')}`
	lately = `from = {lately:DateTime('UTC')}, to = {to:DateTime('UTC')}`    // of events as received, which are many
	days   = `from = {first_day:DateTime('UTC')}, to = {to:DateTime('UTC')}` // of views that take days that begin in it
	steps  = `resolution = {resolution:UInt32}, step_s = {step_s:UInt32}, ` + period
	whole  = `resolution = {resolution:UInt32}, step_s = {total_s:UInt32}, ` + period
	former = `resolution = {resolution:UInt32}, step_s = {total_s:UInt32}, from = {before:DateTime('UTC')}, to = {from:DateTime('UTC')}`
	within = `scope_kind = {scope_kind:String} AND scope_id = {scope_id:String}`
	scope  = `scope_kind = {scope_kind:String}, scope_id = {scope_id:String}`
)

// Questions are all that may be asked of a database whose events have some dimensions.
type Questions []Question

var allQuestions = slices.Concat(satisfactionQuestions, recoveryQuestions, customerQuestions, qualityQuestions, alertQuestions)

// QuestionsOf gives the questions for these dimensions.
func QuestionsOf(set *dimension.Set) Questions {
	list := slices.Clone(allQuestions)
	for i := range list {
		q := &list[i]
		q.SQL = strings.ReplaceAll(q.SQL, complaintScope, inComplaintScope(set))
		q.Params = slices.Clone(q.Params)
		for j := range q.Params {
			if p := &q.Params[j]; p.of != nil {
				p.Choices, p.picks = p.of(set)
			}
		}
	}
	return list
}

// Of gives a question by its id, nil if there is none.
func (list Questions) Of(id string) *Question {
	for i := range list {
		if list[i].ID == id {
			return &list[i]
		}
	}
	return nil
}

// names are all parameters that a client may send.
func (q *Question) names() []string {
	list := []string{"format"}
	if q.Period {
		list = append(list, "range", "from", "to")
	}
	if q.Scope {
		list = append(list, "scope_kind", "scope_id")
	}
	if len(q.Sort) > 0 {
		list = append(list, "sort", "order")
	}
	if q.Most > 0 {
		list = append(list, "limit", "offset")
	}
	for i := range q.Params {
		list = append(list, q.Params[i].Name)
	}
	return list
}

// ordered is the SQL with its picks, its order and its page.
func (q *Question) ordered(db string, picks map[string]string, sort string, descending bool) string {
	sql := strings.ReplaceAll(q.SQL, "{{db}}", db)
	for name, value := range picks {
		sql = strings.ReplaceAll(sql, "{{"+name+"}}", value)
	}
	if sort != "" {
		direction := "ASC"
		if descending {
			direction = "DESC"
		}
		sql += fmt.Sprintf("\nORDER BY %s %s NULLS LAST, 1", sort, direction)
	}
	if q.Most > 0 {
		sql += "\nLIMIT {limit:UInt32} OFFSET {offset:UInt32}"
	}
	return sql
}
