package web

import (
	"net"
	"sync"
)

// Bounds of connections.
const (
	mostConnections = 1000
	mostOfClient    = 200 // of one address, so that nobody takes everything
)

// bounded is a listener that closes connections beyond its bounds at once: a client that had to wait would not know why.
type bounded struct {
	net.Listener
	most, each int

	mu   sync.Mutex
	all  int
	from map[string]int
}

func bound(l net.Listener, most, each int) *bounded {
	return &bounded{Listener: l, most: most, each: each, from: map[string]int{}}
}

// Accept implements [net.Listener].
func (b *bounded) Accept() (net.Conn, error) {
	for {
		c, err := b.Listener.Accept()
		if err != nil {
			return nil, err
		}
		host, _, err := net.SplitHostPort(c.RemoteAddr().String())
		if err != nil {
			host = c.RemoteAddr().String()
		}
		if b.take(host) {
			return &counted{Conn: c, leave: sync.OnceFunc(func() { b.give(host) })}, nil
		}
		_ = c.Close() // one too many
	}
}

func (b *bounded) take(host string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.all >= b.most || b.from[host] >= b.each {
		return false
	}
	b.all++
	b.from[host]++
	return true
}

func (b *bounded) give(host string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all--
	if b.from[host]--; b.from[host] == 0 {
		delete(b.from, host)
	}
}

// counted is a connection that is counted until it is closed.
type counted struct {
	net.Conn
	leave func()
}

// Close implements [net.Conn].
func (c *counted) Close() error {
	c.leave()
	return c.Conn.Close()
}
