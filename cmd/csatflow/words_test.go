package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	kafkago "github.com/segmentio/kafka-go"

	"csatflow/cmd/csatflow/config"
	"csatflow/deploy/simulate"
	"csatflow/deploy/trial/storetest"
	"csatflow/pipeline"
	"csatflow/sinks/deadletter"
)

// worded is the configuration of the owner's words in these tests.
const worded = `measures:
  sources: [{name: whatsapp, label: {en: WhatsApp, zh: 微信外的聊天}}]
  categories: [{name: billing, label: {en: Billing trouble, zh: 账单}, like: price}, {name: snub, label: {en: Snub, zh: 冷遇}, like: coldness}]
  steps: [{name: called_back, label: {en: Called back, zh: 回电}, like: contacted}, {name: settled, label: {en: Settled, zh: 了结}, like: resolved}, {name: noted, label: {en: Noted, zh: 记录}, like: none}]
  promise_by_category: {billing: 30m}
  crossings: [[store, source]]
`

// TestWordsThatTheOwnerAddsAreCountedEverywhere: under their own names where each is shown, and as the words that they are like in groups. SQL over the events as
// received, written apart from the views, agrees.
func TestWordsThatTheOwnerAddsAreCountedEverywhere(t *testing.T) {
	t.Parallel()
	p := newDeployment(t, startFakeKafka(t, 8), storetest.ClickHouse(t), worded+"page: {pseudonym_secret: 0123456789abcdef0123456789abcdef}\n")
	dir := t.TempDir()
	must(t, "simulate", "--out", dir, "--events", "30000", "--duplicates", "0.02", "--late", "0.05")
	truth := readTruth(t, dir)
	responses, complaints := filepath.Join(dir, "responses.jsonl"), filepath.Join(dir, "complaints.jsonl")
	inOwnWords(t, responses, nil)
	inOwnWords(t, complaints, truth)
	must(t, "send", "--config", p.file, responses, complaints)
	must(t, "migrate", "--config", p.file)
	must(t, "run", "--config", p.file, "--until-end")
	db := p.connect(t)
	figures := func(query string) (n []float64) {
		t.Helper()
		if err := db.QueryRow(t.Context(), query).Scan(&n); err != nil {
			t.Fatalf("%v\n%s", err, query)
		}
		return n
	}
	const once = "(SELECT * FROM complaint_events ORDER BY offset LIMIT 1 BY customer_id, event_id)"
	const byComplaint = "(SELECT customer_id, complaint_id, minIf(occurred_at, step = 'opened') AS opened, argMinIf(toString(category), (occurred_at, offset), category != '') AS about, argMinIf(toString(source), (occurred_at, offset), source != '') AS via, " +
		"countIf(step IN ('contacted', 'called_back')) AS contacts, maxIf(occurred_at, step IN ('resolved', 'settled') AND occurred_at >= open_at) AS closed, argMaxIf(toString(step), occurred_at, step IN ('opened', 'reopened', 'resolved', 'settled', 'withdrawn')) AS last " +
		"FROM (SELECT *, minIf(occurred_at, step = 'opened') OVER (PARTITION BY customer_id, complaint_id) AS open_at FROM " + once + ") GROUP BY customer_id, complaint_id HAVING countIf(step = 'opened') > 0)"
	for what, pair := range map[string][2]string{
		"responses by source": {"SELECT [toFloat64(sum(responses)), ifNull(sum(mean_grade * responses), 0)] FROM satisfaction WHERE resolution = 86400 AND scope_kind = 'source' AND scope_id = 'whatsapp'",
			"SELECT [toFloat64(count()), sum(toFloat64(grade))] FROM (SELECT * FROM responses WHERE brand = '' ORDER BY offset LIMIT 1 BY customer_id, terminal_id, event_id) WHERE source = 'whatsapp' AND survey = 'instant'"},
		"responses of a crossing": {"SELECT [toFloat64(sum(responses))] FROM satisfaction WHERE resolution = 60 AND scope_kind = 'store*source' AND endsWith(scope_id, '*whatsapp')",
			"SELECT [toFloat64(count())] FROM (SELECT * FROM responses WHERE brand = '' ORDER BY offset LIMIT 1 BY customer_id, terminal_id, event_id) WHERE source = 'whatsapp' AND store_id != '' AND survey = 'instant'"},
		"complaints by source": {"SELECT [toFloat64(sum(opened))] FROM recovery WHERE resolution = 3600 AND scope_kind = 'source' AND scope_id = 'whatsapp'", "SELECT [toFloat64(count())] FROM " + byComplaint + " WHERE via = 'whatsapp'"},
		"panes by what categories count as": {"SELECT [ifNull(sum(category_price_share * opened), 0), ifNull(sum(category_coldness_share * opened), 0)] FROM recovery WHERE resolution = 86400 AND scope_kind = 'all' AND opened > 0",
			"SELECT [toFloat64(countIf(about IN ('price', 'billing'))), toFloat64(countIf(about IN ('coldness', 'snub')))] FROM " + byComplaint},
		"complaints by category": {"SELECT [toFloat64(countIf(category = 'billing')), toFloat64(countIf(category = 'price')), toFloat64(countIf(category = 'snub'))] FROM complaint_state WHERE isNotNull(opened_at)",
			"SELECT [toFloat64(countIf(about = 'billing')), toFloat64(countIf(about = 'price')), toFloat64(countIf(about = 'snub'))] FROM " + byComplaint},
		"promises": {"SELECT [toFloat64(countIf(category = 'billing' AND promise_seconds = 1800)), toFloat64(countIf(category != 'billing' AND promise_seconds = 86400))] FROM complaint_state WHERE isNotNull(opened_at)",
			"SELECT [toFloat64(countIf(about = 'billing')), toFloat64(countIf(about != 'billing'))] FROM " + byComplaint},
		"steps that count as contacts": {"SELECT [toFloat64(sum(contacts))] FROM complaint_state WHERE isNotNull(opened_at)", "SELECT [toFloat64(sum(contacts))] FROM " + byComplaint},
		"steps that close": {"SELECT [toFloat64(countIf(state = 'resolved')), toFloat64(countIf(state = 'open')), toFloat64(sum(ifNull(toUnixTimestamp(resolved_at), 0)))] FROM complaint_state WHERE isNotNull(opened_at)",
			"SELECT [toFloat64(countIf(last IN ('resolved', 'settled'))), toFloat64(countIf(last IN ('opened', 'reopened'))), toFloat64(sumIf(toUnixTimestamp(closed), closed > toDateTime64(0, 3)))] FROM " + byComplaint},
	} {
		got, want := figures(pair[0]), figures(pair[1])
		for i := range want {
			if want[i] == 0 || got[i] < want[i]-1e-6 || got[i] > want[i]+1e-6 {
				t.Errorf("%s: %v, the events as received say %v", what, got, want)
				break
			}
		}
	}
	if n := figures("SELECT [toFloat64(countIf(step = 'noted')), toFloat64(countIf(step = 'settled'))] FROM complaint_events"); n[0] == 0 || n[1] == 0 {
		t.Errorf("the events as received have %v steps in the owner's words", n)
	}
	must(t, "audit", "--config", p.file)
	until := truth.Incident.To.Truncate(time.Hour).Add(time.Hour).Format(time.RFC3339)
	for language, label := range map[string]string{"en": "Complaint category: Billing trouble", "zh": "投诉类别: 账单"} {
		report := must(t, "report", "--config", p.file, "--from", truth.Config.Start.Format(time.DateOnly), "--to", until, "--lang", language, "--scope", "store="+truth.Incident.StoreID, "--format", "markdown")
		if !strings.Contains(report, label) {
			t.Errorf("the report does not speak of %s:\n%s", label, report)
		}
	}
	wordsOnThePage(t, p, truth)
}

