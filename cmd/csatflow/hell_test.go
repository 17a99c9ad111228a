package main

import (
	"bytes"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"csatflow/deploy/trial/storetest"
	"csatflow/sinks/deadletter"
)

// transactions sends transactions: some committed, some aborted, and one that stays open until finish.
func (f *hellFeed) transactions(t *testing.T, broker string) (finish func()) {
	t.Helper()
	send := func(client *kgo.Client, name string, n int) {
		t.Helper()
		if err := client.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		var list []*kgo.Record
		for i := range n {
			key, value, grade := f.response(fmt.Sprint("c", i), name, hellNoon, "")
			if name != "aborted" {
				f.count(name, grade)
			}
			list = append(list, &kgo.Record{Topic: responsesTopic, Key: key, Value: value})
		}
		if err := client.ProduceSync(t.Context(), list...).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	end := func(client *kgo.Client, how kgo.TransactionEndTry) {
		t.Helper()
		if err := client.EndTransaction(t.Context(), how); err != nil {
			t.Fatal(err)
		}
	}
	one, other := franzClient(t, broker, kgo.TransactionalID("one")), franzClient(t, broker, kgo.TransactionalID("other"))
	for range 3 {
		send(one, "committed", 100)
		end(one, kgo.TryCommit)
		send(one, "aborted", 100)
		end(one, kgo.TryAbort)
	}
	send(other, "left open", 100)
	return func() { end(other, kgo.TryCommit) }
}

// TestInputFromHell runs csatflow with little memory, on a real Apache Kafka, with everything that one should not send.
func TestInputFromHell(t *testing.T) {
	stores, busy, large := 200_000, 100_000, 5
	if testing.Short() {
		stores, busy, large = 5_000, 5_000, 2
	}
	p := newDeployment(t, startKafka(t), storetest.ClickHouse(t), "dead_letters: {window: 0}\n")
	createWide(t, p.kafka, responsesTopic)
	must(t, "migrate", "--config", p.file, "--topics")
	feed := newHellFeed(stores, busy, large)
	finish := feed.transactions(t, p.kafka)
	origins := feed.send(t, p.kafka)
	t.Logf("%d good messages, %d bad ones", feed.counted, len(feed.bad))

	const limit, most = 512 << 20, 1536 << 20
	t.Setenv("GOMEMLIMIT", fmt.Sprint(limit))
	began := time.Now()
	running := start(t, "run", "--config", p.file)
	conn := p.connect(t)
	sums := func() (responses, grades uint64) {
		t.Helper()
		if err := conn.QueryRow(t.Context(), "SELECT sum(responses), toUInt64(round(ifNull(sum(responses * mean_grade), 0))) FROM satisfaction WHERE resolution = 86400 AND scope_kind = 'all'").Scan(&responses, &grades); err != nil {
			t.Fatal(err)
		}
		return responses, grades
	}
	memory := int64(0)
	watched := func(so func() bool) func() bool {
		return func() bool {
			m, err := running.mostMemory()
			if err != nil {
				t.Fatalf("%v; it said:\n%s", err, running.said(t))
			}
			memory = max(memory, m)
			return so()
		}
	}
	within(t, time.Minute, "run has begun", watched(func() bool {
		var n uint64
		err := conn.QueryRow(t.Context(), "SELECT count() FROM responses").Scan(&n)
		return err == nil && n > 0
	}))
	finish()
	within(t, 3*time.Minute, "all good responses are counted", watched(func() bool {
		responses, _ := sums()
		return responses >= feed.counted
	}))
	took := time.Since(began)
	if err := running.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := running.wait(t, 20*time.Second); err != nil {
		t.Errorf("it ended with %v", err)
	}
	t.Logf("%v, at most %d MiB of memory", took, memory>>20)
	if memory > most {
		t.Errorf("%d MiB of memory", memory>>20)
	}
	must(t, "run", "--config", p.file, "--until-end") // it adds nothing
	if responses, grades := sums(); responses != feed.counted || int64(grades) != feed.grades {
		t.Errorf("%d responses with grades of %d in all, want %d and %d", responses, grades, feed.counted, feed.grades)
	}
	for query, want := range map[string]uint64{
		"SELECT count() FROM responses FINAL":                                                                                  feed.counted,
		"SELECT uniqExact(event_id) FROM responses":                                                                            feed.counted,
		"SELECT uniqExact(scope_id) FROM satisfaction WHERE resolution = 86400 AND scope_kind = 'store'":                       uint64(len(feed.stores)),
		"SELECT sum(responses) FROM satisfaction WHERE resolution = 86400 AND scope_kind = 'store'":                            feed.counted,
		"SELECT count() FROM satisfaction WHERE scope_id IN ('aborted', 'bad')":                                                0,
		"SELECT count() FROM responses WHERE store_id IN ('aborted', 'bad')":                                                   0,
		"SELECT sum(responses) FROM satisfaction WHERE resolution = 86400 AND scope_kind = 'store' AND scope_id = 'left open'": 100,
		"SELECT max(responses) FROM churn FINAL WHERE customer_id = 'busy'":                                                    uint64(busy),
	} {
		var got uint64
		if err := conn.QueryRow(t.Context(), query).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %d (%v), want %d", query, got, err, want)
		}
	}
	letters := p.deadLetters(t)
	for _, m := range letters {
		origin := header(m, deadletter.HeaderPartition) + "/" + header(m, deadletter.HeaderOffset)
		bad := origins[origin]
		delete(origins, origin)
		switch {
		case bad == nil:
			t.Errorf("a dead letter of %s, which is good or has one already: %.100q", origin, m.Value)
		case !bytes.Equal(m.Value, bad.Value) || (m.Value == nil) != (bad.Value == nil) || string(m.Key) != string(bad.Key) || header(m, "till") != string(bad.Headers[0].Value):
			t.Errorf("the dead letter of %s has changed: %d bytes of %d, key %q", origin, len(m.Value), len(bad.Value), m.Key)
		case header(m, deadletter.HeaderReason) == "" || strings.Contains(string(m.Value), "aborted"):
			t.Errorf("the dead letter of %s has no reason, or should not be", origin)
		}
	}
	for origin, bad := range origins {
		t.Errorf("no dead letter of %s: %.100q", origin, bad.Value)
	}
}
