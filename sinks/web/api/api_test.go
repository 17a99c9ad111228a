package api_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"csatflow/deploy/local"
	"csatflow/deploy/trial/webtest"
	"csatflow/pipeline/dimension"
	"csatflow/schemas/catalogue"
	"csatflow/sinks/web/api"
)

func TestMain(m *testing.M) {
	local.RunChild()
	os.Exit(m.Run())
}

// asker asks a server, and checks every answer against the server's own OpenAPI document.
type asker struct {
	*httptest.Server
	router routers.Router
}

func ask(t *testing.T, o api.Options) *asker {
	t.Helper()
	s := api.New(o)
	mux := http.NewServeMux()
	s.Register(mux)
	a := &asker{Server: httptest.NewServer(mux)}
	t.Cleanup(func() {
		s.Close()
		a.Close()
	})
	res, err := http.Get(a.URL + "/api/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatalf("the document is not OpenAPI: %v", err)
	}
	if a.router, err = gorillamux.NewRouter(doc); err != nil {
		t.Fatal(err)
	}
	return a
}

// get returns status and body, which must be as the document says.
func (a *asker) get(t *testing.T, path string) (status int, body []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if body, err = io.ReadAll(res.Body); err != nil {
		t.Fatal(err)
	}
	relative, err := http.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	if err != nil {
		t.Fatal(err)
	}
	route, params, err := a.router.FindRoute(relative)
	if err != nil {
		if res.StatusCode != http.StatusNotFound {
			t.Errorf("%s answers %d, the document has no such path", path, res.StatusCode)
		}
		return res.StatusCode, body
	}
	input := &openapi3filter.RequestValidationInput{Request: relative, PathParams: params, Route: route, Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}}
	if err := openapi3filter.ValidateRequest(t.Context(), input); err != nil && res.StatusCode != http.StatusBadRequest {
		t.Errorf("%s answers %d, but to the document %v", path, res.StatusCode, err)
	}
	answer := &openapi3filter.ResponseValidationInput{RequestValidationInput: input, Status: res.StatusCode, Header: res.Header, Options: &openapi3filter.Options{IncludeResponseStatus: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}}
	answer.SetBodyBytes(body)
	if err := openapi3filter.ValidateResponse(t.Context(), answer); err != nil && !strings.HasPrefix(res.Header.Get("Content-Type"), "text/csv") {
		t.Errorf("%s: the answer is not as the document says: %v", path, err)
	}
	return res.StatusCode, body
}

type answer struct {
	Question string
	SQL      string
	Period   *api.Period
	Columns  []api.Column
	Rows     [][]any
	More     bool
	Error    string
}

func (a *asker) question(t *testing.T, path string) *answer {
	t.Helper()
	status, body := a.get(t, "/api/v1/"+path)
	got := &answer{}
	if err := json.Unmarshal(body, got); err != nil || status != http.StatusOK {
		t.Fatalf("%s: %d, %v: %s", path, status, err, body)
	}
	return got
}

func (a *answer) column(t *testing.T, name string) (list []any) {
	t.Helper()
	i := slices.IndexFunc(a.Columns, func(c api.Column) bool { return c.Name == name })
	if i < 0 {
		t.Fatalf("%s has no column %s: %v", a.Question, name, a.Columns)
	}
	for _, row := range a.Rows {
		list = append(list, row[i])
	}
	return list
}

// paths is each question as the page asks it, of all and of a store.
func paths(q *api.Question, w *webtest.Company) (list []string) {
	sent := url.Values{}
	for _, p := range q.Params {
		if p.Required {
			sent.Set(p.Name, w.Options.Pseudonyms.Of(string(w.Responses[0].CustomerID)))
		}
	}
	list = append(list, q.ID+"?"+sent.Encode())
	if q.Period {
		sent.Set("range", "7d")
		list = append(list, q.ID+"?"+sent.Encode())
		sent.Set("range", "30d")
	}
	if q.Scope {
		sent.Set("scope_kind", "store")
		sent.Set("scope_id", w.Alert.ID)
		list = append(list, q.ID+"?"+sent.Encode())
	}
	return list
}

