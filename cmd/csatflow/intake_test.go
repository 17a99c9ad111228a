package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"

	"csatflow/deploy/trial/logtest"
	"csatflow/deploy/trial/storetest"
)

const kioskFeed = `
intake:
  listen: 127.0.0.1:0
  lookups: {stores: stores.csv}
  feeds:
    kiosk:
      when: msg.type == "rating"
      to: responses
      fields:
        event_id: msg.id
        occurred_at: timestamp(int(msg.ts_ms) / 1000)
        customer_id: 'has(msg.loyalty) ? msg.loyalty : ""'
        terminal_id: msg.device
        grade: stars(msg.stars)
        store_id: lookup("stores", msg.site)
        attributes: {campaign: msg.campaign}
`

func press(id int, stars int, site string) string {
	return fmt.Sprintf(`{"type":"rating","id":"k-%d","ts_ms":1772445600000,"device":"till-%d","stars":%d,"site":%q,"campaign":"spring"}`, id, id%5, stars, site)
}

// withIntake adds the kiosk's feed and its look-up file to a deployment.
func (p *deployment) withIntake(t *testing.T, stores string) {
	t.Helper()
	b, err := os.ReadFile(p.file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.file, append(b, kioskFeed...), 0o600); err != nil {
		t.Fatal(err)
	}
	p.stores(t, stores)
}