func wordsOnThePage(t *testing.T, p *deployment, truth *simulate.Truth) {
	t.Helper()
	service := start(t, "run", "--config", p.file)
	within(t, time.Minute, "the page is served", func() bool { return strings.Contains(service.said(t), `"page":"`) })
	page := service.page(t)
	span := "from=" + truth.Config.Start.Format(time.RFC3339) + "&to=" + truth.Config.Start.Add(truth.Config.Duration).Format(time.RFC3339)
	for path, want := range map[string]string{
		"names?lang=en":              `"billing":{"label":"Billing trouble"}`,
		"names?lang=zh":              `"settled":{"label":"了结"}`,
		"categories?" + span:         `"billing"`,
		"places?kind=source&" + span: `"whatsapp"`,
		"trend?scope_kind=source&scope_id=whatsapp&" + span: `"rows":[[`,
	} {
		if got := fetch(t, page, "/api/v1/"+path); !strings.Contains(got, want) {
			t.Errorf("%s answers without %q: %s", path, want, got[:min(len(got), 600)])
		}
	}
	service.stop(t)
}

// inOwnWords puts the owner's words in the place of some of the release's, and for complaints adds steps that change nothing, and complaints about bills while a store's
// service is bad.
func inOwnWords(t *testing.T, file string, truth *simulate.Truth) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	write := func(e map[string]any) {
		line, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(append(line, '\n'))
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e map[string]any
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			out.Write(append(lines.Bytes(), '\n')) // a bad line
			continue
		}
		id, _ := e["event_id"].(string)
		for field, words := range map[string]map[string]string{"source": {"app": "whatsapp", "service_desk": "whatsapp"}, "category": {"price": "billing", "coldness": "snub"}, "step": {"contacted": "called_back", "resolved": "settled"}} {
			was, _ := e[field].(string)
			if own := words[was]; own != "" && (field == "source" || strings.ContainsAny(id[max(len(id)-1, 0):], "02468")) {
				e[field] = own
			}
		}
		write(e)
		if e["step"] == "opened" && len(id) > 0 {
			noted := map[string]any{"event_id": id + "-noted", "step": "noted", "employee_id": "e-desk"}
			for _, field := range []string{"customer_id", "complaint_id", "occurred_at"} {
				noted[field] = e[field]
			}
			write(noted)
		}
	}
	for i := range 80 {
		if truth == nil {
			break
		}
		write(map[string]any{"event_id": fmt.Sprint("bill-", i), "customer_id": fmt.Sprint("billed-", i), "complaint_id": fmt.Sprint("b-", i), "step": "opened", "category": "billing", "source": "whatsapp", "store_id": truth.Incident.StoreID,
			"occurred_at": truth.Incident.From.Add(time.Duration(i) * truth.Incident.To.Sub(truth.Incident.From) / 80).Format(time.RFC3339)})
	}
	if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// spoken makes a response and a complaint in the owner's words for each of n customers.
