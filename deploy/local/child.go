package local

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"csatflow/deploy/local/clickhouse"
)

const (
	childVariable    = "CSATFLOW_CHILD"
	optionsVariable  = "CSATFLOW_CHILD_OPTIONS"
	confinedVariable = "CSATFLOW_CHILD_CONFINED" // the child restarted after it confined itself
	clickHouseChild  = "clickhouse"
	reportFile       = 3 // descriptor of the pipe on which the child reports
)

// childOptions is what the parent asks of the child.
type childOptions struct {
	Library, Data, NativeAddr, HTTPAddr string
	MemoryBytes                         int64
	Debug                               bool
	Unconfined                          bool
}

// childSecrets are the first line of the child's input: a statement could read them from the environment.
type childSecrets struct{ User, Password string }

// childReport is the child's only message: where it listens, or why it cannot.
type childReport struct {
	Native, HTTP string
	Error        string
	InUse        bool // the error is ErrInUse
}

// RunChild must be the first call in main and in every TestMain: in a process that [StartClickHouse] started it serves
// ClickHouse and exits; in all others it returns at once.
func RunChild() {
	kind, ok := os.LookupEnv(childVariable)
	if !ok {
		return
	}
	report := os.NewFile(reportFile, "report")
	tell := func(r childReport) {
		_ = json.NewEncoder(report).Encode(r) // the end of stdin shows that the parent is gone
		_ = report.Close()
	}
	if kind != clickHouseChild {
		tell(childReport{Error: fmt.Sprintf("%s=%q is not a kind of child", childVariable, kind)})
		os.Exit(2)
	}
	if err := serveChild(tell); err != nil {
		tell(childReport{Error: err.Error(), InUse: errors.Is(err, ErrInUse)})
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func serveChild(tell func(childReport)) error {
	var o childOptions
	if err := json.Unmarshal([]byte(os.Getenv(optionsVariable)), &o); err != nil {
		return fmt.Errorf("reading %s: %w", optionsVariable, err)
	}
	level := slog.LevelInfo
	if o.Debug {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	if err := keepToData(&o, log); err != nil {
		return err
	}
	input := bufio.NewReader(os.Stdin)
	line, err := input.ReadBytes('\n')
	var secrets childSecrets
	if err == nil {
		err = json.Unmarshal(line, &secrets)
	}
	if err != nil {
		return fmt.Errorf("reading the child's input: %w", err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	ctx, orphaned := context.WithCancel(ctx)
	defer orphaned()
	go func() {
		_, _ = io.Copy(io.Discard, input) // ends when the parent does
		orphaned()
		time.Sleep(stopTime)
		os.Exit(1)
	}()
	debug.SetGCPercent(50) // buffers of whole blocks: memory before speed
	unlock, err := lockData(o.Data)
	if err != nil {
		return err
	}
	err = clickhouse.Serve(ctx, clickhouse.Options{
		Library: o.Library, Data: o.Data, NativeAddr: o.NativeAddr, HTTPAddr: o.HTTPAddr,
		User: secrets.User, Password: secrets.Password, MemoryBytes: o.MemoryBytes, Log: log, Confined: os.Getenv(confinedVariable) != "",
		Ready: func(a clickhouse.Addrs) { tell(childReport{Native: a.Native, HTTP: a.HTTP}) },
	})
	var listen *clickhouse.ListenError
	if errors.As(err, &listen) {
		flag := map[string]string{"native": "--clickhouse", "http": "--http"}[listen.Interface]
		err = fmt.Errorf("%w (choose another address with %s)", err, flag)
	}
	return errors.Join(err, unlock())
}

// keepToData confines the child to its data, if the kernel can.
func keepToData(o *childOptions, log *slog.Logger) error {
	if o.Unconfined || os.Getenv(confinedVariable) != "" {
		return nil
	}
	if err := os.MkdirAll(o.Data, 0o750); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	err := confine(o.Data, o.Library, append(os.Environ(), confinedVariable+"=1"))
	if !errors.Is(err, errors.ErrUnsupported) {
		return fmt.Errorf("confining ClickHouse to its data: %w", err)
	}
	log.Warn("this kernel cannot confine the embedded ClickHouse to its data; only ClickHouse's own grants do", "err", err)
	return nil
}
