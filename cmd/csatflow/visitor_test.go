package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"csatflow/deploy/trial/localtest"
	"csatflow/deploy/trial/storetest"
)

// address matches the page's address in the log of a process.
var address = regexp.MustCompile(`http://(127\.0\.0\.1:\d+)/ `)

// metric sums the samples of a metric.
func metric(t *testing.T, page, name string) (sum float64) {
	t.Helper()
	_, text := get(t, "http://"+page+"/metrics")
	for line := range strings.Lines(text) {
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

// TestAVisitorCannotStopTheWriter lets 120 connections ask uncached questions while a feed goes on.
func TestAVisitorCannotStopTheWriter(t *testing.T) {
	p := newDeployment(t, startFakeKafka(t, 4), storetest.ClickHouse(t), "log: {format: text}\nflush: {interval: 200ms}\n")
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
	var gone atomic.Bool
	defer func() {
		gone.Store(true)
		visitors.Wait()
	}()
	for i := range 120 {
		visitors.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for n := 0; !gone.Load(); n++ {
				to := time.Now().Add(-time.Duration(i*1000+n) * time.Minute)
				res, err := client.Get(fmt.Sprintf("http://%s/api/v1/places?kind=employee&from=%s&to=%s", page, to.AddDate(0, 0, -80).UTC().Format(time.RFC3339), to.UTC().Format(time.RFC3339)))
				if err != nil {
					broken.Add(1)
					continue
				}
				_, _ = io.Copy(io.Discard, res.Body) // only the status matters
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
	// The process goes on: rows are flushed, and the writer never waits for a connection.
	flushes, applied := metric(t, page, `csatflow_flushes_total{result="ok"}`), metric(t, page, `csatflow_records_total{result="applied"`)
	for range 3 {
		time.Sleep(3 * time.Second)
		var f, a float64
		within(t, 20*time.Second, "beside visitors events are applied and rows flushed", func() bool {
			f, a = metric(t, page, `csatflow_flushes_total{result="ok"}`), metric(t, page, `csatflow_records_total{result="applied"`)
			return f > flushes && a > applied
		})
		t.Logf("flushes %v, applied %v; answered %d, turned away %d, broken %d", f-flushes, a-applied, answered.Load(), turnedAway.Load(), broken.Load())
		flushes, applied = f, a
	}
	gone.Store(true)
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

func TestThePageHasAUserOfItsOwnWhoIsCheckedAndMade(t *testing.T) {
	t.Parallel()
	kafka, clickhouse := startFakeKafka(t, 2), localtest.ClickHouse(t) // without tables
	named := newDeployment(t, kafka, clickhouse, "page: {clickhouse: {username: csatflow_page}}\n")
	ends(t, exitUsage, []string{"migrate", "--config", named.file, "--page-user"}, "page.clickhouse.password")
	ends(t, exitNo, []string{"check", "--config", named.file}, "WRONG    ClickHouse, user csatflow_page of the page", "migrate --page-user")
	must(t, "migrate", "--config", named.file)
	if out := must(t, "check", "--config", named.file); !strings.Contains(out, "ok       ClickHouse, user csatflow_page of the page") {
		t.Errorf("check says %s", out)
	}
	whole := newDeployment(t, kafka, clickhouse, "page: {clickhouse: {username: csatflow_page, password: hush}}\n")
	if code, out, errs := csatflow(t, nil, "migrate", "--config", whole.file, "--page-user"); code == exitDone {
		if !strings.Contains(out, "user csatflow_page, who may read "+whole.database) {
			t.Errorf("it says %s", out)
		}
	} else if code != exitNo || !strings.Contains(errs, "creating the user csatflow_page") || !strings.Contains(errs, "CREATE USER") || strings.Contains(errs, "hush") { // the embedded engine keeps no users
		t.Errorf("exit code %d: %s", code, errs)
	}
}

func TestRunAndCheckWarnOfSecretsThatOthersCanRead(t *testing.T) {
	open := newDeployment(t, nobody(t), nobody(t), "alerts: {webhook: {url: 'http://h/x', secret: a secret of this test and no other}}\n")
	code, out, errs := csatflow(t, nil, "check", "--config", open.file)
	if code != exitUnreachable || !strings.Contains(out, "warning  others can read") || !strings.Contains(out, "alerts.webhook.secret") || strings.Contains(out+errs, "a secret of") {
		t.Errorf("check: exit code %d\n%s%s", code, out, errs)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	if _, _, errs := csatflowIn(t, ctx, nil, "run", "--config", open.file); !strings.Contains(errs, "others can read") || strings.Contains(errs, "a secret of") {
		t.Errorf("run says %s", errs)
	}
	if err := os.Chmod(open.file, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, out, _ := csatflow(t, nil, "check", "--config", open.file); strings.Contains(out, "others can read") {
		t.Errorf("of a closed file check says %s", out)
	}
}

func TestListeningForOthersWithoutPasswordsIsRefusedByEveryWayToSayIt(t *testing.T) {
	p := newDeployment(t, nobody(t), nobody(t), "")
	ends(t, exitUsage, []string{"run", "--config", p.file, "--listen", "0.0.0.0:0"}, "listen", "web_config_file", "insecure: true")
	ends(t, exitUsage, []string{"demo", "--data", t.TempDir(), "--listen", "0.0.0.0:0"}, "--listen", "--insecure")
	for _, command := range []string{"check", "run", "config"} {
		code, _, errs := csatflow(t, []string{"CSATFLOW_LISTEN=:8080"}, command, "--config", p.file)
		if code != exitUsage || !strings.Contains(errs, "insecure: true") {
			t.Errorf("%s: exit code %d: %s", command, code, errs)
		}
	}
	if code, _, _ := csatflow(t, []string{"CSATFLOW_LISTEN=:8080", "CSATFLOW_INSECURE=true"}, "check", "--config", p.file); code != exitUnreachable {
		t.Errorf("when it is meant: exit code %d", code)
	}
}
