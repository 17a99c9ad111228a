package main

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"csatflow/deploy/local/localtest"
)

// address of the page is in the log of a process.
var address = regexp.MustCompile(`http://(127\.0\.0\.1:\d+)/ `)

// metric sums the samples of a metric.
func metric(t *testing.T, page, name string) (sum float64) {
	t.Helper()
	res, err := http.Get("http://" + page + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, name) {
			v, err := strconv.ParseFloat(strings.TrimSpace(line[strings.LastIndexByte(line, ' '):]), 64)
			if err != nil {
				t.Fatal(err)
			}
			sum += v
		}
	}
	return sum
}

// TestAVisitorCannotStopTheWriter lets 120 connections ask what no cache has while a feed goes on.
func TestAVisitorCannotStopTheWriter(t *testing.T) {
	p := newPlace(t, startFakeKafka(t, 4), localtest.ClickHouse(t), "log: {format: text}\nflush: {interval: 200ms}\n")
	must(t, "simulate", "--brokers", p.kafka, "--events", "30000", "--customers", "4000", "--duration", "72h", "--side-topics")
	running := start(t, "run", "--config", p.file)
	var page string
	within(t, 30*time.Second, "the page is served", func() bool {
		m := address.FindStringSubmatch(running.said(t))
		if m != nil {
			page = m[1]
		}
		return m != nil
	})
	within(t, time.Minute, "what is there is applied", func() bool { return metric(t, page, `csatflow_records_total{result="applied"`) > 25_000 })

	feeding := start(t, "simulate", "--brokers", p.kafka, "--events", "100000", "--seed", "2", "--rate", "150")
	var answered, turnedAway, broken atomic.Int64
	var visitors sync.WaitGroup
	until := time.Now().Add(15 * time.Second)
	for i := range 120 {
		visitors.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for n := 0; time.Now().Before(until); n++ {
				to := time.Now().Add(-time.Duration(i*1000+n) * time.Minute)
				res, err := client.Get(fmt.Sprintf("http://%s/api/v1/places?kind=employee&from=%s&to=%s", page, to.AddDate(0, 0, -80).UTC().Format(time.RFC3339), to.UTC().Format(time.RFC3339)))
				if err != nil {
					broken.Add(1)
					continue
				}
				_, _ = io.Copy(io.Discard, res.Body) // what it says is told by its status
				_ = res.Body.Close()
				switch res.StatusCode {
				case http.StatusOK:
					answered.Add(1)
				case http.StatusTooManyRequests:
					if turnedAway.Add(1); res.Header.Get("Retry-After") == "" {
						t.Error("who is turned away is not told when to come again")
					}
					time.Sleep(50 * time.Millisecond)
				default:
					broken.Add(1)
				}
			}
		})
	}
	// The process goes on from look to look: rows are flushed, and no connection of the writer has to be waited for.
	flushes, applied := metric(t, page, `csatflow_flushes_total{result="ok"}`), metric(t, page, `csatflow_records_total{result="applied"`)
	for time.Now().Before(until) {
		time.Sleep(5 * time.Second)
		f, a := metric(t, page, `csatflow_flushes_total{result="ok"}`), metric(t, page, `csatflow_records_total{result="applied"`)
		t.Logf("flushes %v, applied %v; answered %d, turned away %d, broken %d", f-flushes, a-applied, answered.Load(), turnedAway.Load(), broken.Load())
		if f <= flushes || a <= applied {
			t.Errorf("in 5 s there were %v flushes and %v events were applied", f-flushes, a-applied)
		}
		flushes, applied = f, a
	}
	visitors.Wait()
	if log := running.said(t); strings.Contains(log, "acquire conn timeout") || metric(t, page, `csatflow_flushes_total{result="error"}`) > 0 {
		t.Errorf("the writer waited for a connection")
	}
	if answered.Load() == 0 || turnedAway.Load() == 0 || broken.Load() > 0 {
		t.Errorf("%d were answered, %d turned away, %d got neither", answered.Load(), turnedAway.Load(), broken.Load())
	}
	within(t, time.Minute, "a visitor is answered again", func() bool {
		res, err := http.Get("http://" + page + "/api/v1/risk")
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	if err := feeding.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
}
