package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"csatflow/deploy/local"
	"csatflow/deploy/local/libchdb"
)

// TestSoak feeds one process for a long time at a steady rate, stops ClickHouse for a third of that time, and watches
// memory, goroutines and lag. CSATFLOW_TEST_SOAK is the time (30m), CSATFLOW_TEST_RATE the events per second (make soak);
// the curve goes to CSATFLOW_TEST_CURVE (soak.csv in the temporary directory when empty).
func TestSoak(t *testing.T) {
	text := os.Getenv("CSATFLOW_TEST_SOAK")
	if text == "" {
		t.Skip("CSATFLOW_TEST_SOAK is not set")
	}
	whole, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	rate, err := strconv.Atoi(os.Getenv("CSATFLOW_TEST_RATE"))
	if err != nil {
		t.Fatalf("CSATFLOW_TEST_RATE must be events a second: %v", err)
	}
	lib, err := libchdb.Fetch(t.Context(), libchdb.Options{File: os.Getenv("CSATFLOW_LIBCHDB"), Progress: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	addresses := freePorts(t, 2)
	options := local.ClickHouseOptions{Library: lib, Data: t.TempDir(), NativeAddr: addresses[0], MemoryBytes: 6 << 30}
	engine := engineOf(t, options)
	p := newDeployment(t, startKafka(t), addresses[0], "")
	must(t, "migrate", "--config", p.file, "--topics")

	began := time.Now()
	run := spawn(t, "run", "--config", p.file, "--listen", addresses[1])
	feed := spawn(t, "simulate", "--brokers", p.kafka, "--events", fmt.Sprint(int(whole.Seconds()*float64(rate))), "--rate", fmt.Sprint(rate), "--seed", "5",
		"--customers", "50000", "--stores", "200", "--employees", "1000", "--duration", whole.String(), "--duplicates", "0.01", "--late", "0.01", "--bad", "0.0001")
	w := newWatch(t, "http://"+addresses[1]+"/metrics", began)
	w.until(whole / 3)
	if err := engine.Kill(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: ClickHouse is gone", time.Since(began).Round(time.Second))
	w.until(whole * 2 / 3)
	engine = engineOf(t, options)
	t.Logf("%s: ClickHouse is back", time.Since(began).Round(time.Second))
	w.until(whole)
	if err := feed.Wait(); err != nil {
		t.Fatalf("the feed: %v", err)
	}
	for limit := time.Now().Add(whole); w.last.lag > 0 && time.Now().Before(limit); {
		w.until(time.Since(began) + 10*time.Second)
	}
	t.Logf("%s: caught up", time.Since(began).Round(time.Second))
	w.until(time.Since(began) + time.Minute)
	if err := run.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := run.Wait(); err != nil {
		t.Errorf("run ended with %v", err)
	}
	w.report()
	must(t, "run", "--config", p.file, "--until-end")
	hoursAgree(t, p.connect(t))
	t.Log(must(t, "audit", "--config", p.file, "--sample", "0.02"))
	if err := engine.Kill(); err != nil {
		t.Fatal(err)
	}
}

func engineOf(t *testing.T, o local.ClickHouseOptions) *local.ClickHouse {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c, err := local.StartClickHouse(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Kill() }) // it may be gone already
	return c
}

// hoursAgree compares every hour of every store with responses as received.
func hoursAgree(t *testing.T, conn driver.Conn) {
	t.Helper()
	reference := `SELECT toUInt32(3600) AS resolution, toUInt32(toUnixTimestamp(toStartOfHour(occurred_at))) AS start, 'store' AS scope_kind, store_id AS scope_id, count() AS responses, avg(grade) AS mean_grade
		FROM ` + rawResponses + ` WHERE survey = 'instant' AND brand = '' AND store_id != '' GROUP BY start, store_id`
	n := differences(t, conn, "satisfaction", "resolution = 3600 AND scope_kind = 'store'", reference, []string{"responses", "mean_grade"}, 1e-9)
	t.Logf("%d cells of hours and stores agree", n)
}

// processWatch follows a process by its metrics.
type processWatch struct {
	t     *testing.T
	url   string
	began time.Time
	list  []sample
	last  sample
}

type sample struct {
	at         time.Duration
	rss, heap  float64 // MiB
	goroutines float64
	lag        float64 // records
	applied    float64 // records
}

func newWatch(t *testing.T, url string, began time.Time) *processWatch {
	return &processWatch{t: t, url: url, began: began}
}

// until takes a sample every five seconds until some time after the start.
func (w *processWatch) until(at time.Duration) {
	w.t.Helper()
	for time.Since(w.began) < at {
		time.Sleep(min(5*time.Second, max(at-time.Since(w.began), 0)))
		if s, err := w.sample(); err == nil {
			w.last = s
			w.list = append(w.list, s)
		} else if len(w.list) > 0 {
			w.t.Fatalf("asking for metrics: %v", err)
		}
	}
}

func (w *processWatch) sample() (s sample, err error) {
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url, nil)
	if err != nil {
		return s, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return s, err
	}
	defer func() { _ = res.Body.Close() }()
	s = readSample(res.Body)
	s.at = time.Since(w.began)
	return s, nil
}

func readSample(r io.Reader) (s sample) {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		name, rest, _ := strings.Cut(lines.Text(), " ")
		v, err := strconv.ParseFloat(rest, 64)
		if err != nil {
			continue
		}
		metric, _, _ := strings.Cut(name, "{")
		switch metric {
		case "process_resident_memory_bytes":
			s.rss = v / (1 << 20)
		case "go_memstats_heap_inuse_bytes":
			s.heap = v / (1 << 20)
		case "go_goroutines":
			s.goroutines = v
		case "csatflow_lag_records":
			s.lag += v
		case "csatflow_records_total":
			s.applied += v
		}
	}
	return s
}

