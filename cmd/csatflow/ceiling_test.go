package main

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"csatflow/deploy/trial/storetest"
	"csatflow/sinks/deadletter"
)

// TestAFeedOfGarbageStopsTheRunUntilTheOwnerSaysThatItIsToBeDiverted sends good responses, then the same garbage
// again and again, then good responses.
func TestAFeedOfGarbageStopsTheRunUntilTheOwnerSaysThatItIsToBeDiverted(t *testing.T) {
	t.Parallel()
	const good, garbage, window, ceiling = 50, 1000, 100, 20
	p := newDeployment(t, startFakeKafka(t, 8), storetest.ClickHouse(t), fmt.Sprintf("flush: {interval: 50ms}\ndead_letters: {window: %d, max_share: 0.2}\n", window))
	client := franzClient(t, p.kafka)
	partition, n := int32(-1), 0
	send := func(count int, value func(n int) string) {
		t.Helper()
		for range count {
			r := &kgo.Record{Topic: responsesTopic, Key: []byte("c1"), Value: []byte(value(n))}
			n++
			if err := client.ProduceSync(t.Context(), r).FirstErr(); err != nil { // each a batch of its own
				t.Fatal(err)
			}
			partition = r.Partition
		}
	}
	response := func(n int) string {
		return fmt.Sprintf(`{"event_id":"e%d","occurred_at":%q,"customer_id":"c1","grade":3}`, n, hellNoon.Add(time.Duration(n)*time.Second).Format(time.RFC3339))
	}
	counted := func() (n uint64) {
		t.Helper()
		if err := p.connect(t).QueryRow(t.Context(), "SELECT sum(responses) FROM satisfaction WHERE resolution = 86400 AND scope_kind = 'all'").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	send(good, response)
	must(t, "run", "--config", p.file, "--until-end")
	send(garbage, func(n int) string { return fmt.Sprint("garbage ", n) })
	send(good, response)

	for range 2 { // the second run says the same
		ends(t, exitNo, []string{"run", "--config", p.file, "--until-end"}, fmt.Sprintf("responses, partition %d,", partition), "above the ceiling of 0.2 of 100",
			fmt.Sprintf("offset %d:", good+ceiling), "not JSON", "Mend the sender", "dead_letters.max_share")
	}
	for _, m := range p.deadLetters(t) {
		if offset, err := strconv.Atoi(header(m, deadletter.HeaderOffset)); err != nil || offset >= good+ceiling {
			t.Errorf("%q of offset %q is beyond the ceiling and was diverted", m.Value, header(m, deadletter.HeaderOffset))
		}
	}
	if got := counted(); got != good {
		t.Errorf("%d responses counted, %d stand before the garbage", got, good)
	}

	text, err := os.ReadFile(p.file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.file, []byte(strings.Replace(string(text), "max_share: 0.2", "max_share: 1", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	must(t, "run", "--config", p.file, "--until-end")
	if got := counted(); got != 2*good {
		t.Errorf("%d responses counted, want %d", got, 2*good)
	}
	diverted := map[string]bool{}
	for _, m := range p.deadLetters(t) {
		if !regexp.MustCompile(`^garbage \d+$`).Match(m.Value) {
			t.Errorf("dead letter %q", m.Value)
		}
		diverted[header(m, deadletter.HeaderOffset)] = true
	}
	if len(diverted) != garbage {
		t.Errorf("%d messages have a dead letter, %d are garbage", len(diverted), garbage)
	}
}
