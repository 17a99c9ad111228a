package api_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
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
	input := &openapi3filter.RequestValidationInput{Request: relative, PathParams: params, Route: route}
	if err := openapi3filter.ValidateRequest(t.Context(), input); err != nil && res.StatusCode != http.StatusBadRequest {
		t.Errorf("%s answers %d, but to the document %v", path, res.StatusCode, err)
	}
	answer := &openapi3filter.ResponseValidationInput{RequestValidationInput: input, Status: res.StatusCode, Header: res.Header, Options: &openapi3filter.Options{IncludeResponseStatus: true}}
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
	t.Run("places with complaints, order and pages", func(t *testing.T) { placed(t, w, a) })
	t.Run("complaints stand where their steps say", func(t *testing.T) { complained(t, w, a) })
	t.Run("nobody is named", func(t *testing.T) { named(t, w, a) })
	t.Run("no answer, header or event has an id or a hash of one", func(t *testing.T) { searched(t, w, a) })
	t.Run("what a client sends is bound or refused", func(t *testing.T) { refused(t, w, a) })
	t.Run("CSV has what JSON has", func(t *testing.T) { downloaded(t, w, a) })
	t.Run("alerts have the key of their links", func(t *testing.T) { linked(t, w, a) })
	t.Run("names, metrics and dead letters", func(t *testing.T) { told(t, a) })
	t.Run("the stream tells what is new", func(t *testing.T) { streamed(t, w, a) })
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

// byHand runs the SQL that the dialog shows, as a person would, and counts its rows.
func byHand(t *testing.T, w *webtest.Company, sql string) (n int) {
	t.Helper()
	rows, err := w.Store.Conn().Query(t.Context(), sql)
	if err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		n++
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	return n
}

// within are the responses of a store in an answer's period, "" for all.
func within(w *webtest.Company, p *api.Period, store string) (n, sum, squares, bad int) {
	for i := range w.Responses {
		r := &w.Responses[i]
		at := time.UnixMilli(r.OccurredAt).UTC()
		if at.Before(p.From) || !at.Before(p.To) || store != "" && string(r.StoreID) != store {
			continue
		}
		n, sum, squares = n+1, sum+int(r.Grade), squares+int(r.Grade)*int(r.Grade)
		if r.Grade <= 3 {
			bad++
		}
	}
	return n, sum, squares, bad
}

func summed(t *testing.T, w *webtest.Company, a *asker) {
	for _, period := range []string{"range=6h", "range=24h", "range=7d", "range=30d", "from=" + w.Alert.Start.Format(time.RFC3339) + "&to=" + w.Alert.Seen.Format(time.RFC3339)} {
		for _, store := range []string{"", w.Alert.ID} {
			path := period
			if store != "" {
				path += "&scope_kind=store&scope_id=" + store
			}
			got := a.question(t, "satisfaction?"+path)
			n, sum, squares, bad := within(w, got.Period, store)
			index := (float64(sum)/float64(n) - 1) / 6 * 100
			if n == 0 || got.column(t, "responses")[0] != float64(n) || math.Abs(got.column(t, "csat_index")[0].(float64)-index) > 1e-9 || math.Abs(got.column(t, "dissatisfied_share")[0].(float64)-float64(bad)/float64(n)) > 1e-12 {
				t.Errorf("%s: %v responses, index %v; by hand %d, %v", path, got.column(t, "responses"), got.column(t, "csat_index"), n, index)
			}
			variance := (float64(squares) - float64(sum)*float64(sum)/float64(n)) / float64(n-1)
			half := 1.959964 * math.Sqrt(variance/float64(n)) / 6 * 100
			if low, high := got.column(t, "csat_index_low")[0].(float64), got.column(t, "csat_index_high")[0].(float64); math.Abs(low-(index-half)) > 1e-5 || math.Abs(high-(index+half)) > 1e-5 {
				t.Errorf("%s: the interval is %v to %v, by hand %v to %v", path, low, high, index-half, index+half)
			}
			steps := 0.0
			trend := a.question(t, "trend?"+path)
			for _, v := range trend.column(t, "responses") {
				steps += v.(float64)
			}
			if steps != float64(n) || len(trend.Rows) > 61 {
				t.Errorf("%s: the %d steps have %v responses, by hand %d", path, len(trend.Rows), steps, n)
			}
		}
	}
}

