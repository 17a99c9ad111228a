package api

import (
	"fmt"
	"slices"
	"strings"

	"csatflow/pipeline/dimension"
)

// Question is a question that the page may ask.
type Question struct {
	ID      string
	Summary string   // for the OpenAPI document
	Views   []string // that declare the answer's columns and measures; the first that has a column counts
	// SQL has {{db}} before each view, and parameters in ClickHouse's syntax: {from:DateTime('UTC')}.
	SQL    string
	Period bool // takes from, to or range, and before; binds from, to, before and before_to (as long a time before, or where the client says), resolution, step_s and total_s
	Scope  bool // takes and binds scope_kind and scope_id
	Sort   []string
	Most   int // rows of a page; 0 if the answer is always short
	Params []Param
}

// Param is a parameter of one question; it is bound by its name as a String.
type Param struct {
	Name, Summary string
	Choices       []string // the first is the default; empty for any text
	Required      bool
	// picks has the SQL of each choice, which replaces {{name}}; of returns both where they depend on the dimensions of events.
	of    func(*dimension.Set) (choices []string, picks map[string]string)
	picks map[string]string
}

// usual is the default limit, in rows.
const usual = 100

// longest is the greatest length of a text from a client, in characters.
const longest = 200

// longestPseudonym is the length of the pseudonym of an id of 200 characters.
const longestPseudonym = 1400

// longestOf is the greatest length of a parameter.
func longestOf(parameter string) int {
	if parameter == "customer" || parameter == "scope_id" {
		return longestPseudonym
	}
	return longest
}

// limitOf is how many rows a question returns without a limit.
func (q *Question) limitOf() int { return min(usual, q.Most) }

// complaintScope is the condition for complaints of a scope: complaints have fewer dimensions than responses.
const complaintScope = "{{complaint_scope}}"

// Conditions on customer_id by the scope, which replace {{hurt}} and {{concerned}}: customers with a bad experience there in the period, and customers
// whose actions are of the store or employee, or of such customers. Of everything there is none.
func conditions(db, kind string) (hurt, concerned string) {
	hurt = strings.ReplaceAll("customer_id IN (SELECT customer_id FROM {{db}}.unhappy_between("+period+", "+scope+"))", "{{db}}", db)
	switch kind {
	case dimension.All:
		return "true", "true"
	case dimension.Store, dimension.Employee:
		return hurt, map[string]string{dimension.Store: "store_id", dimension.Employee: "employee_id"}[kind] + " = {scope_id:String}"
	}
	return hurt, hurt
}

// period is the parameters of a view of a period; steps those of a view with panes.
const (
	period = `from = {from:DateTime('UTC')}, to = {to:DateTime('UTC')}`
	lately = `from = {lately:DateTime('UTC')}, to = {to:DateTime('UTC')}`    // for events as received, which are many
	days   = `from = {first_day:DateTime('UTC')}, to = {to:DateTime('UTC')}` // for views of the days that begin in the period
	steps  = `resolution = {resolution:UInt32}, step_s = {step_s:UInt32}, ` + period
	whole  = `resolution = {resolution:UInt32}, step_s = {total_s:UInt32}, ` + period
	former = `resolution = {resolution:UInt32}, step_s = {total_s:UInt32}, from = {before:DateTime('UTC')}, to = {before_to:DateTime('UTC')}`
	within = `scope_kind = {scope_kind:String} AND scope_id = {scope_id:String}`
	scope  = `scope_kind = {scope_kind:String}, scope_id = {scope_id:String}`
)

// Questions are all questions about a database, for the dimensions of its events.
type Questions []Question

var allQuestions = slices.Concat(satisfactionQuestions, recoveryQuestions, customerQuestions, qualityQuestions, alertQuestions)

// QuestionsOf returns the questions for these dimensions.
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

// Of returns the question with an id, nil if there is none.
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
		list = append(list, "range", "from", "to", "before")
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

// ordered returns the SQL with its picks, ORDER BY and LIMIT; the first two columns decide between rows that are alike.
func (q *Question) ordered(db string, picks map[string]string, sort string, descending bool) string {
	sql := q.SQL
	for name, value := range picks {
		sql = strings.ReplaceAll(sql, "{{"+name+"}}", value)
	}
	sql = strings.ReplaceAll(sql, "{{db}}", db)
	if sort != "" {
		direction := "ASC"
		if descending {
			direction = "DESC"
		}
		sql += fmt.Sprintf("\nORDER BY %s %s NULLS LAST, 1, 2", sort, direction)
	}
	if q.Most > 0 {
		sql += "\nLIMIT {limit:UInt32} OFFSET {offset:UInt32}"
	}
	return sql
}
