package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

type peersCommand struct {
	common
	Events  int      `default:"2060000" help:"Responses and complaint steps of csatflow's runs; the peers get as many responses."`
	Repeats int      `default:"3" help:"Runs of each kind; the table has the medians."`
	Peers   string   `required:"" placeholder:"DIR" help:"Folder of the peers, with run.sh."`
	Which   []string `default:"floor,flink,streams" enum:"floor,flink,streams,quix" help:"Which peers."`
	Port    int      `default:"29092" help:"Port of the peers' Kafka; the next one is taken too."`
}

func (peersCommand) Help() string {
	return `Example:
  go run ./cmd/bench peers --peers ../shared/peers --events 206000 --repeats 1

It writes peers.md. If a peer's outputs are wrong, it exits with 1.`
}

// Run measures csatflow and then the peers, each on its own broker.
func (cmd *peersCommand) Run(ctx context.Context) (err error) {
	cmd.feedConfig.Events = cmd.Events
	rows, f, err := cmd.ours(ctx)
	if err != nil {
		return err
	}
	out, err := os.MkdirTemp("", "csatflow-peers-")
	if err != nil {
		return fmt.Errorf("folder of the peers' results: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(out)) }()
	if err := cmd.theirs(ctx, f, out); err != nil {
		return err
	}
	peers, err := readPeers(filepath.Join(out, "results.jsonl"))
	if err != nil {
		return err
	}
	for i := range rows {
		rows[i].name = "csatflow: " + rows[i].name
	}
	text := "# csatflow beside other engines\n\n" + machine() + "\n\n" + title(f, cmd.feedConfig, cmd.Repeats) + table("engine", append(rows, peers...), besideColumns(peers)) + besideNotes
	return write(filepath.Join(cmd.Out, "peers.md"), text)
}

const besideNotes = `
The peers get as many responses, 3 complaints per 100 of them, of 200,000 customers and 500 stores, and write to Kafka; their
outputs are compared with a reference. Their job is smaller: minutes only, five scopes, one score. Their time begins with the
first record, csatflow's with the process; the marginal rows are without the start. CPU of Kafka and ClickHouse is apart.
× Flink, × Kafka Streams: against their exactly-once runs; less CPU is better, more speed is.
`

func (cmd *peersCommand) ours(ctx context.Context) (_ []row, _ *feed, err error) {
	a, err := newTestbed(ctx, &cmd.common, true)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	return mainRows(ctx, a, cmd.feedConfig, cmd.Repeats)
}

// theirs runs the peers in a new session, by which all their processes can be found and ended.
func (cmd *peersCommand) theirs(ctx context.Context, f *feed, out string) error {
	run := exec.CommandContext(ctx, filepath.Join(cmd.Peers, "run.sh"))
	run.Env = append(os.Environ(), fmt.Sprint("REPEATS=", cmd.Repeats), fmt.Sprint("N=", f.responses), fmt.Sprint("PORT=", cmd.Port),
		"PEERS="+strings.Join(cmd.Which, " "), "OUT="+out)
	run.Stdout, run.Stderr = os.Stderr, os.Stderr
	run.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	run.Cancel = func() error { return endSession(run.Process.Pid) }
	run.WaitDelay = 30 * time.Second
	if err := run.Run(); err != nil {
		return fmt.Errorf("%s: %w", run.Path, err)
	}
	return nil
}

// besideColumns adds ratios to those peers that are present.
func besideColumns(peers []row) []column {
	list := []column{
		{name: "events/s", value: rate}, {name: "CPU s per million events", digits: 2, value: cpu}, {name: "of ClickHouse", digits: 2, value: engineCPU},
		{name: "of Kafka", digits: 2, value: brokerCPU}, {name: "memory MiB", value: memory},
	}
	for _, other := range []struct{ name, row string }{{"Flink", "flink exactly_once"}, {"Kafka Streams", "kafka-streams exactly_once_v2"}} {
		i := slices.IndexFunc(peers, func(r row) bool { return r.name == other.row })
		if i < 0 {
			continue
		}
		list = append(list, column{name: "CPU × " + other.name, digits: 2, value: cpu, against: &peers[i]},
			column{name: "speed × " + other.name, digits: 2, value: rate, against: &peers[i]})
	}
	return list
}
