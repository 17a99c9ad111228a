package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"csatflow/deploy/trial/storetest"
)

// tilled is the configuration of the owner's dimensions in these tests.
const tilled = "measures:\n  dimensions:\n    - {name: till, label: {en: Till, zh: 收银台}, topics: [responses, complaints]}\n    - {name: campaign, topics: [responses]}\n  crossings: [[source, till]]\n"

// TestADimensionThatTheOwnerDeclaresIsAScopeEverywhere: a till is an attribute of events and a few words of configuration.
// Only a till falls, since the events of its store name neither store nor region nor employee.
func TestADimensionThatTheOwnerDeclaresIsAScopeEverywhere(t *testing.T) {
	t.Parallel()
	kafka := startFakeKafka(t, 8)
	p := newDeployment(t, kafka, storetest.ClickHouse(t), tilled+"page: {pseudonym_secret: 0123456789abcdef0123456789abcdef}\n")
	dir := t.TempDir()
	must(t, "simulate", "--out", dir, "--events", "40000", "--duplicates", "0.02", "--late", "0.05")
	truth := readTruth(t, dir)
	fallen := "till-" + truth.Incident.StoreID
	grades := addTills(t, filepath.Join(dir, "responses.jsonl"), truth.Incident.StoreID, "r")
	opened := addTills(t, filepath.Join(dir, "complaints.jsonl"), truth.Incident.StoreID, "k")
	must(t, "send", "--config", p.file, filepath.Join(dir, "responses.jsonl"), filepath.Join(dir, "complaints.jsonl"))
	must(t, "migrate", "--config", p.file)
	service := start(t, "run", "--config", p.file)
	db := p.connect(t)
	count := func(query string, args ...any) (n uint64) {
		_ = db.QueryRow(t.Context(), query, args...).Scan(&n) // the table may not be there yet
		return n
	}
	within(t, 4*time.Minute, "everything is read and looked at for alerts", func() bool {
		return count("SELECT count() FROM alerts WHERE scope_kind = 'till'") > 0
	})

	// Panes and views against plain sums.
	rows, err := db.Query(t.Context(), "SELECT scope_id, responses, mean_grade FROM satisfaction_between(resolution = 3600, step_s = 864000000, from = toDateTime(0), to = toDateTime('2100-01-01', 'UTC')) WHERE scope_kind = 'till'")
	if err != nil {
		t.Fatal(err)
	}
	met := 0
	for rows.Next() {
		var id string
		var n uint64
		var mean float64
		if err := rows.Scan(&id, &n, &mean); err != nil {
			t.Fatal(err)
		}
		met++
		if want := grades[id]; int(n) != want.n || math.Abs(mean-float64(want.sum)/float64(want.n)) > 1e-9 {
			t.Errorf("till %s has %d responses of mean %v, plain sums say %d of %v", id, n, mean, want.n, float64(want.sum)/float64(want.n))
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	if met != len(grades) {
		t.Errorf("%d tills, %d were sent", met, len(grades))
	}
	if got := count("SELECT sum(opened) FROM recovery WHERE resolution = 86400 AND scope_kind = 'till' AND scope_id = ?", fallen); int(got) != opened[fallen].n {
		t.Errorf("%d complaints opened at %s, plain sums say %d", got, fallen, opened[fallen].n)
	}
	if n := count("SELECT count() FROM satisfaction WHERE scope_kind = 'source*till'"); n == 0 {
		t.Error("no scope of the crossing source*till")
	}
	if n := count("SELECT count() FROM recovery WHERE scope_kind = 'campaign'") + count("SELECT count() FROM responses WHERE attributes['campaign'] != 'spring'"); n != 0 {
		t.Errorf("%d rows of a campaign that complaints do not have, or that was not kept", n)
	}

	// The fall, its alert and its report.
	var id, measure string
	if err := db.QueryRow(t.Context(), "SELECT scope_id, measure FROM alerts WHERE scope_kind = 'till' AND rule = 'satisfaction_drop'").Scan(&id, &measure); err != nil || id != fallen {
		t.Errorf("the alert is of till %q (%v), the fall is of %s", id, err, fallen)
	}
	day := truth.Config.Start.Format(time.DateOnly)
	report := must(t, "report", "--config", p.file, "--from", day, "--scope", "till="+fallen, "--format", "markdown")
	if !strings.Contains(report, fallen) {
		t.Errorf("the report does not speak of %s:\n%s", fallen, report)
	}

	// The page's questions.
	page := service.page(t)
	names := fetch(t, page, "/api/v1/names?lang=zh")
	if !strings.Contains(names, "收银台") || !strings.Contains(names, `"name":"till"`) {
		t.Errorf("names: %s", names)
	}
	span := "from=" + truth.Config.Start.Format(time.RFC3339) + "&to=" + truth.Config.Start.Add(truth.Config.Duration).Format(time.RFC3339)
	for path, want := range map[string]string{
		"places?kind=till&sort=csat_index&order=asc&limit=100&" + span:           fallen,
		"parts?dimension=till&scope_kind=source&scope_id=pos&limit=1000&" + span: fallen,
		"complaints?state=any&scope_kind=till&scope_id=" + fallen + "&" + span:   `"complaint_id"`,
		"grades?scope_kind=till&scope_id=" + fallen + "&" + span:                 fmt.Sprint(grades[fallen].n),
		"alerts?scope_kind=till&scope_id=" + fallen + "&" + span:                 "satisfaction_drop",
		"unhappy?limit=1&scope_kind=till&scope_id=" + fallen + "&" + span:        `"rows":[["`,
		"trend?scope_kind=source%2Atill&scope_id=pos%2A" + fallen + "&" + span:   `"rows":[[`,
		"funnel?scope_kind=till&scope_id=" + fallen + "&" + span:                 fmt.Sprintf("[%d,", opened[fallen].n),
		"responses?scope_kind=till":                                              "there is no such question",
		"places?kind=tills":                                                      `is not one of store, employee, touchpoint, till`,
	} {
		if got := fetch(t, page, "/api/v1/"+path); !strings.Contains(got, want) {
			t.Errorf("%s answers without %q: %s", path, want, got[:min(len(got), 600)])
		}
	}
	service.stop(t)
	must(t, "audit", "--config", p.file)

	// Rows depend on it.
	words := []string{`measures.dimensions is "till (responses, complaints)", and the rows were made with "campaign (responses), till (responses, complaints)"`}
	refused(t, words, "run", "--config", p.with(t, "    - {name: campaign, topics: [responses]}\n", "").file, "--until-end")
	plain := newDeployment(t, kafka, p.clickhouse, "")
	must(t, "run", "--config", plain.file, "--until-end")
	refused(t, []string{`measures.dimensions is "till (responses, complaints)", and the rows were made with ""`}, "check", "--config", plain.with(t, "listen:", "measures: {dimensions: [{name: till}]}\nlisten:").file)
}

type tally struct{ n, sum int }

// addTills adds to each event of a file a till by its store, and a campaign; it removes all places from the events of one
// store. It counts, by till, distinct responses or opened complaints.
func addTills(t *testing.T, file, alone, event string) map[string]tally {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	all, seen := map[string]tally{}, map[string]bool{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e map[string]any
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			out.Write(append(lines.Bytes(), '\n')) // a bad line
			continue
		}
		store, _ := e["store_id"].(string)
		id, _ := e["event_id"].(string)
		attributes := map[string]string{"campaign": "spring"}
		if store != "" {
			attributes["till"] = "till-" + store
		}
		e["attributes"] = attributes
		if store == alone {
			delete(e, "store_id")
			delete(e, "region")
			delete(e, "employee_id")
		}
		switch grade, isResponse := e["grade"].(float64); {
		case seen[id] || store == "":
		case isResponse && e["survey"] != "comprehensive" && (e["brand"] == nil || e["brand"] == "own"):
			c := all[attributes["till"]]
			all[attributes["till"]] = tally{c.n + 1, c.sum + int(grade)}
		case e["step"] == "opened":
			c := all[attributes["till"]]
			all[attributes["till"]] = tally{c.n + 1, 0}
		}
		seen[id] = true
		line, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(append(line, '\n'))
	}
	if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return all
}

func fetch(t *testing.T, page, path string) string {
	t.Helper()
	res, err := http.Get(page + path) //nolint:noctx // a test's own server
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// TestDimensionsThatMeanNothingAreRefusedByName: the error names the key, the fault, and the nearest name.
func TestDimensionsThatMeanNothingAreRefusedByName(t *testing.T) {
	servers := "kafka: {brokers: [\"127.0.0.1:1\"]}\nclickhouse: {address: [\"127.0.0.1:1\"]}\n"
	many := make([]string, 17)
	for i := range many {
		many[i] = fmt.Sprintf("{name: d%d}", i)
	}
	for text, words := range map[string][]string{
		"measures: {dimensions: [{name: store}]}":                                   {"measures.dimensions", `name "store" is taken`},
		"measures: {dimensions: [{name: store_id}]}":                                {"measures.dimensions", `name "store_id" is taken`},
		"measures: {dimensions: [{name: all}]}":                                     {`name "all" is taken`},
		"measures: {dimensions: [{name: till}, {name: till}]}":                      {`name "till" is taken`},
		"measures: {dimensions: [{name: \"Till 1\"}]}":                              {`name "Till 1": small letters`},
		"measures: {dimensions: [{nam: till}]}":                                     {"measures.dimensions[0]", `no key "nam": did you mean "name"?`},
		"measures: {dimensions: [till]}":                                            {"measures.dimensions[0]", "{name: till"},
		"measures: {dimensions: till}":                                              {"measures.dimensions: must be a list"},
		"measures: {dimensions: [{name: till, topics: [answers]}]}":                 {`till: topic "answers": one of responses, complaints`},
		"measures: {dimensions: [{name: till, label: {de: Kasse}}]}":                {`no language "de"`},
		"measures: {dimensions: [" + strings.Join(many, ", ") + "]}":                {"17 dimensions, at most 16"},
		"measures: {dimensions: [{name: till}], crossings: [[store, tll]]}":         {"measures.crossings", `no dimension "tll": did you mean "till"?`},
		"measures: {dimensions: [{name: till}]}\nalerts: {rules: {scopes: [tils]}}": {"alerts.rules.scopes", `no kind of scope "tils": did you mean "till"?`},
	} {
		refused(t, words, "config", "--config", file(t, "csatflow.yaml", servers+text))
	}
	out := must(t, "config", "--config", file(t, "csatflow.yaml", servers+"measures: {dimensions: [{name: till}]}"))
	if at := strings.Index(out, "scopes:"); at < 0 || !slices.Contains(strings.Fields(out[at:]), "till") {
		t.Errorf("alerts do not look at tills:\n%s", out)
	}
}
