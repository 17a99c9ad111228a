package chdb

import (
	"fmt"
	"runtime"
	"unsafe"
)

// Conn is a connection: a session with its own database, settings and temporary tables. It serves one goroutine at a time.
type Conn struct {
	lib    *Library
	handle unsafe.Pointer // chdb_connection *
}

// Error is the engine's answer instead of a result.
type Error struct{ Text string }

func (e *Error) Error() string { return e.Text }

// Connect opens a connection to the engine on the data directory. The first one starts the engine with args
// ("--max_server_memory_usage=1000000000"); the args of later ones change nothing.
func (l *Library) Connect(data string, args ...string) (*Conn, error) {
	args = append([]string{"clickhouse", "--path=" + data}, args...)
	var pin runtime.Pinner
	defer pin.Unpin()
	argv := make([]unsafe.Pointer, len(args)+1)
	for i, a := range args {
		b := append([]byte(a), 0)
		pin.Pin(&b[0])
		argv[i] = unsafe.Pointer(&b[0])
	}
	handle := l.connect(int32(len(args)), unsafe.Pointer(&argv[0]))
	runtime.KeepAlive(argv)
	if handle == nil {
		return nil, fmt.Errorf("opening ClickHouse's data directory %q: the engine refused without a reason", data)
	}
	return &Conn{lib: l, handle: handle}, nil
}

// Close ends the session. Closing the last connection of the process stops the engine.
func (c *Conn) Close() { c.lib.close(c.handle) }

// raw is the chdb_connection to which the handle points.
func (c *Conn) raw() unsafe.Pointer { return *(*unsafe.Pointer)(c.handle) }

// Param is the value of a {name:Type} of a statement, as text.
type Param struct{ Name, Value string }

// Stats counts the work of a statement. Rows are those of the result; Read is from storage.
type Stats struct{ Rows, ReadRows, ReadBytes, WrittenRows, WrittenBytes uint64 }

// Query runs one statement and returns the whole result in the format.
func (c *Conn) Query(query, format string, params ...Param) ([]byte, Stats, error) {
	answer, stats, err := c.run(query, format, params)
	if err != nil {
		// The engine keeps the output of a failed statement, and would put it before the answer of the next.
		_, _, _ = c.run("SELECT 1", "Null", nil)
	}
	return answer, stats, err
}

func (c *Conn) run(query, format string, params []Param) ([]byte, Stats, error) {
	result := c.call(c.lib.query, query, format, params)
	if result == nil {
		return nil, Stats{}, &Error{"the engine gave no result"}
	}
	defer c.lib.resultFree(result)
	if err := textError(c.lib.resultError(result)); err != nil {
		return nil, Stats{}, err
	}
	return append([]byte(nil), c.lib.bytes(result)...), c.lib.stats(result), nil
}

// Stream runs a SELECT (only SELECT and WITH stream) and hands every chunk of the formatted result to fn; a chunk is valid
// during the call only. An error of fn ends the statement and is returned.
func (c *Conn) Stream(query, format string, params []Param, fn func(chunk []byte, s Stats) error) error {
	result := c.call(c.lib.stream, query, format, params)
	if result == nil {
		return &Error{"the engine gave no result"}
	}
	defer c.lib.resultFree(result)
	if err := textError(c.lib.resultError(result)); err != nil {
		return err
	}
	for {
		chunk := c.lib.fetch(c.raw(), result)
		if chunk == nil {
			return &Error{"the engine broke off the result"}
		}
		done, err := c.lib.consume(chunk, fn)
		if err != nil {
			c.lib.cancel(c.raw(), result)
			c.settle()
			return err
		}
		if done {
			return nil
		}
	}
}

// settle makes the engine drop a failed stream: until the next statement, it keeps the stream and lists it as running.
func (c *Conn) settle() { _, _, _ = c.Query("SELECT 1", "Null") }

// consume passes one chunk of a stream to fn and frees it; the empty chunk is the last.
func (l *Library) consume(chunk unsafe.Pointer, fn func([]byte, Stats) error) (done bool, err error) {
	defer l.resultFree(chunk)
	if err := textError(l.resultError(chunk)); err != nil {
		return false, err
	}
	data, stats := l.bytes(chunk), l.stats(chunk)
	if len(data) == 0 && stats.Rows == 0 {
		return true, nil
	}
	return false, fn(data, stats)
}

// ReadOnly reports whether the statement changes nothing, by the engine's parser; false for text that does not parse.
func (c *Conn) ReadOnly(query string) bool {
	found, parsed := c.parse(query)
	return parsed && found.class == 0
}

// Statements is how many statements the engine's parser finds; 0 for text that does not parse.
func (c *Conn) Statements(query string) int {
	found, _ := c.parse(query)
	return int(found.statements)
}

type classified struct{ size, statements, flags, class uint32 }

func (c *Conn) parse(query string) (out classified, parsed bool) {
	out.size = uint32(unsafe.Sizeof(out))
	if query == "" || c.lib.classify(c.raw(), text(query), uintptr(len(query)), nil, 0, unsafe.Pointer(&out)) != 0 {
		return classified{}, false
	}
	return out, true
}

func (c *Conn) call(f statement, query, format string, params []Param) unsafe.Pointer {
	if query == "" {
		query = " "
	}
	p := packParams(params)
	defer p.pin.Unpin()
	result := f(c.raw(), text(query), uintptr(len(query)), text(format), uintptr(len(format)),
		first(p.names), first(p.nameLengths), first(p.values), first(p.valueLengths), uintptr(len(params)))
	runtime.KeepAlive(p)
	runtime.KeepAlive(query)
	runtime.KeepAlive(format)
	return result
}

func (l *Library) bytes(result unsafe.Pointer) []byte {
	n := l.resultLength(result)
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(l.resultBuffer(result)), n)
}

func (l *Library) stats(result unsafe.Pointer) Stats {
	return Stats{
		Rows: l.rows(result), ReadRows: l.readRows(result), ReadBytes: l.readBytes(result),
		WrittenRows: l.writtenRows(result), WrittenBytes: l.writtenBytes(result),
	}
}
