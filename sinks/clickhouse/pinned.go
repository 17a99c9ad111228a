package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

var errPinnedBroke = errors.New("the connection to the replica broke while it was read")

// pinned returns a store with a single connection, which is not made again when it breaks: one address may lead to
// several replicas. One goroutine uses it at a time.
func (s *Store) pinned(address string) (*Store, error) {
	o, err := s.config.options()
	if err != nil {
		return nil, err
	}
	p := &pinnedConn{}
	dialer := net.Dialer{Timeout: o.DialTimeout}
	o.Addr, o.MaxOpenConns, o.MaxIdleConns, o.ConnMaxLifetime = []string{address}, 1, 1, 24*time.Hour
	secure := o.TLS
	o.DialContext = func(ctx context.Context, addr string) (net.Conn, error) {
		if p.dialled.Swap(true) {
			return nil, errPinnedBroke
		}
		conn, err := dialer.DialContext(ctx, "tcp", addr)
		if err != nil {
			p.closed.Store(true)
			return nil, err
		}
		conn = &closing{Conn: conn, closed: &p.closed}
		if secure != nil {
			return overTLS(ctx, conn, addr, secure)
		}
		return conn, nil
	}
	if p.Conn, err = clickhouse.Open(o); err != nil {
		return nil, fmt.Errorf("clickhouse: %w", err)
	}
	return &Store{conn: p, database: s.database, config: s.config}, nil
}

// pinnedConn waits before each statement until the connection is back in the driver's pool. The driver accepts the next
// statement a moment earlier, and would then dial.
type pinnedConn struct {
	driver.Conn
	dialled, closed atomic.Bool
}

func (p *pinnedConn) back(ctx context.Context) {
	for p.dialled.Load() && !p.closed.Load() && p.Stats().Idle == 0 && ctx.Err() == nil {
		time.Sleep(100 * time.Microsecond)
	}
}

func (p *pinnedConn) Query(ctx context.Context, query string, args ...any) (driver.Rows, error) {
	p.back(ctx)
	return p.Conn.Query(ctx, query, args...)
}

func (p *pinnedConn) QueryRow(ctx context.Context, query string, args ...any) driver.Row {
	p.back(ctx)
	return p.Conn.QueryRow(ctx, query, args...)
}

func (p *pinnedConn) Select(ctx context.Context, into any, query string, args ...any) error {
	p.back(ctx)
	return p.Conn.Select(ctx, into, query, args...)
}

func (p *pinnedConn) Exec(ctx context.Context, query string, args ...any) error {
	p.back(ctx)
	return p.Conn.Exec(ctx, query, args...)
}

// closing is a connection that notes when it is closed.
type closing struct {
	net.Conn
	closed *atomic.Bool
}

func (c *closing) Close() error {
	c.closed.Store(true)
	return c.Conn.Close()
}

// SyscallConn lets the driver see whether the connection is alive.
func (c *closing) SyscallConn() (syscall.RawConn, error) {
	if raw, ok := c.Conn.(syscall.Conn); ok {
		return raw.SyscallConn()
	}
	return nil, errors.ErrUnsupported
}
