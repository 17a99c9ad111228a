package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"csatflow/deploy/trial/browsertest"
)

// counting counts what ClickHouse is asked.
type counting struct {
	driver.Conn
	questions, looks atomic.Int64
}

func (c *counting) Query(ctx context.Context, query string, args ...any) (driver.Rows, error) {
	c.questions.Add(1)
	return c.Conn.Query(ctx, query, args...)
}

func (c *counting) QueryRow(ctx context.Context, query string, args ...any) driver.Row {
	c.looks.Add(1)
	return c.Conn.QueryRow(ctx, query, args...)
}

// viewer does as an open page does: it listens, asks for its view when something has changed, and waits as long as it is told.
func viewer(ctx context.Context, base string, view url.Values, asked, same *atomic.Int64) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/api/v1/live", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	news := make(chan string, 100)
	go func() {
		defer close(news)
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			var n struct{ Version string }
			if text, is := strings.CutPrefix(lines.Text(), "data: "); is && json.Unmarshal([]byte(text), &n) == nil && n.Version != "" {
				news <- n.Version
			}
		}
	}()
	current, tag, again := "", "", (<-chan time.Time)(nil)
	for {
		select {
		case version, is := <-news:
			if !is {
				return nil
			}
			if version == current {
				continue
			}
		case <-again:
		}
		asked.Add(1)
		begun := time.Now()
		if req, err = http.NewRequestWithContext(ctx, http.MethodGet, base+"/api/v1/answers?"+view.Encode(), nil); err != nil {
			return err
		}
		if tag != "" {
			req.Header.Set("If-None-Match", tag)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return nil // the end
		}
		again = nil
		if ms, err := strconv.Atoi(res.Header.Get("Again-After-Ms")); err == nil {
			again = time.After(time.Duration(ms) * time.Millisecond)
		}
		if res.StatusCode == http.StatusNotModified {
			same.Add(1)
			current = res.Header.Get("Answers-Version")
		} else {
			for in := bufio.NewReader(res.Body); ; {
				line, err := in.ReadBytes('\n')
				if err != nil {
					break
				}
				var last struct {
					Version, Tag string
					Again        int `json:"again_ms"`
				}
				if json.Unmarshal(line, &last) == nil && last.Version != "" {
					current, tag = last.Version, last.Tag
					if last.Again > 0 {
						again = time.After(time.Duration(last.Again) * time.Millisecond)
					}
				}
			}
		}
		_ = res.Body.Close()
		time.Sleep(time.Since(begun)) // a page rests as long as it waited
	}
}

// spent is the CPU time of this process and of ClickHouse, which is its child.
func spent(t *testing.T) (sum time.Duration) {
	t.Helper()
	processes, err := os.ReadDir("/proc")
	if err != nil {
		t.Skip("CPU time is read from /proc")
	}
	self := strconv.Itoa(os.Getpid())
	for _, p := range processes {
		text, err := os.ReadFile("/proc/" + p.Name() + "/stat")
		if err != nil {
			continue // no process, or it has ended
		}
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if p.Name() != self && fields[1] != self || strings.Contains(string(text), "chrom") {
			continue
		}
		for _, ticks := range fields[11:13] {
			n, err := strconv.Atoi(ticks)
			if err != nil {
				t.Fatal(err)
			}
			sum += time.Duration(n) * 10 * time.Millisecond
		}
	}
	return sum
}

// viewed opens twenty pages, two of each view. While nothing changes ClickHouse is asked nothing but how far the tables are; while something does,
// each view is asked for once, however many look at it.
func (s *site) viewed(t *testing.T) {
	asks := map[string]url.Values{}
	for _, v := range views {
		if v.name == "pipeline" {
			continue // it has no SQL
		}
		tab := s.open(t, "range=7d&view="+v.name)
		tab.Until("the browser has noted the answers", noted)
		asks[v.name] = url.Values{"ask": browsertest.Eval[[]string](tab, `performance.getEntriesByType("resource").map(e => new URL(e.name)).filter(u => u.pathname.endsWith("/answers")).slice(0, 1).flatMap(u => u.searchParams.getAll("ask"))`)}
		tab.Close()
	}
	w := *s.company
	count := &counting{Conn: w.Options.Conn}
	w.Options.Conn = count
	server := listen(t, &w, "127.0.0.1:0")
	t.Cleanup(func() { _ = server.Close() })
	ctx, cancel := context.WithCancel(t.Context())
	var all sync.WaitGroup
	t.Cleanup(all.Wait)
	t.Cleanup(cancel)
	var asked, same atomic.Int64
	for _, view := range asks {
		for range 2 {
			all.Go(func() {
				if err := viewer(ctx, "http://"+server.Addr(), view, &asked, &same); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			})
		}
	}
	quietly := func() {
		for before := int64(-1); before != asked.Load()+count.questions.Load(); time.Sleep(5 * time.Second) { // on a busy machine answers come late
			before = asked.Load() + count.questions.Load()
		}
	}
	quietly()
	watch := func(what string, seconds int, each func(i int)) (questions, requests int64) {
		q, l, a, cpu, begun := count.questions.Load(), count.looks.Load(), asked.Load(), spent(t), time.Now()
		for i := range seconds {
			each(i)
			time.Sleep(time.Until(begun.Add(time.Duration(i+1) * time.Second)))
		}
		took := time.Since(begun).Seconds()
		questions, requests = count.questions.Load()-q, asked.Load()-a
		t.Logf("%d pages, %s, a second: %.1f requests, %.1f questions and %.1f looks put to ClickHouse, %.3f of a core", 2*len(asks), what, float64(requests)/took, float64(questions)/took, float64(count.looks.Load()-l)/took, (spent(t)-cpu).Seconds()/took)
		return questions, requests
	}
	if questions, requests := watch("nothing changes", 6, func(int) {}); questions != 0 || requests != 0 {
		t.Errorf("%d requests and %d questions while nothing changes", requests, questions)
	}
	distinct := 0
	for _, view := range asks {
		distinct += len(view["ask"])
	}
	before := s.events(t)
	questions, _ := watch("news each second", 6, func(i int) { s.respond(t, fmt.Sprintf("viewed-%d", i)) })
	if most := int64(s.events(t)-before+1) * int64(distinct); questions > most {
		t.Errorf("%d questions for %d versions of %d questions", questions, s.events(t)-before+1, distinct)
	}
}
