package chdb

import (
	"fmt"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Library is the loaded engine with its C functions. It is never unloaded.
type Library struct {
	version func() string
	signals func(enabled int32)

	connect  func(argc int32, argv unsafe.Pointer) unsafe.Pointer
	close    func(conn unsafe.Pointer)
	classify func(conn, query unsafe.Pointer, length uintptr, database unsafe.Pointer, databaseLength uintptr, out unsafe.Pointer) int32

	query  statement
	stream statement
	fetch  func(conn, result unsafe.Pointer) unsafe.Pointer
	cancel func(conn, result unsafe.Pointer)

	insert       statement
	insertAppend func(stream, data unsafe.Pointer, length uintptr) int32
	insertDone   func(stream unsafe.Pointer) unsafe.Pointer
	insertCancel func(stream unsafe.Pointer)
	insertError  func(stream unsafe.Pointer) unsafe.Pointer
	insertFree   func(stream unsafe.Pointer)

	resultFree   func(result unsafe.Pointer)
	resultError  func(result unsafe.Pointer) unsafe.Pointer
	resultBuffer func(result unsafe.Pointer) unsafe.Pointer
	resultLength func(result unsafe.Pointer) uintptr
	rows         func(result unsafe.Pointer) uint64
	readRows     func(result unsafe.Pointer) uint64
	readBytes    func(result unsafe.Pointer) uint64
	writtenRows  func(result unsafe.Pointer) uint64
	writtenBytes func(result unsafe.Pointer) uint64
}

// statement is the common signature of query, stream and insert: text and format with lengths, then parallel arrays of
// parameter names, their lengths, values and their lengths, and their number.
type statement func(conn, query unsafe.Pointer, queryLength uintptr, format unsafe.Pointer, formatLength uintptr,
	names, nameLengths, values, valueLengths unsafe.Pointer, count uintptr) unsafe.Pointer

// Load opens the shared library at path, and removes the engine's signal handlers, since the Go runtime owns the signals.
func Load(path string) (*Library, error) {
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("loading ClickHouse's library %q: %w", path, err)
	}
	l := &Library{}
	for _, f := range []struct {
		name string
		into any
	}{
		{"chdb_version", &l.version},
		{"chdb_set_signal_handlers_enabled", &l.signals},
		{"chdb_connect", &l.connect},
		{"chdb_close_conn", &l.close},
		{"chdb_classify_query_n", &l.classify},
		{"chdb_query_with_params_n", &l.query},
		{"chdb_stream_query_with_params_n", &l.stream},
		{"chdb_stream_fetch_result", &l.fetch},
		{"chdb_stream_cancel_query", &l.cancel},
		{"chdb_stream_insert_with_params_n", &l.insert},
		{"chdb_stream_append", &l.insertAppend},
		{"chdb_stream_done", &l.insertDone},
		{"chdb_stream_cancel_insert", &l.insertCancel},
		{"chdb_stream_insert_error", &l.insertError},
		{"chdb_destroy_insert_stream", &l.insertFree},
		{"chdb_destroy_query_result", &l.resultFree},
		{"chdb_result_error", &l.resultError},
		{"chdb_result_buffer", &l.resultBuffer},
		{"chdb_result_length", &l.resultLength},
		{"chdb_result_rows_read", &l.rows},
		{"chdb_result_storage_rows_read", &l.readRows},
		{"chdb_result_storage_bytes_read", &l.readBytes},
		{"chdb_result_rows_written", &l.writtenRows},
		{"chdb_result_bytes_written", &l.writtenBytes},
	} {
		symbol, err := purego.Dlsym(handle, f.name)
		if err != nil {
			return nil, fmt.Errorf("library %q is not a libchdb of the version that csatflow needs: %w", path, err)
		}
		purego.RegisterFunc(f.into, symbol)
	}
	l.signals(0)
	return l, nil
}

// Version is the version of libchdb, not of the ClickHouse inside (SELECT version() tells that).
func (l *Library) Version() string { return l.version() }