func spoken(from, n int) (responses, complaints map[string]string) {
	responses, complaints = map[string]string{}, map[string]string{}
	for i := from; i < from+n; i++ {
		c := fmt.Sprint("customer-", i)
		responses[c] = fmt.Sprintf(`{"event_id":"w%d","occurred_at":"2026-03-02T10:00:00Z","customer_id":%q,"grade":2,"source":"whatsapp"}`, i, c)
		complaints[c] = fmt.Sprintf(`{"event_id":"v%d","occurred_at":"2026-03-02T11:00:00Z","customer_id":%q,"complaint_id":"q%d","step":"opened","category":"billing"}`, i, c, i)
	}
	return responses, complaints
}

// TestWordsThatAreAddedLaterCountFromThenOn: what was a dead letter before stays one, and counts once it is sent again. The audit, which reads the topics from the start,
// agrees at each point.
func TestWordsThatAreAddedLaterCountFromThenOn(t *testing.T) {
	t.Parallel()
	kafka := startFakeKafka(t, 8)
	plain := newDeployment(t, kafka, storetest.ClickHouse(t), "measures: {promise: 24h}\nflush: {interval: 1s}\n")
	send := func(responses, complaints map[string]string) {
		produceAs(t, kafka, "csat.responses", kafkago.Murmur2Balancer{}, responses)
		produceAs(t, kafka, "csat.complaints", kafkago.Murmur2Balancer{}, complaints)
	}
	send(unhappy(60))
	send(spoken(0, 40))
	must(t, "run", "--config", plain.file, "--until-end")
	must(t, "audit", "--config", plain.file)
	db := plain.connect(t)
	counts := func(responses, complaints uint64) {
		t.Helper()
		var n, m uint64
		if err := db.QueryRow(t.Context(), "SELECT toUInt64(ifNull(sum(responses), 0)) FROM satisfaction WHERE resolution = 86400 AND scope_kind = 'source' AND scope_id = 'whatsapp'").Scan(&n); err != nil {
			t.Fatal(err)
		}
		if err := db.QueryRow(t.Context(), "SELECT count() FROM complaint_state WHERE category = 'billing'").Scan(&m); err != nil {
			t.Fatal(err)
		}
		if n != responses || m != complaints {
			t.Errorf("%d responses and %d complaints count in the owner's words, want %d and %d", n, m, responses, complaints)
		}
	}
	counts(0, 0)
	letters := must(t, "deadletter", "list", "--config", plain.file, "--limit", "0")
	for _, words := range []string{"measures.sources", "measures.categories", "whatsapp", "billing"} {
		if !strings.Contains(letters, words) {
			t.Errorf("no dead letter says %q:\n%s", words, letters)
		}
	}

	// Sent again before the word counts, it would only be a dead letter once more.
	if code, out, errs := csatflow(t, nil, "deadletter", "retry", "--config", plain.file, "--all"); code != exitNo || !strings.Contains(errs, "measures.sources") {
		t.Errorf("exit code %d\n%s%s", code, out, errs)
	}

	// The words come, and what nobody has read yet counts.
	send(spoken(100, 25))
	words := `{promise: 24h, sources: [{name: whatsapp, label: {en: WhatsApp, zh: WhatsApp}}], categories: [{name: billing, label: {en: Billing, zh: 账单}, like: price}], promise_by_category: {billing: 1h}}`
	p := plain.with(t, "{promise: 24h}", words)
	must(t, "audit", "--config", p.file) // of rows that do not know the words yet
	must(t, "run", "--config", p.file, "--until-end")
	counts(25, 25)
	must(t, "audit", "--config", p.file)
	if out := must(t, "deadletter", "retry", "--config", p.file, "--all"); !strings.Contains(out, "80 sent back") {
		t.Errorf("%s", out)
	}
	must(t, "run", "--config", p.file, "--until-end")
	counts(65, 65)
	must(t, "audit", "--config", p.file)
	must(t, "check", "--config", p.file)

	// What rows have can neither go nor change.
	const wayOn = "clickhouse.database"
	for _, change := range []struct {
		old, new string
		words    []string
	}{
		{"categories: [{name: billing, label: {en: Billing, zh: 账单}, like: price}], promise_by_category: {billing: 1h}", "categories: []", []string{`measures.categories has no "billing"`, "like price, promise 1h0m0s", "leave it in", wayOn}},
		{"sources: [{name: whatsapp, label: {en: WhatsApp, zh: WhatsApp}}]", "sources: []", []string{`measures.sources has no "whatsapp"`, wayOn}},
		{"like: price", "like: coldness", []string{`measures.categories: billing is "like coldness, promise 1h0m0s"`, `made with "like price, promise 1h0m0s"`, "add another word", wayOn}},
		{"{billing: 1h}", "{billing: 2h}", []string{`measures.categories: billing is "like price, promise 2h0m0s"`, wayOn}},
	} {
		changed := p.with(t, change.old, change.new).file
		refused(t, change.words, "check", "--config", changed)
		refused(t, change.words, "audit", "--config", changed)
		refused(t, change.words, "run", "--config", changed, "--until-end")
	}
	must(t, "run", "--config", p.with(t, "en: Billing,", "en: Invoices,").file, "--until-end") // labels are only read

	// Another word may come, also while rows have others; not while a process reads by the words of before.
	more := p.with(t, "like: price}", "like: price}, {name: tax, label: {en: Tax, zh: 税}, like: other}")
	service := start(t, "run", "--config", p.file)
	within(t, time.Minute, "the page is served", func() bool { return strings.Contains(service.said(t), `"page":"`) })
	within(t, time.Minute, "it is in the group", func() bool { return strings.HasPrefix(fetch(t, service.page(t), "/readyz"), "ready") })
	refused(t, []string{"of group csatflow still read by the words of before", "stop them all"}, "run", "--config", more.file, "--until-end")
	service.stop(t)
	must(t, "run", "--config", more.file, "--until-end")
	must(t, "audit", "--config", more.file)
	counts(65, 65)
}

