package clickhouse

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"csatflow/deploy/local/chdb"
)

// maxIdle is how many idle connections of the engine HTTP keeps.
const maxIdle = 8

// engine is the running ClickHouse: the connection that keeps it alive, and a pool of sessions.
type engine struct {
	library  *chdb.Library
	data     string
	base     *chdb.Conn // stays open while serving: the engine ends with the last connection
	log      *slog.Logger
	version  string
	numbers  [3]int // of version
	timezone string
	confined bool // the kernel confines the process to its data
	tags     atomic.Uint64

	mu   sync.Mutex // also: connections are opened and closed one at a time
	idle []*session
}

func startEngine(o Options) (*engine, error) {
	library, err := chdb.Load(o.Library)
	if err != nil {
		return nil, err
	}
	data, err := filepath.Abs(o.Data)
	if err != nil {
		return nil, fmt.Errorf("data directory %q: %w", o.Data, err)
	}
	if err := os.MkdirAll(data, 0o750); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	e := &engine{library: library, data: data, log: o.Log, confined: o.Confined}
	access, err := writeAccess(data, o.Confined)
	if err != nil {
		return nil, err
	}
	if e.base, err = library.Connect(data,
		"--config-file="+access,
		"--max_server_memory_usage="+strconv.FormatInt(o.MemoryBytes, 10),
		"--mark_cache_size="+strconv.FormatInt(o.MemoryBytes/8, 10),
	); err != nil {
		return nil, err
	}
	answer, _, err := e.base.Query("SELECT version(), timezone()", "JSONCompactEachRow")
	if err != nil {
		e.base.Close()
		return nil, fmt.Errorf("starting ClickHouse on data directory %q: %w", data, err)
	}
	var row [2]string
	if err := json.Unmarshal(answer, &row); err != nil {
		e.base.Close()
		return nil, fmt.Errorf("reading ClickHouse's version: %w", err)
	}
	e.version, e.timezone = row[0], row[1]
	for i, part := range strings.SplitN(e.version, ".", 4) {
		if i < len(e.numbers) {
			e.numbers[i], _ = strconv.Atoi(part) // 0 if it is not a number
		}
	}
	return e, nil
}

// close ends the engine. No session may be in use.
func (e *engine) close() {
	for _, s := range e.idle {
		s.conn.Close()
	}
	e.base.Close()
}

// newTag returns a comment that marks one run of a statement, so that stop finds it.
func (e *engine) newTag() string { return fmt.Sprintf("/* %d:%d */ ", os.Getpid(), e.tags.Add(1)) }

// stop kills the statement with the tag, again and again until done is closed, since it may not have begun yet.
func (e *engine) stop(tag string, done <-chan struct{}) {
	s, err := e.acquire("")
	if err != nil {
		e.log.Warn("no session for cancelling a statement", "err", err)
		return
	}
	defer e.release(s)
	for wait := 10 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		if _, _, err := s.conn.Query("KILL QUERY WHERE startsWith(query, "+quoteText(tag)+") ASYNC", "Null"); err != nil {
			e.log.Warn("cancelling a statement", "err", err)
		}
		select {
		case <-done:
			return
		case <-time.After(wait):
		}
	}
}