func TestTheAPI(t *testing.T) {
	w := webtest.New(t)
	a := ask(t, w.Options)
	t.Run("every question is answered as the document says, by the SQL that it shows", func(t *testing.T) { answered(t, w, a) })
	t.Run("figures are those of plain sums", func(t *testing.T) { summed(t, w, a) })
	t.Run("scopes without minutes are answered by hours", func(t *testing.T) { coarse(t, w, a) })
	t.Run("changes are told where all places together say so", func(t *testing.T) { changed(t, a) })
	t.Run("places with complaints, order and pages", func(t *testing.T) { placed(t, w, a) })
	t.Run("a place with complaints alone is among the places", func(t *testing.T) { complainedAlone(t, w, a) })
	t.Run("places have scores in other scales", func(t *testing.T) { scored(t, w, a) })
	t.Run("complaints stand where their steps say", func(t *testing.T) { complained(t, w, a) })
	t.Run("nobody is named", func(t *testing.T) { named(t, w, a) })
	t.Run("no answer, header or event has an id or a hash of one", func(t *testing.T) { searched(t, w, a) })
	t.Run("what a client sends is bound or refused", func(t *testing.T) { refused(t, w, a) })
	t.Run("CSV has what JSON has", func(t *testing.T) { downloaded(t, w, a) })
	t.Run("alerts have the key of their links", func(t *testing.T) { linked(t, w, a) })
	t.Run("names, metrics and dead letters", func(t *testing.T) { told(t, a) })
	t.Run("questions together are answered as alone, and once", func(t *testing.T) { asTogether(t, w, a) })
	t.Run("answers are compressed, and not sent again", func(t *testing.T) { squeezed(t, a) })
	t.Run("the stream tells what is new", func(t *testing.T) { streamed(t, w, a) })
	t.Run("schemathesis finds nothing", func(t *testing.T) { judged(t, w) })
}

func answered(t *testing.T, w *webtest.Company, a *asker) {
	for i := range questions {
		q := &questions[i]
		rows := 0
		for _, path := range paths(q, w) {
			got := a.question(t, path)
			rows += len(got.Rows)
			for _, c := range got.Columns {
				if c.Measure == "" && c.Unit == "" && c.Scale == "" && strings.Contains(c.Type, "Float") {
					t.Errorf("%s: column %s has neither measure nor unit", path, c.Name)
				}
			}
			if strings.Contains(got.SQL, "{") || strings.Contains(path, "customer=") {
				continue // it has a pseudonym instead of the customer
			}
			if again := byHand(t, w, got.SQL); again != len(got.Rows) {
				t.Errorf("%s: %d rows, its SQL gives %d:\n%s", path, len(got.Rows), again, got.SQL)
			}
		}
		if rows == 0 {
			t.Errorf("%s is never answered with a row", q.ID)
		}
	}
}

