// With starts ClickHouse's own handlers, runs a command with their address in CSATFLOW_TEST_CLICKHOUSE, and exits like the
// command; with 1 also if the command inserted nothing there, since then it used another server.
//
//	go run ./deploy/trial/clickhouseserver/with go test -count=1 ./sinks/clickhouse
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"github.com/ClickHouse/clickhouse-go/v2"

	"csatflow/deploy/local/libchdb"
	"csatflow/deploy/trial/clickhouseserver"
)

func main() {
	clickhouseserver.RunChild()
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: with COMMAND [ARGUMENT]...")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "with:", err)
		os.Exit(1)
	}
}

func run(command string, args []string) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	library, err := libchdb.Fetch(ctx, libchdb.Options{File: os.Getenv("CSATFLOW_LIBCHDB"), Progress: os.Stderr})
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "csatflow-clickhouse-")
	if err != nil {
		return fmt.Errorf("directory of the server: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	server, err := clickhouseserver.Start(ctx, clickhouseserver.Options{Library: library, Dir: dir})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Kill()) }()
	cmd := exec.CommandContext(ctx, command, args...) //nolint:gosec // the user's own command
	cmd.Env = append(os.Environ(), "CSATFLOW_TEST_CLICKHOUSE="+server.Addr)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s, on ClickHouse's own handlers (started %d times): %w", command, strings.Join(args, " "), server.Starts(), err)
	}
	inserts, err := inserts(ctx, server)
	if err != nil {
		return err
	}
	if inserts == 0 && server.Starts() == 1 {
		return fmt.Errorf("%s %s inserted nothing on ClickHouse's own handlers: it ignores CSATFLOW_TEST_CLICKHOUSE", command, strings.Join(args, " "))
	}
	fmt.Printf("    %d inserts on ClickHouse's own handlers, which were started %d times\n", inserts, server.Starts())
	return nil
}

// inserts returns the number of inserts since the server's last start.
func inserts(ctx context.Context, server *clickhouseserver.Server) (n uint64, err error) {
	if err := server.Await(ctx); err != nil {
		return 0, err
	}
	conn, err := clickhouse.Open(&clickhouse.Options{Addr: []string{server.Addr}})
	if err != nil {
		return 0, fmt.Errorf("connecting to %s: %w", server.Addr, err)
	}
	err = conn.QueryRow(ctx, "SELECT sum(value) FROM system.events WHERE event = 'InsertQuery'").Scan(&n)
	if err = errors.Join(err, conn.Close()); err != nil {
		return 0, fmt.Errorf("counting inserts: %w", err)
	}
	return n, nil
}
