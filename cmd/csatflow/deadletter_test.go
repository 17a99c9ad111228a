package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"csatflow/deploy/trial/storetest"
	"csatflow/sinks/deadletter"
)

// badFeed sends good and bad responses, and runs csatflow on them.
func badFeed(t *testing.T) *deployment {
	t.Helper()
	p := newDeployment(t, startFakeKafka(t, 8), storetest.ClickHouse(t), "")
	file := filepath.Join(t.TempDir(), "responses.jsonl")
	lines := `{"event_id":"1","occurred_at":"2026-03-01T10:00:00Z","customer_id":"c1","grade":7}
{"event_id":"2","occurred_at":"2026-03-01T10:01:00Z","customer_id":"c1","grade":10}
{"event_id":"3","occurred_at":"2026-03-01T10:02:00Z","customer_id":"c2","grade":9}
not JSON at all
`
	if err := os.WriteFile(file, []byte(lines), 0o644); err != nil {
		t.Fatal(err)
	}
	must(t, "send", "--config", p.file, file)
	must(t, "run", "--config", p.file, "--until-end")
	return p
}

// listed returns the letters of list --format json.
func listed(t *testing.T, p *deployment, more ...string) (list []deadletter.Line) {
	t.Helper()
	for line := range strings.Lines(must(t, append([]string{"deadletter", "list", "-c", p.file, "--format", "json"}, more...)...)) {
		var l deadletter.Line
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		list = append(list, l)
	}
	return list
}

func (p *deployment) responses(t *testing.T) (n uint64) {
	t.Helper()
	if err := p.connect(t).QueryRow(t.Context(), "SELECT sum(responses) FROM satisfaction WHERE resolution = 86400 AND scope_kind = 'all'").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestDeadLettersAreListedShownRepairedAndCountOnce(t *testing.T) {
	t.Parallel()
	p := badFeed(t)
	text := must(t, "deadletter", "list", "-c", p.file)
	for _, want := range []string{"3 dead letters in csat.deadletter", "2  csat.responses: grade", "1  csat.responses: the message as a whole", "must be"} {
		if !strings.Contains(text, want) {
			t.Errorf("list does not say %q:\n%s", want, text)
		}
	}
	all, grades := listed(t, p), listed(t, p, "--field", "grade")
	if len(all) != 3 || len(grades) != 2 || len(listed(t, p, "--reason", "no such reason")) != 0 || len(listed(t, p, "--limit", "1")) != 1 || len(listed(t, p, "--since", "2100-01-01T00:00:00Z")) != 0 {
		t.Fatalf("%d letters, %d with a bad grade", len(all), len(grades))
	}
	id := grades[0].ID
	shown := must(t, "deadletter", "show", "-c", p.file, id)
	raw := must(t, "deadletter", "show", "-c", p.file, id, "--raw")
	if !strings.Contains(shown, raw) || !strings.Contains(shown, "grade") || !json.Valid([]byte(raw)) {
		t.Errorf("show:\n%s\nraw:\n%s", shown, raw)
	}

	// Unchanged it is still bad: nothing is sent.
	code, out, errs := csatflow(t, nil, "deadletter", "retry", "-c", p.file, "--all")
	if code != exitNo || !strings.Contains(out, "0 sent back") || !strings.Contains(errs, "3 messages are still bad") || !strings.Contains(errs, id+": grade") {
		t.Errorf("exit code %d: %s%s", code, out, errs)
	}

	// Repaired, one by one through a file, twice over: each counts once.
	mended := filepath.Join(t.TempDir(), "mended.jsonl")
	f, err := os.Create(mended)
	if err != nil {
		t.Fatal(err)
	}
	encoder := json.NewEncoder(f)
	for _, l := range grades {
		l.Value.(map[string]any)["grade"] = 5
		if err := encoder.Encode(l); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if out := must(t, "deadletter", "retry", "-c", p.file, "--file", mended); !strings.Contains(out, "2 sent back") {
		t.Error(out)
	}
	if out := must(t, "deadletter", "retry", "-c", p.file, "--file", mended); !strings.Contains(out, "0 sent back, 2 were sent back before") {
		t.Error(out)
	}
	must(t, "run", "--config", p.file, "--until-end")
	if n := p.responses(t); n != 3 {
		t.Errorf("%d responses counted", n)
	}
	if left := listed(t, p); len(left) != 1 || len(listed(t, p, "--all")) != 3 {
		t.Errorf("%d letters wait", len(left))
	}
	if text := must(t, "deadletter", "list", "-c", p.file); !strings.Contains(text, "1 dead letters in csat.deadletter; 2 were sent back") {
		t.Error(text)
	}
}

func TestDeadletterSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	p := badFeed(t)
	none := filepath.Join(t.TempDir(), "none.jsonl")
	for name, text := range map[string]string{"no.jsonl": "nonsense\n", "id.jsonl": `{"id":"x","value":{}}` + "\n", "value.jsonl": `{"id":"csat.responses/1/2"}` + "\n"} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(none), name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	file := func(name string) string { return filepath.Join(filepath.Dir(none), name) }
	for _, c := range []struct {
		args []string
		code int
		say  string
	}{
		{[]string{"show", "csat.responses/0/999999"}, exitNo, "no dead letter csat.responses/0/999999"},
		{[]string{"show", "nonsense"}, exitUsage, "csat.responses/3/1201"},
		{[]string{"retry"}, exitUsage, "in one way"},
		{[]string{"retry", "--all", "csat.responses/0/1"}, exitUsage, "in one way"},
		{[]string{"retry", "csat.responses/0/999999"}, exitNo, "1 of the named messages are not in csat.deadletter"},
		{[]string{"retry", "--file", none}, exitUsage, "none.jsonl"},
		{[]string{"retry", "--file", file("no.jsonl")}, exitUsage, "no.jsonl:1: not an object"},
		{[]string{"retry", "--file", file("id.jsonl")}, exitUsage, "id.jsonl:1: id"},
		{[]string{"retry", "--file", file("value.jsonl")}, exitUsage, "value.jsonl:1: value"},
		{[]string{"list", "--brokers", "127.0.0.1:1"}, exitUnreachable, "127.0.0.1:1"},
	} {
		code, _, errs := csatflow(t, nil, append([]string{"deadletter"}, append(c.args, "-c", p.file)...)...)
		if code != c.code || !strings.Contains(errs, c.say) {
			t.Errorf("%v: exit code %d, want %d: %s", c.args, code, c.code, errs)
		}
	}
	code, _, errs := csatflow(t, []string{"CSATFLOW_KAFKA_TOPICS_DEADLETTER=other"}, "deadletter", "list", "-c", p.file)
	if code != exitUsage || !strings.Contains(errs, "migrate --topics") {
		t.Errorf("exit code %d: %s", code, errs)
	}
}
