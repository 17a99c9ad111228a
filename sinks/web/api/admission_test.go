package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"csatflow/sinks/web/api"
)

// slowConn is a ClickHouse whose answers wait to be let go, and that counts how many are asked for at once.
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

func TestQuestionsBeyondTheBoundAreTurnedAwayAtOnceAndToldWhenToComeBack(t *testing.T) {
	conn := &slowConn{letGo: make(chan struct{})}
	a := ask(t, api.Options{Conn: conn, Database: "csat", Zone: time.UTC, Log: slog.New(slog.DiscardHandler), Bounds: api.Bounds{Questions: 2}})
	const asked, held = 60, 2 + 2*8 // put and waiting
	statuses := make(chan int, asked)
	var all sync.WaitGroup
	for i := range asked {
		all.Go(func() {
			res, err := http.Get(fmt.Sprintf("%s/api/v1/places?search=%d", a.URL, i))
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
	for range asked - held {
		if status := <-statuses; status != http.StatusTooManyRequests {
			t.Errorf("one beyond the bound is answered %d", status)
		}
	}
	close(conn.letGo)
	all.Wait()
	for range held {
		if status := <-statuses; status != http.StatusServiceUnavailable { // what the server of this test says
			t.Errorf("one within the bound is answered %d", status)
		}
	}
	if most := conn.most.Load(); most != 2 {
		t.Errorf("%d were put at once", most)
	}
}