// report writes the curve, logs it by the minute, and compares begin and end.
func (w *processWatch) report() {
	w.t.Helper()
	file := os.Getenv("CSATFLOW_TEST_CURVE")
	if file == "" {
		file = filepath.Join(os.TempDir(), "soak.csv")
	}
	f, err := os.Create(file)
	if err != nil {
		w.t.Fatal(err)
	}
	c := csv.NewWriter(f)
	rows := [][]string{{"seconds", "rss_mib", "heap_mib", "goroutines", "lag_records", "applied_records"}}
	next := time.Duration(0)
	for _, s := range w.list {
		row := []string{fmt.Sprintf("%.0f", s.at.Seconds())}
		for _, v := range []float64{s.rss, s.heap, s.goroutines, s.lag, s.applied} {
			row = append(row, fmt.Sprintf("%.0f", v))
		}
		rows = append(rows, row)
		if s.at >= next {
			w.t.Logf("%5.0f s: RSS %5.0f MiB, heap %5.0f MiB, %4.0f goroutines, lag %8.0f, applied %9.0f", s.at.Seconds(), s.rss, s.heap, s.goroutines, s.lag, s.applied)
			next = s.at + time.Minute
		}
	}
	if err := c.WriteAll(rows); err != nil {
		w.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Logf("the curve is in %s", file)
	whole := w.last.at
	early, late := w.most(whole/6, whole/3), w.most(whole*5/6, whole)
	if late.goroutines > early.goroutines+20 {
		w.t.Errorf("%.0f goroutines in the end, %.0f before ClickHouse went", late.goroutines, early.goroutines)
	}
	if late.rss > 2*early.rss {
		w.t.Errorf("RSS of %.0f MiB in the end, %.0f before ClickHouse went", late.rss, early.rss)
	}
}

// most returns the highest figures between two times.
func (w *processWatch) most(from, to time.Duration) (s sample) {
	for _, x := range w.list {
		if x.at >= from && x.at <= to {
			s.rss, s.goroutines = max(s.rss, x.rss), max(s.goroutines, x.goroutines)
		}
	}
	return s
}
