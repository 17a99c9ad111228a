package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// goldenAPI asks the API of a page.
type goldenAPI struct {
	page, database string
	// by kind: a scope with many responses; for kind customer, a pseudonym
	scopes map[string]string
	alert  string
}

// openAPI is the part of the document that the test reads.
type openAPI struct {
	Paths map[string]map[string]struct {
		Tags       []string
		Parameters []struct {
			Name     string
			Required bool
			Schema   struct{ Enum []string }
		}
	}
}

func goldenAnswers(t *testing.T, page, database string) []part {
	t.Helper()
	a := &goldenAPI{page: page, database: database, scopes: map[string]string{}}
	for _, kind := range []string{"store", "region", "employee", "touchpoint"} {
		a.scopes[kind] = a.cell(t, "scopes?kind="+kind, "scope_id")
	}
	a.scopes["customer"] = a.cell(t, "customers?band=any&sort=latest_at&range=30d", "customer_id")
	a.alert = a.cell(t, "alerts?range=30d", "key")
	document := a.get(t, "/api/openapi.json")
	var d openAPI
	if err := json.Unmarshal(document, &d); err != nil {
		t.Fatal(err)
	}
	parts := []part{{name: "openapi", lines: indented(t, document)}}
	for _, lang := range []string{"en", "zh"} {
		parts = append(parts, part{name: "names-" + lang, lines: indented(t, a.get(t, "/api/v1/names?lang="+lang))})
	}
	var questions []string
	for path, o := range d.Paths {
		if slices.Contains(o["get"].Tags, "questions") {
			questions = append(questions, path)
		}
	}
	slices.Sort(questions)
	for _, path := range questions {
		p := part{name: strings.TrimPrefix(path, "/api/v1/")}
		choices := map[string][]string{}
		for _, q := range d.Paths[path]["get"].Parameters {
			choices[q.Name] = q.Schema.Enum
			if q.Required && q.Name != "customer" {
				t.Errorf("%s asks for %s: the golden files know no value of it", path, q.Name)
			}
		}
		for _, sent := range a.asked(choices) {
			p.lines = append(p.lines, a.answer(t, path, sent)...)
		}
		parts = append(parts, p)
	}
	return parts
}

// asked returns the parameters to ask a question with: panes of each length, scopes, each choice, two orders, a page and CSV.
func (a *goldenAPI) asked(choices map[string][]string) (list []url.Values) {
	has := func(name string) bool { _, has := choices[name]; return has }
	base := url.Values{}
	if has("customer") && !has("store") { // required
		base.Set("customer", a.scopes["customer"])
	}
	if has("from") {
		base.Set("from", goldenStart.Format("2006-01-02T15:04:05Z"))
		base.Set("to", goldenEnd.Format("2006-01-02T15:04:05Z"))
	}
	with := func(pairs ...string) {
		v := url.Values{}
		for name, values := range base {
			v[name] = values
		}
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
			if pairs[i] == "range" {
				v.Del("from")
				v.Del("to")
			}
		}
		list = append(list, v)
	}
	with() // hours
	if has("from") {
		with("range", "6h")  // minutes, up to the latest
		with("range", "30d") // days
	}
	if has("scope_kind") {
		for _, kind := range []string{"employee", "region", "touchpoint"} {
			with("scope_kind", kind, "scope_id", a.scopes[kind])
		}
		with("scope_kind", "store", "scope_id", a.scopes["store"], "format", "csv")
	}
	for _, name := range []string{"action", "band", "dimension", "kind", "state"} {
		for _, choice := range choices[name] {
			with(name, choice)
		}
	}
	for i, column := range choices["sort"][:min(2, len(choices["sort"]))] {
		with("sort", column, "order", []string{"asc", "desc"}[i%2])
	}
	if has("limit") {
		with("limit", "5", "offset", "2")
	}
	if has("store") {
		with("store", a.scopes["store"])
	}
	if has("customer") && has("store") {
		with("customer", a.scopes["customer"], "state", "any")
	}
	if has("parent_id") {
		with("kind", "store", "parent_kind", "region", "parent_id", a.scopes["region"])
		with("kind", "employee", "parent_kind", "store", "parent_id", a.scopes["store"])
		with("search", "00")
	}
	if has("key") {
		with("key", a.alert)
		with("scope_kind", "customer", "scope_id", a.scopes["customer"])
	}
	return list
}

// get requests a path, and returns the answer.
func (a *goldenAPI) get(t *testing.T, path string) []byte {
	t.Helper()
	res, err := http.Get("http://" + a.page + path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		t.Errorf("%s: %s: %s", path, res.Status, body)
	}
	return []byte(strings.ReplaceAll(string(body), a.database, "csat"))
}

// cell returns a column of the first row of an answer.
func (a *goldenAPI) cell(t *testing.T, question, column string) string {
	t.Helper()
	var answer struct {
		Columns []struct{ Name string }
		Rows    [][]any
	}
	if err := json.Unmarshal(a.get(t, "/api/v1/"+question), &answer); err != nil {
		t.Fatal(err)
	}
	for i, c := range answer.Columns {
		if c.Name == column && len(answer.Rows) > 0 {
			return fmt.Sprint(answer.Rows[0][i])
		}
	}
	t.Fatalf("%s gives no %s", question, column)
	return ""
}

// notAnswered are columns of answers that the feed does not determine, by question.
var notAnswered = map[string][]string{"improvements": {"checked_at"}, "csi": {"low", "high"}}

// answer returns an answer as lines: the question, everything except the rows, and the rows.
func (a *goldenAPI) answer(t *testing.T, path string, sent url.Values) []string {
	t.Helper()
	lines := []string{"? " + sent.Encode()}
	body := a.get(t, path+"?"+sent.Encode())
	question := strings.TrimPrefix(path, "/api/v1/")
	if sent.Get("format") == "csv" {
		table, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for n, row := range table {
			for i, cell := range row {
				if row[i] = nineDigits(cell); n > 0 && slices.Contains(notAnswered[question], table[0][i]) {
					row[i] = ""
				}
			}
			lines = append(lines, fmt.Sprintf("%q", row))
		}
		return lines
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var answer map[string]any
	if err := d.Decode(&answer); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	delete(answer, "as_of")
	delete(answer, "stale")
	rows, _ := answer["rows"].([]any)
	delete(answer, "rows")
	columns, _ := answer["columns"].([]any)
	for i, c := range columns {
		if name, _ := c.(map[string]any)["name"].(string); slices.Contains(notAnswered[question], name) {
			for _, row := range rows {
				row.([]any)[i] = nil
			}
		}
	}
	for _, v := range append([]any{answer}, rows...) {
		b, err := json.Marshal(roundedJSON(v))
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(b))
	}
	return lines
}

// roundedJSON rounds fractions to nine digits.
func roundedJSON(v any) any {
	switch v := v.(type) {
	case json.Number:
		return json.Number(nineDigits(v.String()))
	case []any:
		for i := range v {
			v[i] = roundedJSON(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = roundedJSON(v[key])
		}
	}
	return v
}

func nineDigits(s string) string {
	if _, err := strconv.ParseInt(s, 10, 64); err == nil || !strings.ContainsAny(s, ".eE") {
		return s
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return s
	}
	return strconv.FormatFloat(f, 'g', 9, 64)
}

func indented(t *testing.T, text []byte) []string {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	b, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(b), "\n")
}