func placed(t *testing.T, w *webtest.Company, a *asker) {
	all := a.question(t, "places?range=7d&sort=responses")
	ids, responses, opened := all.column(t, "scope_id"), all.column(t, "responses"), all.column(t, "opened")
	if len(ids) != 12 {
		t.Fatalf("%d stores: %v", len(ids), ids)
	}
	for i := range ids {
		n, _, _, _ := within(w, all.Period, ids[i].(string))
		complaints := 0
		for j := range w.Opened {
			if at := time.UnixMilli(w.Opened[j].OccurredAt).UTC(); string(w.Opened[j].StoreID) == ids[i] && !at.Before(all.Period.From) && at.Before(all.Period.To) {
				complaints++
			}
		}
		if responses[i] != float64(n) || opened[i] != float64(complaints) {
			t.Errorf("%v has %v responses and %v complaints, by hand %d and %d", ids[i], responses[i], opened[i], n, complaints)
		}
		if i > 0 && responses[i].(float64) > responses[i-1].(float64) {
			t.Errorf("%v comes after %v", ids[i], ids[i-1])
		}
	}
	var paged []any
	for offset := 0; ; offset += 5 {
		page := a.question(t, fmt.Sprintf("places?range=7d&sort=responses&limit=5&offset=%d", offset))
		paged = append(paged, page.column(t, "scope_id")...)
		if page.More != (offset < 10) {
			t.Fatalf("at %d there is more: %v", offset, page.More)
		}
		if !page.More {
			break
		}
	}
	if !slices.Equal(paged, ids) {
		t.Errorf("page by page %v, at once %v", paged, ids)
	}
	region := a.question(t, "parent?scope_kind=store&scope_id="+w.Alert.ID)
	in := a.question(t, "places?range=7d&parent_kind=region&parent_id="+url.QueryEscape(region.column(t, "parent_id")[0].(string)))
	if len(in.Rows) == 0 || len(in.Rows) == 12 || !slices.Contains(in.column(t, "scope_id"), any(w.Alert.ID)) {
		t.Errorf("in the region of %s are %v", w.Alert.ID, in.column(t, "scope_id"))
	}
	employees := a.question(t, "places?range=7d&kind=employee&parent_kind=store&parent_id="+w.Alert.ID)
	works := map[string]bool{}
	for i := range w.Responses {
		if string(w.Responses[i].StoreID) == w.Alert.ID && len(w.Responses[i].EmployeeID) > 0 {
			works[string(w.Responses[i].EmployeeID)] = true
		}
	}
	for _, id := range employees.column(t, "scope_id") {
		if !works[id.(string)] {
			t.Errorf("%v is said to work in %s", id, w.Alert.ID)
		}
	}
	if len(employees.Rows) == 0 {
		t.Errorf("nobody works in %s", w.Alert.ID)
	}
	parts := a.question(t, "parts?range=7d&dimension=touchpoint&scope_kind=store&scope_id="+w.Alert.ID)
	sum, n := 0.0, 0
	for _, v := range parts.column(t, "responses") {
		sum += v.(float64)
	}
	for i := range w.Responses {
		if string(w.Responses[i].StoreID) == w.Alert.ID && len(w.Responses[i].Touchpoint) > 0 {
			n++
		}
	}
	if int(sum) != n {
		t.Errorf("the touchpoints of %s have %v responses, by hand %d", w.Alert.ID, sum, n)
	}
}

