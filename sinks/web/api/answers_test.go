package api_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"csatflow/deploy/trial/webtest"
	"csatflow/sinks/web/api"
)

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
			half := 1.959964 * math.Sqrt((float64(squares)-float64(sum)*float64(sum)/float64(n))/float64(n-1)/float64(n)) / 6 * 100
			// The interval is Gaffke's, which with so many responses is near the normal one, and never shorter.
			if low, high := got.column(t, "csat_index_low")[0].(float64), got.column(t, "csat_index_high")[0].(float64); low > index-half || high < index+half || high-low > 2*half+250/float64(n) {
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
		if status, body := a.get(t, "/api/v1/moments?customer="+other); status != http.StatusNotFound || !bytes.Contains(body, []byte("pseudonym")) {
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

// changes are sure where all places together say so (Benjamini and Hochberg 1995), by the intervals of the index now and before.
func changed(t *testing.T, a *asker) {
	ranges := []string{"range=6h", "range=24h", "range=7d"}
	compared := 0
	for _, r := range ranges {
		places := a.question(t, "places?sort=scope_id&order=asc&"+r)
		type place struct {
			at   int
			p, z float64
		}
		var list []place
		number := func(name string, i int) float64 {
			v, is := places.column(t, name)[i].(float64)
			if !is {
				return math.NaN()
			}
			return v
		}
		for i, id := range places.column(t, "scope_id") {
			q := r + "&scope_kind=store&scope_id=" + id.(string)
			before := a.question(t, "grades_before?"+q)
			if len(before.Rows) == 0 {
				if !math.IsNaN(number("change", i)) {
					t.Errorf("%s %v: a change from nothing", r, id)
				}
				continue
			}
			was := before.column(t, "csat_index")[0].(float64)
			change, low, high := number("change", i), number("change_low", i), number("change_high", i)
			if math.Abs(number("csat_index", i)-was-change) > 1e-9 || !math.IsNaN(low) && (low > change || high < change || low < -100 || high > 100) {
				t.Errorf("%s %v: %v less %v is %v, %v to %v", r, id, number("csat_index", i), was, change, low, high)
			}
			if z := math.Abs(change) * 1.959963984540054 / ((high - low) / 2); !math.IsNaN(z) {
				list = append(list, place{at: i, z: z, p: math.Erfc(z / math.Sqrt2)})
			}
		}
		slices.SortFunc(list, func(a, b place) int { return cmp.Compare(a.p, b.p) })
		last := -1
		for i, x := range list {
			if x.p*float64(len(list))/float64(i+1) <= .05 {
				last = i
			}
		}
		for i, x := range list {
			if sure, _ := places.column(t, "change_sure")[x.at].(bool); sure != (i <= last) {
				t.Errorf("%s %v: sure %v with p %v, the %dth of %d", r, places.column(t, "scope_id")[x.at], sure, x.p, i+1, len(list))
			}
			compared++
		}
	}
	if compared < 12 {
		t.Errorf("%d changes were looked at", compared)
	}
}