// TestWordsCountFromAfterTheirDeadLetters: a process may have been killed after it had sent dead letters and before any row said so.
func TestWordsCountFromAfterTheirDeadLetters(t *testing.T) {
	t.Parallel()
	kafka := startFakeKafka(t, 8)
	p := newDeployment(t, kafka, storetest.ClickHouse(t), "")
	responses, complaints := spoken(0, 40)
	produceAs(t, kafka, "csat.responses", kafkago.Murmur2Balancer{}, responses)
	produceAs(t, kafka, "csat.complaints", kafkago.Murmur2Balancer{}, complaints)
	asked := map[string]string{}
	for c := range responses {
		asked[c] = fmt.Sprintf(`{"event_id":"i-%s","occurred_at":"2026-03-02T09:00:00Z","customer_id":%[1]q,"source":"whatsapp"}`, c)
	}
	produceAs(t, kafka, "csat.asked", kafkago.Murmur2Balancer{}, asked)
	must(t, "run", "--config", p.file, "--until-end")
	want := map[pipeline.Topic][]int64{pipeline.Responses: make([]int64, 8), pipeline.Complaints: make([]int64, 8), pipeline.Asked: make([]int64, 8)}
	for line := range strings.Lines(must(t, "deadletter", "list", "--config", p.file, "--limit", "0", "--format", "json")) {
		var letter struct{ ID string }
		if err := json.Unmarshal([]byte(line), &letter); err != nil {
			t.Fatal(err)
		}
		id, err := deadletter.ParseID(letter.ID)
		if err != nil {
			t.Fatal(err)
		}
		topic, _ := pipeline.TopicOf(strings.TrimPrefix(id.Topic, "csat."))
		want[topic][id.Partition] = max(want[topic][id.Partition], id.Offset+1)
	}
	killed := newDeployment(t, kafka, p.clickhouse, "") // it has written no row
	must(t, "migrate", "--config", killed.file)
	c, err := config.Load(killed.file, nil)
	if err != nil {
		t.Fatal(err)
	}
	to, err := connect(c)
	if err != nil {
		t.Fatal(err)
	}
	defer to.close()
	got, err := to.reached(c, 8, slog.New(slog.DiscardHandler))(t.Context())
	if d := cmp.Diff(want, got); err != nil || d != "" || slices.Max(got[pipeline.Responses]) == 0 || slices.Max(got[pipeline.Asked]) == 0 {
		t.Errorf("%v (-letters, +reached):\n%s", err, d)
	}
}

func TestValidateGoesByTheWordsOfTheConfiguration(t *testing.T) {
	events := file(t, "responses.jsonl", `{"event_id":"1","occurred_at":"2026-03-01T09:00:00Z","customer_id":"c","grade":4,"source":"whatsapp"}`+"\n")
	with := file(t, "csatflow.yaml", worded)
	ends(t, exitDone, []string{"validate", "--config", with, events}, "1 events, 0 bad")
	ends(t, exitNo, []string{"validate", events}, ":1: source: must be one of", "measures.sources", "whatsapp")
}