func refused(t *testing.T, w *webtest.Company, a *asker) {
	for path, wants := range map[string]string{
		"trend?range=2h": "range", "trend?from=yesterday": "from", "trend?to=": "to", "trend?from=": "from", "trend?range=": "range", "trend?format=": "format", "places?limit=": "limit", "places?sort=": "sort", "places?kind=": "kind", "customer?customer=": "customer",
		"trend?shop=s": "shop", "trend?range=1h&range=6h": "range", "places?sort=1%3BDROP": "sort", "places?order=up": "order",
		"places?limit=0": "limit", "places?limit=100000": "limit", "places?offset=-1": "offset", "places?kind=customer": "kind", "parts?dimension=customer_id": "dimension", "customer": "customer",
		"places?search=" + strings.Repeat("x", 300): "search", "trend?format=xml": "format", "trend?to=" + url.QueryEscape("2026-03-01 00:00:00"): "to",
	} {
		status, body := a.get(t, "/api/v1/"+path)
		var got struct{ Error, Parameter string }
		if err := json.Unmarshal(body, &got); err != nil || status != http.StatusBadRequest || got.Parameter != wants || len(got.Error) < 10 {
			t.Errorf("%s: %d %s, want 400 of %s", path, status, body, wants)
		}
	}
	// What is right by itself and contradicts the rest.
	for path, wants := range map[string]string{"trend?from=2030-03-01T00:00:00Z&to=2026-03-01T00:00:00Z": "from", "trend?from=1990-03-01T00:00:00Z&to=2026-03-01T00:00:00Z": "from", "trend?scope_kind=store": "scope_id", "trend?scope_id=s": "scope_id"} {
		status, body := a.get(t, "/api/v1/"+path)
		var got struct{ Error, Parameter string }
		if err := json.Unmarshal(body, &got); err != nil || status != http.StatusUnprocessableEntity || got.Parameter != wants || len(got.Error) < 10 {
			t.Errorf("%s: %d %s, want 422 of %s", path, status, body, wants)
		}
	}
	// A range counts from where a period begins.
	if p := a.question(t, "trend?range=1h&from=2026-03-01T00:00:00Z").Period; !p.From.Equal(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)) || p.To.Sub(p.From) != time.Hour {
		t.Errorf("an hour from midnight is %v to %v", p.From, p.To)
	}
	if status, body := a.get(t, "/api/v1/places?sort=1;DROP"); status != http.StatusBadRequest {
		t.Errorf("%d %s", status, body)
	}
	if status, body := a.get(t, "/api/v1/system.tables"); status != http.StatusNotFound || !bytes.Contains(body, []byte("trend")) {
		t.Errorf("%d %s", status, body)
	}
	for _, evil := range []string{"' OR 1 = 1 --", `\'; DROP TABLE csat.responses; --`, "{scope_kind:String}", "\"", "`", "%", "门店'", "a\nb"} {
		v := url.Values{"scope_kind": {"store"}, "scope_id": {evil}}
		if got := a.question(t, "satisfaction?"+v.Encode()); len(got.Rows) != 0 {
			t.Errorf("%q: %v", evil, got.Rows)
		} else if n := byHand(t, w, got.SQL); n != 0 && !strings.HasPrefix(evil, "{") {
			t.Errorf("%q: the SQL that is shown gives %d rows: %s", evil, n, got.SQL)
		}
		if got := a.question(t, "places?search="+url.QueryEscape(evil)); len(got.Rows) != 0 {
			t.Errorf("%q is found: %v", evil, got.Rows)
		}
	}
	res, err := http.Post(a.URL+"/api/v1/trend", "text/plain", strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("a POST is answered %d", res.StatusCode)
	}
}

func downloaded(t *testing.T, _ *webtest.Company, a *asker) {
	for _, path := range []string{"places?range=7d", "complaints?range=7d", "alerts?range=7d"} {
		want := a.question(t, path)
		_, body := a.get(t, "/api/v1/"+path+"&format=csv")
		records, err := csv.NewReader(bytes.NewReader(body)).ReadAll()
		if err != nil || len(records) != len(want.Rows)+1 {
			t.Fatalf("%s: %v, %d records for %d rows", path, err, len(records), len(want.Rows))
		}
		for i, row := range want.Rows {
			for j, v := range row {
				cell := records[i+1][j]
				switch v := v.(type) {
				case nil:
					if cell != "" {
						t.Errorf("%s: %q for nothing", path, cell)
					}
				case string, float64, bool:
					if cell != fmt.Sprint(v) && cell != strings.TrimSuffix(fmt.Sprintf("%f", v), ".000000") {
						t.Errorf("%s: %q for %v", path, cell, v)
					}
				default:
					var list any
					if err := json.Unmarshal([]byte(cell), &list); err != nil || !reflect.DeepEqual(list, v) {
						t.Errorf("%s: %q for %v (%v)", path, cell, v, err)
					}
				}
			}
		}
	}
}

