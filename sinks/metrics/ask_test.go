package metrics

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

func TestAClickHouseThatFailsOrHangsWhileNothingIsDueMakesTheServiceUnreadyAndIsToldOnce(t *testing.T) {
	hangs := func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}
	fails := func(context.Context) error { return errors.New("Database system does not exist") }
	for name, away := range map[string]func(context.Context) error{"fails": fails, "hangs": hangs} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var said strings.Builder // read when nothing writes
				log := slog.New(slog.NewTextHandler(&said, nil))
				m := New(prometheus.NewRegistry(), "test", Series{Most: 10})
				var ping atomic.Value // func(context.Context) error
				answers := func(context.Context) error { return nil }
				ping.Store(answers)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				go m.WatchStore(ctx, log, func(ctx context.Context) error { return ping.Load().(func(context.Context) error)(ctx) })
				ready := func(after time.Duration, want bool) {
					t.Helper()
					time.Sleep(after)
					synctest.Wait()
					m.Answered() // Kafka answers
					if why := m.Unready(); (why == "") != want || !want && !strings.Contains(why, "ClickHouse") {
						t.Errorf("%q, ready is wanted to be %v", why, want)
					}
				}
				ready(time.Hour+time.Second, true)
				ping.Store(away)
				ready(25*time.Second, true)
				ready(20*time.Second, false)
				ready(time.Hour, false)
				ping.Store(answers)
				ready(2*storeEvery, true)
				if n := strings.Count(said.String(), "asking ClickHouse whether it answers"); n != 1 {
					t.Errorf("told %d times:\n%s", n, said.String())
				}
			})
		})
	}
}
