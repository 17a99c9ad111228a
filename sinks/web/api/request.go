package api

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// badRequest says which parameter is wrong, and the remedy.
type badRequest struct{ parameter, remedy string }

func (e *badRequest) Error() string { return e.parameter + ": " + e.remedy }

// contradiction is a parameter that is right by itself and does not go with the others.
type contradiction struct{ badRequest }

// unknown is a parameter that names nothing that was given out.
type unknown struct{ badRequest }

// bound is a question with its parameters, ready for ClickHouse.
type bound struct {
	question *Question
	sql      string
	values   map[string]string
	hidden   map[string]string // by parameter: the text that replaces its value in the shown SQL
	period   *Period
	limit    int
	offset   int
}

// bind parses what a client sent. finest has the kinds of scopes whose panes are longer than a minute. Only choices that are known beforehand get into the SQL text.
func (q *Question) bind(sent url.Values, db string, now time.Time, zone *time.Location, finest map[string]time.Duration) (*bound, error) {
	for name, values := range sent {
		switch {
		case !slices.Contains(q.names(), name):
			return nil, &badRequest{name, "there is no such parameter: it takes " + strings.Join(q.names(), ", ")}
		case len(values) > 1:
			return nil, &badRequest{name, "it is given twice"}
		case utf8.RuneCountInString(values[0]) > longestOf(name) || !utf8.ValidString(values[0]) || strings.ContainsRune(values[0], 0):
			return nil, &badRequest{name, fmt.Sprintf("at most %d characters of UTF-8", longestOf(name))}
		case values[0] == "" && !q.freely(name):
			return nil, &badRequest{name, "it is empty: give a value, or leave it out"}
		}
	}
	b := &bound{question: q, values: map[string]string{}}
	if q.Period {
		shortest := max(time.Minute, finest[sent.Get("kind")], finest[sent.Get("scope_kind")])
		p, err := periodOf(sent.Get("range"), sent.Get("from"), sent.Get("to"), now, zone, shortest)
		if err != nil {
			return nil, err
		}
		if text := sent.Get("before"); text != "" {
			begin, err := instantOf("before", text)
			if err != nil {
				return nil, err
			}
			p.against(begin, zone)
		}
		b.period = &p
		for name, t := range map[string]time.Time{"from": p.From, "to": p.To, "at": p.At, "before": p.Before, "before_to": p.BeforeTo, "hour": lastHour(p.At, shortest), "first_day": midnight(p.From, zone).UTC(), "lately": later(p.From, p.To.Add(-31*day))} {
			b.values[name] = t.Format(time.DateTime)
		}
		b.values["finest"] = strconv.Itoa(int(shortest / time.Second))
		b.values["resolution"], b.values["step_s"] = strconv.Itoa(p.Resolution), strconv.Itoa(p.Step)
		// A day longer than the period: one step that holds all of it, whatever daylight saving does.
		b.values["total_s"] = strconv.Itoa(int((p.To.Sub(p.From) + day) / time.Second))
	}
	if q.Scope {
		kind, id := sent.Get("scope_kind"), sent.Get("scope_id")
		if kind == "" {
			kind = "all"
		}
		if (kind == "all") != (id == "") {
			return nil, &contradiction{badRequest{"scope_id", "scope_kind all has no scope_id, every other kind has one"}}
		}
		b.values["scope_kind"], b.values["scope_id"] = kind, id
	}
	picks, err := q.own(sent, b.values)
	if err != nil {
		return nil, err
	}
	if q.Scope {
		picks["hurt"], picks["concerned"] = conditions(db, b.values["scope_kind"])
	}
	if b.limit, b.offset, err = q.page(sent); err != nil {
		return nil, err
	}
	sort, descending, err := q.order(sent)
	if err != nil {
		return nil, err
	}
	b.sql = q.ordered(db, picks, sort, descending)
	return b, nil
}

// lastHour is where the hour before an instant begins, or the pane before it if panes are that long.
func lastHour(at time.Time, pane time.Duration) time.Time {
	if pane < time.Hour {
		return at.Add(-time.Hour)
	}
	return at.Add(-1).Truncate(pane)
}

// freely reports whether a parameter may be any text, the empty one too.
func (q *Question) freely(name string) bool {
	if name == "scope_kind" || name == "scope_id" {
		return q.Scope
	}
	for i := range q.Params {
		if p := &q.Params[i]; p.Name == name {
			return len(p.Choices) == 0 && !p.Required
		}
	}
	return false
}

// has reports whether it has a parameter of its own with this name.
func (q *Question) has(name string) bool {
	return slices.ContainsFunc(q.Params, func(p Param) bool { return p.Name == name })
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// own reads the question's own parameters.
func (q *Question) own(sent url.Values, values map[string]string) (picks map[string]string, err error) {
	picks = map[string]string{}
	for i := range q.Params {
		p := &q.Params[i]
		v := sent.Get(p.Name)
		switch {
		case v == "" && p.Required:
			return nil, &badRequest{p.Name, "it is missing: " + p.Summary}
		case v == "" && len(p.Choices) > 0:
			v = p.Choices[0]
		case len(p.Choices) > 0 && !slices.Contains(p.Choices, v):
			return nil, &badRequest{p.Name, fmt.Sprintf("%q is not one of %s", v, strings.Join(p.Choices, ", "))}
		}
		if p.picks != nil {
			picks[p.Name] = p.picks[v]
			continue
		}
		values[p.Name] = v
	}
	return picks, nil
}

func (q *Question) page(sent url.Values) (limit, offset int, err error) {
	if q.Most == 0 {
		return 0, 0, nil
	}
	limit = q.limitOf()
	for name, n := range map[string]*int{"limit": &limit, "offset": &offset} {
		v := sent.Get(name)
		if v == "" {
			continue
		}
		if *n, err = strconv.Atoi(v); err != nil || *n < 0 || *n > 1_000_000 {
			return 0, 0, &badRequest{name, fmt.Sprintf("%q is not a whole number from 0 to 1,000,000", v)}
		}
	}
	if limit < 1 || limit > q.Most {
		return 0, 0, &badRequest{"limit", fmt.Sprintf("must be 1 to %d: ask for the rest with offset", q.Most)}
	}
	return limit, offset, nil
}

func (q *Question) order(sent url.Values) (sort string, descending bool, err error) {
	if len(q.Sort) == 0 {
		return "", false, nil
	}
	sort = sent.Get("sort")
	if sort == "" {
		sort = q.Sort[0]
	}
	if !slices.Contains(q.Sort, sort) {
		return "", false, &badRequest{"sort", fmt.Sprintf("%q is not one of %s", sort, strings.Join(q.Sort, ", "))}
	}
	switch sent.Get("order") {
	case "", "desc":
		return sort, true, nil
	case "asc":
		return sort, false, nil
	}
	return "", false, &badRequest{"order", "must be asc or desc"}
}
