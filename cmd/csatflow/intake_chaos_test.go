package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"csatflow/deploy/trial/apachekafka"
	"csatflow/deploy/trial/storetest"
)

// client sends batches of one kind, each until it is answered 202, and remembers what was.
type client struct {
	url    string
	make   func(i int) string
	taken  map[string]bool // event ids that were answered 202
	grades int             // their sum, of the seven
	tries  *atomic.Int64
	done   *atomic.Int64 // batches that were answered 202, of all clients
}

const chaosBatch = 50

// send sends the events from first to before last.
func (c *client) send(ctx context.Context, first, last int) error {
	h := &http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	for at := first; at < last; at += chaosBatch {
		var list, ids []string
		for i := at; i < min(at+chaosBatch, last); i++ {
			list = append(list, c.make(i))
			ids = append(ids, fmt.Sprintf("k-%d", i))
			c.grades += chaosGrade(i)
		}
		body := "[" + strings.Join(list, ",") + "]"
		for !c.try(ctx, h, body) {
			if ctx.Err() != nil {
				return fmt.Errorf("batch %d was never taken: %w", at, ctx.Err())
			}
			time.Sleep(50 * time.Millisecond)
		}
		for _, id := range ids {
			c.taken[id] = true
		}
		c.done.Add(1)
	}
	return nil
}

func (c *client) try(ctx context.Context, h *http.Client, body string) bool {
	c.tries.Add(1)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := h.Do(r)
	if err != nil {
		return false // it was killed
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if res.StatusCode == http.StatusAccepted && !strings.Contains(string(b), fmt.Sprintf(`"taken":%d`, strings.Count(body, `"ts_ms"`)+strings.Count(body, `"occurred_at"`))) {
		panic("something was refused: " + string(b))
	}
	return err == nil && res.StatusCode == http.StatusAccepted
}

func chaosStars(i int) int { return 1 + i%5 }

func chaosGrade(i int) int { return []int{1, 2, 4, 6, 7}[chaosStars(i)-1] }

// TestWhatWasAnswered202IsInKafkaHoweverOftenTheIntakeIsKilled, on a real Apache Kafka, which is killed too; and once in the tables.
func TestWhatWasAnswered202IsInKafkaHoweverOftenTheIntakeIsKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts a real Kafka and kills for a minute")
	}
	broker, err := apachekafka.Start(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := broker.Kill(); err != nil {
			t.Error(err)
		}
	})
	p := newDeployment(t, broker.Addr, storetest.ClickHouse(t), "").with(t, "kafka: {", "kafka: {partitioner: murmur2, ")
	p.withIntake(t, "site,store\nS-1,store-001\n")
	address := freePorts(t, 1)[0]
	b, err := os.ReadFile(p.file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.file, []byte(strings.Replace(string(b), "intake:\n  listen: 127.0.0.1:0", "intake:\n  listen: "+address, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, "migrate", "--topics", "--config", p.file)

	const each, clients = 5000, 4
	var tries, batches atomic.Int64
	list := make([]*client, clients)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	var sending sync.WaitGroup
	failed := make(chan error, clients)
	for n := range list {
		c := &client{url: "http://" + address + "/v1/feeds/kiosk", taken: map[string]bool{}, tries: &tries, done: &batches, make: func(i int) string {
			return strings.Replace(press(i, chaosStars(i), "S-1"), `"device":"till-`, fmt.Sprintf(`"device":"till-%d-`, i%97), 1)
		}}
		if n%2 == 1 {
			c.url = "http://" + address + "/v1/events/responses"
			c.make = func(i int) string {
				return fmt.Sprintf(`{"event_id":"k-%d","occurred_at":"2026-03-02T10:00:00Z","terminal_id":"till-%d","grade":%d}`, i, i%89, chaosGrade(i))
			}
		}
		list[n] = c
		sending.Go(func() { failed <- c.send(ctx, n*each, (n+1)*each) })
	}
	done := make(chan struct{})
	go func() {
		sending.Wait()
		close(done)
	}()
	r := rand.New(rand.NewPCG(7, 7))
	kills := 0
	var last *process
	for sent := false; !sent; {
		last = start(t, "intake", "--config", p.file)
		if kills == 3 {
			if err := broker.Kill(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			if err := broker.Restart(ctx); err != nil {
				t.Fatal(err)
			}
		}
		// After at most 60 of 400 batches, so that a fast machine has as many kills.
		enough := make(chan struct{})
		after, until := batches.Load()+int64(20+r.IntN(40)), time.Now().Add(time.Duration(800+r.IntN(1500))*time.Millisecond)
		go func() {
			defer close(enough)
			for batches.Load() < after && time.Now().Before(until) {
				time.Sleep(time.Millisecond)
			}
		}()
		select {
		case <-done:
			sent = true
		case <-enough:
			if err := last.cmd.Process.Signal(syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			<-last.done
			kills++
		}
	}
	for range list {
		if err := <-failed; err != nil {
			t.Fatal(err)
		}
	}
	begun := time.Now()
	if err := last.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := last.wait(t, 15*time.Second); err != nil || time.Since(begun) > 10*time.Second {
		t.Errorf("it ended with %v after %v", err, time.Since(begun))
	}
	seen := map[string]int{}
	for _, m := range messages(t, broker.Addr, "csat.responses", 8) {
		var e struct {
			ID string `json:"event_id"`
		}
		if err := json.Unmarshal(m.Value, &e); err != nil {
			t.Fatal(err)
		}
		seen[e.ID]++
	}
	total, grades := 0, 0
	for _, c := range list {
		grades += c.grades
		for id := range c.taken {
			total++
			if seen[id] == 0 {
				t.Errorf("%s was answered 202 and is not in Kafka", id)
			}
		}
	}
	messagesThere := 0
	for _, n := range seen {
		messagesThere += n
	}
	t.Logf("%d kills of the intake, %d requests for %d events; %d messages in Kafka, %d distinct", kills, tries.Load(), total, messagesThere, len(seen))
	if kills < 5 || total != each*clients || len(seen) != total {
		t.Errorf("%d kills, %d events, %d distinct in Kafka", kills, total, len(seen))
	}
	must(t, "run", "--config", p.file, "--until-end")
	var n uint64
	var mean float64
	query(t, p.connect(t), "SELECT sum(responses), sum(mean_grade * responses) FROM satisfaction WHERE resolution = 86400 AND scope_kind = 'all'", &n, &mean)
	if n != uint64(total) || int(mean+.5) != grades {
		t.Errorf("the tables have %d responses with grades of %.1f, and %d with %d were sent", n, mean, total, grades)
	}
	must(t, "audit", "--config", p.file)
}