func (p *deployment) stores(t *testing.T, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(filepath.Dir(p.file), "stores.csv"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// serveIntake runs csatflow intake in this process, and returns its address; stop ends it and returns its exit code.
func serveIntake(t *testing.T, file string) (address string, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var said logtest.Buffer
	done := make(chan int, 1)
	go func() {
		done <- run(&system{ctx: ctx, stdin: bytes.NewReader(nil), stdout: io.Discard, stderr: &said}, []string{"intake", "--config", file})
	}()
	t.Cleanup(cancel)
	within(t, 30*time.Second, "the intake serves", func() bool {
		select {
		case code := <-done:
			t.Fatalf("it ended with %d:\n%s", code, said.String())
		default:
		}
		_, rest, found := strings.Cut(said.String(), `"intake":"`)
		address, _, _ = strings.Cut(rest, `/"`)
		return found
	})
	return address, func() int {
		cancel()
		return <-done
	}
}

// post sends a body, and returns the answer.
func post(t *testing.T, url, body string) (status int, answer string) {
	t.Helper()
	res, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	return res.StatusCode, whole(t, res.Body)
}

// messages reads all of a topic.
func messages(t *testing.T, kafka, topic string, partitions int) (list []kafkago.Message) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for p := range partitions {
		end := logEnd(t, kafka, topic, p)
		r := kafkago.NewReader(kafkago.ReaderConfig{Brokers: []string{kafka}, Topic: topic, Partition: p, MaxWait: 100 * time.Millisecond})
		for at := int64(0); at < end; {
			m, err := r.ReadMessage(ctx)
			if err != nil {
				t.Fatalf("%s, partition %d, %d of %d: %v", topic, p, at, end, err)
			}
			list = append(list, m)
			at = m.Offset + 1
		}
		_ = r.Close()
	}
	return list
}

// TestWhatComesInOverHTTPIsInTheTables: a kiosk's payloads and events in csatflow's own form, repeated, on the embedded servers; what
// the kiosk's feed refuses is a dead letter, and in the tables once the look-up file knows the store.
func TestWhatComesInOverHTTPIsInTheTables(t *testing.T) {
	t.Parallel()
	p := newDeployment(t, startFakeKafka(t, 8), storetest.ClickHouse(t), "").with(t, "kafka: {", "kafka: {partitioner: murmur2, ")
	p.withIntake(t, "site,store\nS-1,store-001\n")
	must(t, "migrate", "--config", p.file)
	address, stop := serveIntake(t, p.file)
	var list []string
	for i := range 20 {
		list = append(list, press(i, 1+i%5, "S-1"))
	}
	list = append(list, press(20, 5, "S-9"))
	for range 2 { // a sender who repeats itself
		status, answer := post(t, address+"/v1/feeds/kiosk", "["+strings.Join(list, ",")+"]")
		if status != 202 || !strings.Contains(answer, `"taken":20`) || !strings.Contains(answer, `"dead_letters":1`) || !strings.Contains(answer, "stores.csv has no key") {
			t.Fatalf("%d %s", status, answer)
		}
	}
	for at, setting := range map[string]string{time.Now().Add(2 * time.Hour).UTC().Format(time.RFC3339): "intake.ahead", "1970-01-21T18:53:47Z": "intake.behind"} {
		status, answer := post(t, address+"/v1/events/responses", `{"event_id":"t","occurred_at":"`+at+`","terminal_id":"t-1","grade":1,"store_id":"store-001"}`)
		if status != 422 || !strings.Contains(answer, `"taken":0`) || !strings.Contains(answer, setting) {
			t.Errorf("an event of %s: %d %s", at, status, answer)
		}
	}
	if status, answer := post(t, address+"/v1/events/responses", goodResponse); status != 202 {
		t.Fatalf("%d %s", status, answer)
	}
	if status, answer := post(t, address+"/v1/events/complaints", `{"event_id":"1","occurred_at":"2026-03-02T10:00:00Z","customer_id":"c-1","complaint_id":"k","step":"opened"}`); status != 202 {
		t.Fatalf("%d %s", status, answer)
	}
	if code := stop(); code != exitDone {
		t.Errorf("exit code %d", code)
	}
	versions := map[string]int{}
	for _, m := range messages(t, p.kafka, "csat.responses", 8) {
		for _, h := range m.Headers {
			versions[h.Key+" "+string(h.Value[:6])]++
		}
	}
	if versions["x-csatflow-mapping kiosk@"] != 40 {
		t.Errorf("headers: %v", versions)
	}
	must(t, "run", "--config", p.file, "--until-end")
	count := func() (n uint64, index float64) {
		query(t, p.connect(t), "SELECT sum(responses), any(csat_index) FROM satisfaction WHERE resolution = 86400 AND scope_kind = 'store' AND scope_id = 'store-001'", &n, &index)
		return n, index
	}
	if n, index := count(); n != 20 || index < 49 || index > 51 { // grades 1, 2, 4, 6, 7
		t.Errorf("%d responses with the index %.2f, want 20 with 50", n, index)
	}
	out := must(t, "deadletter", "list", "--config", p.file)
	if !strings.Contains(out, "feed:kiosk/") || !strings.Contains(out, "store_id") || !strings.Contains(out, "2 dead letters") {
		t.Errorf("%s", out)
	}
	id := out[strings.Index(out, "feed:kiosk/"):]
	id, _, _ = strings.Cut(id, " ")
	if out := must(t, "deadletter", "show", "--config", p.file, id); !strings.Contains(out, `lookup("stores", msg.site)`) || !strings.Contains(out, `"id":"k-20"`) {
		t.Errorf("%s", out)
	}
	ends(t, exitNo, []string{"deadletter", "retry", "--config", p.file, "--all"}, "has no key", "2 messages are still bad")
	p.stores(t, "site,store\nS-1,store-001\nS-9,store-001\n")
	for range 2 {
		ends(t, exitDone, []string{"deadletter", "retry", "--config", p.file, "--all"}, "sent back")
	}
	must(t, "run", "--config", p.file, "--until-end")
	if n, _ := count(); n != 21 {
		t.Errorf("%d responses after the retry, want 21", n)
	}
	must(t, "audit", "--config", p.file)
}

func TestIntakeTestShowsWhatPayloadsBecome(t *testing.T) {
	p := newDeployment(t, "127.0.0.1:1", "127.0.0.1:1", "")
	p.withIntake(t, "site,store\nS-1,store-001\n")
	recorded := file(t, "recorded.json", press(1, 5, "S-1")+"\n"+press(2, 9, "S-1")+"\n"+`{"type":"heartbeat"}`+"\n")
	code, out, errs := csatflow(t, nil, "intake", "test", recorded, "--feed", "kiosk", "--config", p.file)
	for _, want := range []string{`recorded.json:1  responses, key "till-1"`, `"grade": 7`, "recorded.json:2  refused: feed kiosk: grade: 9 is not on the scale", "recorded.json:3  passed over", "3 payloads: 1 refused, 1 passed over"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	if code != exitNo || !strings.Contains(errs, "1 of 3 payloads") {
		t.Errorf("exit code %d: %s", code, errs)
	}
}

func TestATokenIsPrintedWithItsHashAndLetsIn(t *testing.T) {
	out := must(t, "intake", "token", "events")
	var token, hash string
	if _, err := fmt.Sscanf(out, "token %s\nhash %s", &token, &hash); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	p := newDeployment(t, startFakeKafka(t, 8), "127.0.0.1:1", "intake: {listen: '127.0.0.1:0', events: {token_hashes: ['"+hash+"']}}\n")
	address, stop := serveIntake(t, p.file)
	defer stop()
	for given, want := range map[string]int{"": 401, token + "x": 401, token: 202} {
		r, err := http.NewRequest(http.MethodPost, address+"/v1/events/responses", strings.NewReader(goodResponse))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+given)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("with %q: %d, want %d", given, res.StatusCode, want)
		}
	}
	if again := must(t, "intake", "token", "events"); again == out {
		t.Error("the same token twice")
	}
}

func TestAnIntakeThatOthersReachIsNotOpenUnlessItSaysSo(t *testing.T) {
	p := newDeployment(t, "127.0.0.1:1", "127.0.0.1:1", "")
	p.withIntake(t, "site,store\nS-1,store-001\n")
	ends(t, exitUsage, []string{"intake", "--config", p.file, "--listen", "0.0.0.0:0"}, "intake.events: other machines reach", "intake.feeds.kiosk: other machines reach", "csatflow intake token kiosk", "insecure: true")
}