func complained(t *testing.T, w *webtest.Company, a *asker) {
	board := a.question(t, "board?range=7d")
	sum := 0.0
	for _, v := range board.column(t, "complaints") {
		sum += v.(float64)
	}
	if int(sum) != len(w.Opened) {
		t.Errorf("%v complaints are on the board, %d were opened", sum, len(w.Opened))
	}
	of := a.question(t, "board?range=7d&scope_kind=store&scope_id="+w.Alert.ID)
	sum, there := 0.0, 0
	for _, v := range of.column(t, "complaints") {
		sum += v.(float64)
	}
	for i := range w.Opened {
		if string(w.Opened[i].StoreID) == w.Alert.ID {
			there++
		}
	}
	if int(sum) != there || there == 0 {
		t.Errorf("%v complaints of %s are on the board, %d were opened", sum, w.Alert.ID, there)
	}
	open := a.question(t, "complaints?range=7d&limit=1000")
	if got := a.question(t, "backlog?range=7d").column(t, "backlog")[0]; got != float64(len(open.Rows)) || len(open.Rows) == 0 {
		t.Errorf("the backlog is %v, %d complaints are open", got, len(open.Rows))
	}
	used, age, promise := open.column(t, "promise_used"), open.column(t, "age_seconds"), open.column(t, "promise_seconds")
	overdue := 0.0
	for i := range used {
		if math.Abs(used[i].(float64)-age[i].(float64)/promise[i].(float64)) > 1e-9 {
			t.Errorf("%v of the promise is used after %v of %v", used[i], age[i], promise[i])
		}
		if age[i].(float64) > promise[i].(float64) {
			overdue++
		}
	}
	places, counts := board.column(t, "place"), board.column(t, "complaints")
	if i := slices.Index(places, any("overdue")); overdue > 0 && (i < 0 || counts[i] != overdue) {
		t.Errorf("%v complaints are overdue, the board has %v %v", overdue, places, counts)
	}
}

func named(t *testing.T, w *webtest.Company, a *asker) {
	customers := map[string]bool{}
	for i := range w.Responses {
		if id := string(w.Responses[i].CustomerID); id != "" {
			customers[id] = true
		}
	}
	someone := regexp.MustCompile(`c-\d{7}`)
	for i := range questions {
		for _, path := range paths(&questions[i], w) {
			_, body := a.get(t, "/api/v1/"+path)
			if id := someone.Find(body); id != nil && customers[string(id)] {
				t.Errorf("%s names %s", path, id)
			}
		}
	}
	pseudonym := a.question(t, "customers?band=any&limit=1").column(t, "customer_id")[0].(string)
	moments := a.question(t, "moments?customer="+pseudonym)
	id, known := w.Options.Pseudonyms.Customer(pseudonym)
	if !known || !customers[id] {
		t.Fatalf("%s stands for %q", pseudonym, id)
	}
	responses := 0
	for i := range w.Responses {
		if string(w.Responses[i].CustomerID) == id {
			responses++
		}
	}
	got := 0
	for _, m := range moments.column(t, "moment") {
		if m == "response" {
			got++
		}
	}
	if got < responses {
		t.Errorf("%d of the %d responses of a customer are among their moments", got, responses)
	}
	if !strings.Contains(moments.SQL, pseudonym) || strings.Contains(moments.SQL, id) {
		t.Errorf("the SQL is %s", moments.SQL)
	}
	for _, other := range []string{"c-0000001", pseudonym[:len(pseudonym)-1], "A" + pseudonym[1:]} {
		if status, body := a.get(t, "/api/v1/moments?customer="+other); status != http.StatusBadRequest || !bytes.Contains(body, []byte("pseudonym")) {
			t.Errorf("%s: %d %s", other, status, body)
		}
	}
	w.Respond(t, fmt.Sprintf(`{"event_id":"said","occurred_at":%q,"customer_id":"late-customer","grade":2,"comment":"nobody greeted me"}`, w.Alert.Start.Format(time.RFC3339)))
	said := "moments?customer=" + w.Options.Pseudonyms.Of("late-customer")
	if got := a.question(t, said).column(t, "comment"); len(got) != 1 || got[0] != nil {
		t.Errorf("what a customer wrote is shown: %v", got)
	}
	o := w.Options
	o.Pseudonyms = nil
	if got := ask(t, o).question(t, "moments?customer=late-customer").column(t, "comment"); len(got) != 1 || got[0] != "nobody greeted me" {
		t.Errorf("what a customer wrote is not shown: %v", got)
	}
	if got := ask(t, o).question(t, "customers?band=any&limit=1").column(t, "customer_id")[0].(string); !customers[got] {
		t.Errorf("without pseudonyms the customer is %s", got)
	}
}