func linked(t *testing.T, w *webtest.Company, a *asker) {
	got := a.question(t, "alerts?key="+w.Alert.Key())
	if len(got.Rows) != 1 || got.column(t, "scope_id")[0] != w.Alert.ID || len(got.column(t, "evidence")[0].([]any)) != 6 {
		t.Errorf("%v", got.Rows)
	}
	odd := w.Alert
	odd.Rule, odd.Kind, odd.ID, odd.Part = "complaint_surge", "region", `no"rth\`, "delivery"
	keys := a.question(t, "alerts?range=7d&scope_kind=region&scope_id="+url.QueryEscape(odd.ID))
	if len(keys.Rows) != 1 {
		t.Fatalf("%v", keys.Rows)
	}
	start, err := time.Parse(time.RFC3339, keys.column(t, "started_at")[0].(string))
	if err != nil {
		t.Fatal(err)
	}
	if odd.Start = start; keys.column(t, "key")[0] != odd.Key() {
		t.Errorf("the view's key is %v, the alert's %s", keys.column(t, "key")[0], odd.Key())
	}
	// An alert about a customer has a key that nobody can make without the secret.
	shown := w.Options.Pseudonyms.AlertKey("customer", w.About.Key())
	if got := a.question(t, "alerts?key="+shown); len(got.Rows) != 1 || got.column(t, "key")[0] != shown || got.column(t, "scope_id")[0] != w.Options.Pseudonyms.Of(w.About.ID) || !strings.Contains(got.SQL, shown) {
		t.Errorf("by the key of a link: %v of %s", got.Rows, got.SQL)
	}
	if got := a.question(t, "alerts?key="+w.About.Key()); len(got.Rows) != 0 {
		t.Errorf("by the hash of an id: %v", got.Rows)
	}
	if got := a.question(t, "alerts?range=7d&scope_kind=customer&scope_id="+w.Options.Pseudonyms.Of(w.About.ID)); len(got.Rows) != 1 || got.column(t, "key")[0] != shown || strings.Contains(got.SQL, w.About.ID) {
		t.Errorf("by the pseudonym: %v", got.Rows)
	}
	for _, path := range []string{"alerts", "customers", "satisfaction", "trend"} {
		if status, body := a.get(t, "/api/v1/"+path+"?range=7d&scope_kind=customer&scope_id="+w.About.ID); status != http.StatusNotFound || !bytes.Contains(body, []byte("pseudonym")) || bytes.Contains(body, []byte(w.Options.Pseudonyms.Of(w.About.ID))) {
			t.Errorf("%s by the id: %d %s", path, status, body)
		}
	}
	o := w.Options
	o.Pseudonyms = nil
	if got := ask(t, o).question(t, "alerts?key="+w.About.Key()); len(got.Rows) != 1 || got.column(t, "scope_id")[0] != w.About.ID {
		t.Errorf("where ids are shown: %v", got.Rows)
	}
	if firing := a.question(t, "alerts?range=7d&state=firing").column(t, "rule"); len(firing) != 3 {
		t.Errorf("these fire: %v", firing)
	}
}

// Each question reads views and nothing else.
func TestOnlyTheViewsAreRead(t *testing.T) {
	c := catalogue.MustLoad()
	from := regexp.MustCompile(`\b(?:FROM|JOIN)\s+(\(|\S+)`)
	for i := range questions {
		q := &questions[i]
		read := 0
		for _, m := range from.FindAllStringSubmatch(q.SQL, -1) {
			if m[1] == "(" || strings.HasPrefix(m[1], "(SELECT") {
				continue
			}
			name, is := strings.CutPrefix(m[1], "{{db}}.")
			name, _, _ = strings.Cut(strings.TrimRight(name, ")"), "(")
			if _, err := c.View(name); !is || err != nil {
				t.Errorf("%s reads %s, which is no view", q.ID, m[1])
			}
			read++
		}
		if read == 0 {
			t.Errorf("%s reads nothing", q.ID)
		}
		if regexp.MustCompile(`(?i)\b(INSERT|ALTER|DROP|CREATE|SYSTEM|GRANT|url\(|file\(|remote\()`).MatchString(q.SQL) {
			t.Errorf("%s does more than to read", q.ID)
		}
	}
}

// questions are those for the built-in dimensions.
var questions = api.QuestionsOf(dimension.Usual())
