package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode"

	kafkago "github.com/segmentio/kafka-go"

	"csatflow/cmd/csatflow/config"
	"csatflow/deploy/trial/storetest"
	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
	"csatflow/sinks/alert/deliver"
	"csatflow/sinks/clickhouse"
	"csatflow/sinks/deadletter"
)

// quiet fails if a text would do anything to a terminal except appear.
func quiet(t *testing.T, text string) {
	t.Helper()
	for _, r := range text {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Fatalf("%q has %U", text, r)
		}
	}
}

func TestADeadLetterDoesNothingToTheTerminal(t *testing.T) {
	const evil = "\x1b[2J\x1b]0;owned\a\u009b31m\x7f\r\u202e\b门店"
	p := newDeployment(t, startFakeKafka(t, 1), nobody(t), "")
	w := &kafkago.Writer{Addr: kafkago.TCP(p.kafka), Topic: config.Default().Kafka.Topics.DeadLetter, BatchTimeout: time.Millisecond}
	t.Cleanup(func() { _ = w.Close() })
	letter := func(offset, value string) kafkago.Message {
		m := kafkago.Message{Key: []byte(evil), Value: []byte(value)}
		for key, value := range map[string]string{deadletter.HeaderReason: "because " + evil, deadletter.HeaderField: evil, deadletter.HeaderTopic: "csat.responses", deadletter.HeaderPartition: "0", deadletter.HeaderOffset: offset, evil: evil} {
			m.Headers = append(m.Headers, kafkago.Header{Key: key, Value: []byte(value)})
		}
		return m
	}
	asJSON, err := json.Marshal(map[string]string{"comment": evil})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteMessages(t.Context(), letter("1", evil), letter("2", string(asJSON)), letter("3", "\xff"+evil)); err != nil {
		t.Fatal(err)
	}
	list := must(t, "deadletter", "list", "--config", p.file)
	if quiet(t, list); !strings.Contains(list, `because \x1b[2J\x1b]0;owned\a\u009b31m\x7f\r\u202e\b门店`) {
		t.Errorf("it says %s", list)
	}
	for _, id := range []string{"csat.responses/0/1", "csat.responses/0/2", "csat.responses/0/3"} {
		quiet(t, must(t, "deadletter", "show", "--config", p.file, id))
	}
	if raw := must(t, "deadletter", "show", "--config", p.file, "--raw", "csat.responses/0/1"); raw != evil {
		t.Errorf("raw it is %q", raw)
	}
	machine := must(t, "deadletter", "list", "--config", p.file, "--format", "json")
	first := strings.SplitN(machine, "\n", 2)[0]
	var one struct{ Value string }
	if err := json.Unmarshal([]byte(first), &one); err != nil || one.Value != evil {
		t.Errorf("%v: %q", err, one.Value)
	}
	if strings.ContainsFunc(machine, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }) {
		t.Errorf("the JSON has control characters: %q", machine)
	}
}

func TestAlertsThatTheWebhookAlwaysFailedAtAreToldAndHandedOnAgain(t *testing.T) {
	t.Parallel()
	works := false
	var heard []string
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !works {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		heard = append(heard, r.Header.Get(deliver.HeaderID))
	}))
	defer hook.Close()
	p := newDeployment(t, nobody(t), storetest.ClickHouse(t), "alerts: {webhook: {url: '"+hook.URL+"', secret: a secret of this test and no other}}\n")
	must(t, "migrate", "--config", p.file)
	store, err := clickhouse.Open(clickhouse.Config{Address: []string{p.clickhouse}, Database: p.database})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	began := time.Now().UTC().Truncate(time.Second).Add(-time.Hour)
	a := alert.Alert{Rule: ruleset.SatisfactionDrop, Kind: "store", ID: "store-\x1b7", Severity: alert.Page, Start: began, Fired: began, Seen: began, Measure: "mean_grade", Figures: alert.Figures{Value: 3, Expected: 5, Cases: 40}}
	if err := (&alert.Log{Conn: store.Conn(), Database: p.database}).Write(t.Context(), []alert.Alert{a}); err != nil {
		t.Fatal(err)
	}
	key := a.Key() + "-firing"
	table := &deliver.Table{Conn: store.Conn(), Database: p.database}
	if out := must(t, "alerts", "deliveries", "--config", p.file); !strings.Contains(out, "0 changes of alerts in 60 days, 0 of them parked") {
		t.Errorf("at first it says %s", out)
	}
	for _, channel := range []string{"webhook", "webhook parked"} {
		if err := table.Note(t.Context(), channel, key); err != nil {
			t.Fatal(err)
		}
	}
	ends(t, exitNo, []string{"alerts", "deliveries", "--config", p.file}, "parked", key, `store-\x1b7`, "page, firing", "1 of them parked", "alerts retry --all")
	ends(t, exitUsage, []string{"alerts", "retry", "--config", p.file}, "--all")
	ends(t, exitNo, []string{"alerts", "retry", "--config", p.file, "another"}, "another is not parked")
	ends(t, exitNo, []string{"alerts", "retry", "--config", p.file, "--all"}, "500")
	works = true
	ends(t, exitDone, []string{"alerts", "retry", "--config", p.file, "--all"}, "handed on", key)
	ends(t, exitDone, []string{"alerts", "deliveries", "--config", p.file}, "0 of them parked")
	if len(heard) != 1 || heard[0] != key {
		t.Errorf("the webhook was sent %q", heard)
	}
}
