package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"csatflow/cmd/csatflow/config"
	"csatflow/deploy/trial/apachekafka"
	"csatflow/pipeline/kafka"
	"csatflow/pipeline/partitioner"
)

// asFloor turns this test binary into the least that an intake does: net/http reads a body of known events, and they are produced.
const asFloor = "CSATFLOW_TEST_FLOOR"

func runFloor() {
	brokers, address, _ := strings.Cut(os.Getenv(asFloor), " ")
	conn, err := kafka.Connect(kafka.Config{Brokers: []string{brokers}})
	if err != nil {
		panic(err)
	}
	names := kafka.TopicNames{"csat.responses"}
	producer := kafka.NewProducer(conn, names, partitioner.Murmur2)
	list := make([]kafka.Message, benchBatch)
	for i := range list {
		value := []byte(benchEvent(i))
		list[i] = kafka.Message{Feed: "responses", Key: []byte("till-" + strconv.Itoa(i)), Value: value}
	}
	panic(http.ListenAndServe(address, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			panic(err)
		}
		for _, err := range producer.Produce(r.Context(), list, func() {}) {
			panic(err)
		}
		w.WriteHeader(http.StatusAccepted)
	})))
}

const benchBatch = 100

func benchEvent(i int) string {
	return fmt.Sprintf(`{"event_id":"b-%d","occurred_at":"2026-03-02T10:00:00Z","terminal_id":"till-%d","grade":6,"source":"pos","store_id":"store-%03d","region":"north","touchpoint":"checkout","rater":{"reliability":6,"empathy":5},"comment":"quick and kind"}`, i, i, i%20)
}

// BenchmarkIntake measures the CPU of an event in batches of 100, in a process of its own, on a real Kafka: the floor of net/http and producing, csatflow's
// own form, and the kiosk's feed. -benchtime counts requests.
func BenchmarkIntake(b *testing.B) {
	broker, err := apachekafka.Start(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = broker.Kill() })
	dir := b.TempDir()
	file := dir + "/csatflow.yaml"
	var own, feed strings.Builder
	for i := range benchBatch {
		own.WriteString(benchEvent(i) + "\n")
		feed.WriteString(press(i, 1+i%5, "S-1") + "\n")
	}
	ports := freePorts(b, 2)
	text := fmt.Sprintf("kafka: {brokers: [%s], partitioner: murmur2}\nclickhouse: {address: ['127.0.0.1:1']}\n%s", broker.Addr, strings.Replace(kioskFeed, "127.0.0.1:0", ports[0], 1))
	for name, content := range map[string]string{file: text, dir + "/stores.csv": "site,store\nS-1,store-001\n"} {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	conn, err := kafka.Connect(kafka.Config{Brokers: []string{broker.Addr}})
	if err != nil {
		b.Fatal(err)
	}
	c := config.Default().Kafka
	var topics []kafka.NewTopic
	for _, name := range append(topicNames(&c).List(), c.Topics.DeadLetter) {
		topics = append(topics, kafka.NewTopic{Name: name, Partitions: 8, Replication: 1})
	}
	if _, err := conn.CreateTopics(b.Context(), topics); err != nil {
		b.Fatal(err)
	}
	b.Setenv(asFloor, broker.Addr+" "+ports[1])
	floor := start(b).cmd.Process.Pid
	if err := os.Unsetenv(asFloor); err != nil {
		b.Fatal(err)
	}
	intake := start(b, "intake", "--config", file).cmd.Process.Pid
	for _, address := range ports {
		for range 300 {
			if l, err := net.Dial("tcp", address); err == nil {
				_ = l.Close()
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
	for _, c := range []struct {
		name, url, body string
		pid             int
	}{
		{"floor", "http://" + ports[1] + "/", own.String(), floor},
		{"own", "http://" + ports[0] + "/v1/events/responses", own.String(), intake},
		{"feed", "http://" + ports[0] + "/v1/feeds/kiosk", feed.String(), intake},
	} {
		b.Run(c.name, func(b *testing.B) {
			benchSend(b, c.url, c.body, 20) // connections and caches
			before, begun := cpuOf(b, c.pid), time.Now()
			b.ResetTimer()
			benchSend(b, c.url, c.body, b.N)
			b.StopTimer()
			events := float64(b.N) * benchBatch
			b.ReportMetric(float64((cpuOf(b, c.pid)-before).Nanoseconds())/events, "cpu-ns/event")
			b.ReportMetric(events/time.Since(begun).Seconds(), "events/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// benchSend sends n requests, eight at a time.
func benchSend(b *testing.B, url, body string, n int) {
	b.Helper()
	var next atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for next.Add(1) <= int64(n) {
				res, err := http.Post(url, "application/x-ndjson", strings.NewReader(body))
				if err != nil {
					b.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
				if res.StatusCode != http.StatusAccepted {
					b.Errorf("status %d", res.StatusCode)
					return
				}
			}
		})
	}
	all.Wait()
}

// cpuOf is the CPU time that a process has used.
func cpuOf(b *testing.B, pid int) time.Duration {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	ticks := 0
	for _, f := range fields[11:13] { // user and system, in ticks of 10 ms
		n, err := strconv.Atoi(f)
		if err != nil {
			b.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}
