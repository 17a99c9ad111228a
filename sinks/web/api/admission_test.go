package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"csatflow/sinks/web/api"
)

// slowConn is a ClickHouse whose answers wait for the test, and that counts how many run at once.
type slowConn struct {
	driver.Conn
	letGo     chan struct{}
	now, most atomic.Int64
}

type freshRow struct{ driver.Row }

func (freshRow) Scan(into ...any) error {
	*into[0].(*uint64) = 1
	return nil
}

func (c *slowConn) QueryRow(context.Context, string, ...any) driver.Row { return freshRow{} }

func (c *slowConn) Query(ctx context.Context, _ string, _ ...any) (driver.Rows, error) {
	n := c.now.Add(1)
	defer c.now.Add(-1)
	for most := c.most.Load(); n > most && !c.most.CompareAndSwap(most, n); most = c.most.Load() {
	}
	select {
	case <-c.letGo:
	case <-ctx.Done():
	}
	return nil, errors.New("let go")
}

func TestQuestionsBeyondTheBoundAreTurnedAwayAtOnceAndOneClientLeavesRoomForOthers(t *testing.T) {
	conn := &slowConn{letGo: make(chan struct{})}
	a := ask(t, api.Options{Conn: conn, Database: "csat", Zone: time.UTC, Log: slog.New(slog.DiscardHandler), Bounds: api.Bounds{Questions: 2}})
	const asked, share, held = 60, 12, 2 + 2*8 // of one address, and of all: put and waiting
	as := func(address string) *http.Client {
		return &http.Client{Transport: &http.Transport{DialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}).DialContext}}
	}
	statuses := make(chan int, 2*asked)
	var all sync.WaitGroup
	ask := func(who *http.Client, i int) {
		all.Go(func() {
			res, err := who.Get(fmt.Sprintf("%s/api/v1/places?search=%d", a.URL, i))
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = res.Body.Close() }()
			var said struct{ Error string }
			if err := json.NewDecoder(res.Body).Decode(&said); err != nil || said.Error == "" {
				t.Errorf("%d: %v", res.StatusCode, err)
			}
			if (res.StatusCode == http.StatusTooManyRequests) != (res.Header.Get("Retry-After") == "2") {
				t.Errorf("%d with the header %q", res.StatusCode, res.Header.Get("Retry-After"))
			}
			statuses <- res.StatusCode
		})
	}
	turnedAway := func(n int, why string) {
		for range n {
			if status := <-statuses; status != http.StatusTooManyRequests {
				t.Errorf("one beyond the bound of %s is answered %d", why, status)
			}
		}
	}
	greedy, another := as("127.0.0.1"), as("127.0.0.2")
	for i := range asked {
		ask(greedy, i)
	}
	turnedAway(asked-share, "an address")
	for i := range asked {
		ask(another, asked+i)
	}
	turnedAway(asked-(held-share), "all")
	close(conn.letGo)
	all.Wait()
	for range held {
		if status := <-statuses; status != http.StatusServiceUnavailable { // the answer of this test's server
			t.Errorf("one within the bound is answered %d", status)
		}
	}
	if most := conn.most.Load(); most != 2 {
		t.Errorf("%d were put at once", most)
	}
}
