package clickhouse

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Config is how to reach ClickHouse.
type Config struct {
	Address     []string // host:port of the native protocol, tried in turn
	Database    string
	Username    string
	Password    string
	TLS         bool
	CAFile      string // PEM; the system's certificates when empty
	Compression string // lz4, zstd or none
	Connections int    // most at once; 0 for as many as the writer needs
	// InsertQuorum is how many replicas have a row when its insert is acknowledged: a number, or auto (the same as empty)
	// for more than half. It has no effect on tables that are not replicated.
	InsertQuorum string
}

// quorumTime is how long an insert waits for its quorum before it fails and is tried again.
const quorumTime = time.Minute

// Open prepares connections, without reaching a server. The database need not exist.
func Open(c Config) (*Store, error) {
	o, err := c.options()
	if err != nil {
		return nil, err
	}
	conn, err := clickhouse.Open(o)
	if err != nil {
		return nil, fmt.Errorf("clickhouse: %w", err)
	}
	return &Store{conn: conn, database: c.Database, config: c}, nil
}

func (c *Config) options() (*clickhouse.Options, error) {
	connections := c.Connections
	if connections <= 0 {
		connections = 32
	}
	o := &clickhouse.Options{
		Addr:         c.Address,
		Auth:         clickhouse.Auth{Username: c.Username, Password: c.Password},
		DialTimeout:  5 * time.Second,
		ReadTimeout:  5 * time.Minute,
		MaxOpenConns: connections,
		MaxIdleConns: min(connections, 8),
		Settings: clickhouse.Settings{
			// Rows must be stored, not queued, when an insert returns.
			"async_insert": 0, "max_query_size": 8 << 20,
			// A block has each key once: looking for rows that replace each other takes a third of a small insert.
			"optimize_on_insert": 0,
			// An acknowledged row must outlive a replica. Inserts run in parallel: the sequential inserts that sequential reads
			// need would refuse each other. To see every acknowledged row, read through Synced.
			"insert_quorum": cmp.Or(c.InsertQuorum, "auto"), "insert_quorum_parallel": 1, "insert_quorum_timeout": quorumTime.Milliseconds(),
		},
	}
	switch c.Compression {
	case "", "lz4":
		o.Compression = &clickhouse.Compression{Method: clickhouse.CompressionLZ4}
	case "zstd":
		o.Compression = &clickhouse.Compression{Method: clickhouse.CompressionZSTD, Level: 1}
	case "none":
	default:
		return nil, fmt.Errorf("clickhouse.compression %q: one of lz4, zstd, none", c.Compression)
	}
	if c.TLS {
		o.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
		if c.CAFile != "" {
			pem, err := os.ReadFile(c.CAFile)
			if err != nil {
				return nil, fmt.Errorf("clickhouse.ca_file: %w", err)
			}
			o.TLS.RootCAs = x509.NewCertPool()
			if !o.TLS.RootCAs.AppendCertsFromPEM(pem) {
				return nil, fmt.Errorf("clickhouse.ca_file %q holds no PEM certificate", c.CAFile)
			}
		}
	}
	return o, nil
}

func overTLS(ctx context.Context, conn net.Conn, addr string, settings *tls.Config) (net.Conn, error) {
	settings = settings.Clone()
	if settings.ServerName == "" {
		settings.ServerName, _, _ = net.SplitHostPort(addr) // cannot fail: it was dialled
	}
	secure := tls.Client(conn, settings)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close() // of no use
		return nil, fmt.Errorf("TLS with %s: %w", addr, err)
	}
	return secure, nil
}

// Conn reads and writes a database: as much of [Store.Conn] as packages with tables of their own need.
type Conn interface {
	Select(ctx context.Context, into any, query string, args ...any) error
	Exec(ctx context.Context, query string, args ...any) error
}

// Store is the database. Many goroutines may use it.
type Store struct {
	conn     driver.Conn
	database string
	config   Config
	first    atomic.Uint32 // index of the address that Synced tries first
}

// Ping reaches the server and returns its version.
func (s *Store) Ping(ctx context.Context) (version string, err error) {
	if err := s.conn.QueryRow(ctx, "SELECT version()").Scan(&version); err != nil {
		return "", fmt.Errorf("reaching ClickHouse: %w", err)
	}
	return version, nil
}

// Conn is the driver's connection, for readers of views.
func (s *Store) Conn() driver.Conn { return s.conn }

// Database is the name of the database that has the tables.
func (s *Store) Database() string { return s.database }

// Close closes the connections.
func (s *Store) Close() error { return s.conn.Close() }
