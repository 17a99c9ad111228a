package clickhouseserver

import (
	"encoding/json"
	"fmt"
	"os"
	"unsafe"

	"github.com/ebitengine/purego"
)

const childVariable = "CSATFLOW_CLICKHOUSE_SERVER"

// childOptions is what the parent asks of the child.
type childOptions struct {
	Library, Config, Data string
	Interserver           int // port; 0 for none
	ResetsKill            bool
}

// listen opens the interfaces and then sleeps: the program ends with the statements of its command line.
const listen = "SYSTEM START LISTEN TCP; SYSTEM START LISTEN HTTP; " +
	"SELECT sleepEachRow(3) FROM numbers(100000000) SETTINGS function_sleep_max_microseconds_per_block = 0, max_block_size = 1, max_execution_time = 0 FORMAT Null"

// RunChild must be the first call in main and in TestMain: in a process that [Start] started it runs ClickHouse and never
// returns; in all others it returns at once.
func RunChild() {
	text, ok := os.LookupEnv(childVariable)
	if !ok {
		return
	}
	fmt.Fprintln(os.Stderr, serve(text))
	os.Exit(1)
}

// serve runs clickhouse local. It returns only when that has ended, which is always an error.
func serve(text string) error {
	var o childOptions
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return fmt.Errorf("reading %s: %w", childVariable, err)
	}
	handle, err := purego.Dlopen(o.Library, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return fmt.Errorf("loading ClickHouse's library %q: %w", o.Library, err)
	}
	var signals func(enabled int32)
	var run func(argc int32, argv unsafe.Pointer) unsafe.Pointer
	var errorOf func(result unsafe.Pointer) string
	for name, into := range map[string]any{"chdb_set_signal_handlers_enabled": &signals, "chdb_query_cmdline": &run, "chdb_result_error": &errorOf} {
		symbol, err := purego.Dlsym(handle, name)
		if err != nil {
			return fmt.Errorf("library %q has no %s: %w", o.Library, name, err)
		}
		purego.RegisterFunc(into, symbol)
	}
	if err := patch(&o); err != nil {
		return err
	}
	signals(0) // the Go runtime owns them
	args := []string{"clickhouse", "--config-file", o.Config, "--path", o.Data, "--logger.console=0", "--query", listen}
	argv := make([]unsafe.Pointer, len(args)+1)
	for i, a := range args {
		argv[i] = unsafe.Pointer(unsafe.SliceData(append([]byte(a), 0)))
	}
	result := run(int32(len(args)), unsafe.Pointer(unsafe.SliceData(argv)))
	if result == nil {
		return fmt.Errorf("ClickHouse ended without a result")
	}
	return fmt.Errorf("ClickHouse ended: %s", errorOf(result))
}
