// Command bench measures csatflow on a real Apache Kafka and ClickHouse's engine: what an event costs, how the cost grows,
// and what other engines take for a similar job. Start at runCommand (run.go). Servers are in testbed.go, a measured process
// in process.go, measurements in figures.go. It knows csatflow only as users do: by its command line, its topics and its
// views.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"csatflow/deploy/local"
)

type commands struct {
	Run    runCommand    `cmd:"" help:"The table: the pipeline alone, with ClickHouse, with events as received; the time from append to view."`
	Live   liveCommand   `cmd:"" help:"What an event costs while events come as they occur, and catching up, beside materialized views that sum the same events."`
	Curves curvesCommand `cmd:"" help:"What an event costs by number of customers, scopes, partitions and processes, and by disorder, as tables and plots."`
	Memory memoryCommand `cmd:"" help:"Memory by number of customers, and how long a process takes to restore them."`
	Alerts alertsCommand `cmd:"" help:"Alerts: delay, recall and false alerts on simulated incidents, beside the usual practice."`
	Page   pageCommand   `cmd:"" help:"The page over a year of a chain of 500 stores and 5,000 employees, in Chromium."`
	Peers  peersCommand  `cmd:"" help:"The table of run beside Kafka Streams, Flink and the floor."`
	Churn  churnCommand  `cmd:"" help:"Who buys again and how much, on public data, beside the usual ways."`
}

func main() {
	local.RunChild()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	var c commands
	k := kong.Parse(&c, kong.Name("bench"), kong.Description("Measures csatflow."), kong.BindTo(ctx, (*context.Context)(nil)))
	err := k.Run()
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}