// searched looks in everything that the API says for ids of customers, and for hashes that somebody with all ids could make.
func searched(t *testing.T, w *webtest.Company, a *asker) {
	someone, hash := regexp.MustCompile(`c-\d{7}`), regexp.MustCompile(`[0-9a-f]{32}`)
	ids, hashes := map[string]bool{}, map[string]bool{}
	take := func(id string) {
		if id == "" || id == "late-customer" {
			return
		}
		if !someone.MatchString(id) {
			t.Fatalf("%q is not as the ids that are looked for", id)
		}
		about := w.About
		about.ID = id
		ids[id], hashes[about.Key()] = true, true
	}
	for i := range w.Responses {
		take(string(w.Responses[i].CustomerID))
	}
	for i := range w.Opened {
		take(string(w.Opened[i].CustomerID))
	}
	if len(ids) < 1000 || !hashes[w.About.Key()] {
		t.Fatalf("%d customers", len(ids))
	}
	look := func(where, text string) {
		for _, id := range someone.FindAllString(text, -1) {
			if ids[id] {
				t.Errorf("%s names %s", where, id)
				return
			}
		}
		for _, h := range hash.FindAllString(text, -1) {
			if hashes[h] {
				t.Errorf("%s has the hash %s of a customer", where, h)
				return
			}
		}
		if strings.Contains(text, "late-customer") {
			t.Errorf("%s names late-customer", where)
		}
	}
	list := []string{"names?lang=en", "names?lang=zh", "pipeline", "deadletters", "deadletters?limit=0", "live", "../openapi.json", "nothing", "moments?customer=c-0000001", "alerts?range=7d&state=any&limit=1000",
		"alerts?key=" + w.Options.Pseudonyms.AlertKey("customer", w.About.Key()), "alerts?range=7d&scope_kind=customer&scope_id=" + w.Options.Pseudonyms.Of(w.About.ID)}
	for i := range questions {
		list = append(list, paths(&questions[i], w)...)
	}
	searchedBytes := 0
	for _, path := range list {
		for _, format := range []string{"", "csv"} {
			if format == "csv" && !strings.Contains(path, "range=7d") {
				continue
			}
			u, err := url.Parse(a.URL + "/api/v1/" + path)
			if err != nil {
				t.Fatal(err)
			}
			if format != "" {
				q := u.Query()
				q.Set("format", format)
				u.RawQuery = q.Encode()
			}
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			if path == "live" {
				ctx, cancel = context.WithTimeout(t.Context(), 2*time.Second)
			}
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
			if err != nil {
				t.Fatal(err)
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			if err != nil && path != "live" || len(body) == 0 {
				t.Fatalf("%s: %d bytes, %v", path, len(body), err)
			}
			_ = res.Body.Close()
			cancel()
			if sent := u.Query().Encode(); !strings.Contains(sent, "c-0000001") {
				look(path, string(body))
			}
			look("the headers of "+path, fmt.Sprint(res.Header))
			searchedBytes += len(body)
		}
	}
	if searchedBytes < 500_000 {
		t.Errorf("only %d bytes were searched", searchedBytes)
	}
}

func refused(t *testing.T, w *webtest.Company, a *asker) {
	for path, wants := range map[string]string{
		"trend?range=2h": "range", "trend?from=yesterday": "from", "trend?range=1h&from=2026-03-01T00:00:00Z": "range", "trend?from=2030-03-01T00:00:00Z&to=2026-03-01T00:00:00Z": "from",
		"trend?scope_kind=store": "scope_id", "trend?scope_id=s": "scope_id", "trend?shop=s": "shop", "trend?range=1h&range=6h": "range", "places?sort=1%3BDROP": "sort", "places?order=up": "order",
		"places?limit=0": "limit", "places?limit=100000": "limit", "places?offset=-1": "offset", "places?kind=customer": "kind", "parts?dimension=customer_id": "dimension", "customer": "customer",
		"places?search=" + strings.Repeat("x", 300): "search", "trend?format=xml": "format", "trend?to=" + url.QueryEscape("2026-03-01 00:00:00"): "to",
	} {
		status, body := a.get(t, "/api/v1/"+path)
		var got struct{ Error, Parameter string }
		if err := json.Unmarshal(body, &got); err != nil || status != http.StatusBadRequest || got.Parameter != wants || len(got.Error) < 10 {
			t.Errorf("%s: %d %s, want 400 of %s", path, status, body, wants)
		}
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
	if len(got.Rows) != 1 || got.column(t, "scope_id")[0] != w.Alert.ID || len(got.column(t, "evidence")[0].([]any)) != 3 {
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
		if status, body := a.get(t, "/api/v1/"+path+"?range=7d&scope_kind=customer&scope_id="+w.About.ID); status != http.StatusBadRequest || !bytes.Contains(body, []byte("pseudonym")) || bytes.Contains(body, []byte(w.Options.Pseudonyms.Of(w.About.ID))) {
			t.Errorf("%s by the id: %d %s", path, status, body)
		}
	}
	o := w.Options
	o.Pseudonyms = nil
	if got := ask(t, o).question(t, "alerts?key="+w.About.Key()); len(got.Rows) != 1 || got.column(t, "scope_id")[0] != w.About.ID {
		t.Errorf("where ids are shown: %v", got.Rows)
	}
	if firing := a.question(t, "alerts?range=7d&state=firing").column(t, "rule"); len(firing) != 2 {
		t.Errorf("these fire: %v", firing)
	}
}

func told(t *testing.T, a *asker) {
	for lang, want := range map[string]string{"en": "Satisfaction index", "zh": "满意度指数"} {
		_, body := a.get(t, "/api/v1/names?lang="+lang)
		var got struct {
			Measures map[string]struct{ Label, Unit string }
			Texts    map[string]string
			Zone     string
		}
		if err := json.Unmarshal(body, &got); err != nil || got.Measures["csat_index"].Label != want || got.Measures["csat_index"].Unit != "index" || got.Texts["view_now"] == "" || got.Zone != "UTC" {
			t.Errorf("%s: %v %.300s", lang, err, body)
		}
	}
	if status, body := a.get(t, "/api/v1/names?lang=fr"); status != http.StatusBadRequest || !bytes.Contains(body, []byte("en, zh")) {
		t.Errorf("%d %s", status, body)
	}
	if _, body := a.get(t, "/api/v1/pipeline"); !bytes.Contains(body, []byte(`"name":"csatflow_lag_records"`)) || !bytes.Contains(body, []byte(`"partition":"3"`)) {
		t.Errorf("%.300s", body)
	}
	_, body := a.get(t, "/api/v1/deadletters?limit=3")
	if !bytes.Contains(body, []byte("csat.responses/3/1201")) || !bytes.Contains(body, []byte("must be 1 to 7")) || bytes.Contains(body, []byte("hush")) {
		t.Errorf("%s", body)
	}
	if status, _ := a.get(t, "/api/v1/deadletters?limit=0"); status != http.StatusBadRequest {
		t.Errorf("%d", status)
	}
}

// streamed listens, writes a response, and expects news within two seconds.
func streamed(t *testing.T, w *webtest.Company, a *asker) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.URL+"/api/v1/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if got := res.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("it is %s", got)
	}
	type news struct {
		Events uint64
		Latest string
		Behind float64
	}
	heard := make(chan news, 10)
	go func() {
		defer close(heard)
		lines := make([]byte, 4096)
		for {
			n, err := res.Body.Read(lines)
			if err != nil {
				return
			}
			for line := range strings.SplitSeq(string(lines[:n]), "\n") {
				var one news
				if text, is := strings.CutPrefix(line, "data: "); is && json.Unmarshal([]byte(text), &one) == nil {
					heard <- one
				}
			}
		}
	}()
	first := <-heard
	if first.Events == 0 || first.Latest == "" || first.Behind != 0 {
		t.Errorf("it says %+v", first)
	}
	w.Respond(t, fmt.Sprintf(`{"event_id":"new","occurred_at":%q,"customer_id":"late-customer","grade":2,"store_id":%q}`, w.Alert.Start.Format(time.RFC3339), w.Alert.ID))
	begun := time.Now()
	second := <-heard
	t.Logf("heard after %v", time.Since(begun))
	if second.Events != first.Events+1 {
		t.Errorf("after %+v it says %+v", first, second)
	}
	w.Behind(40)
	if third := <-heard; third.Behind != 40 {
		t.Errorf("with 40 records waiting it says %+v", third)
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
