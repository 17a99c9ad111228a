package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

type peersCommand struct {
	common
	Peers string   `required:"" placeholder:"DIR" help:"Folder of the peers, with run.sh."`
	Which []string `default:"floor,flink,streams" help:"Which of them."`
}

// peer is a line of the peers' results.
type peer struct {
	Name      string  `json:"peer"`
	Guarantee string  `json:"guarantee"`
	Events    float64 `json:"events"`
	Wall      float64 `json:"wall_s"`
	CPU       float64 `json:"cpu_s"`
	RSS       float64 `json:"rss_mib"`
	Check     string  `json:"check"`
}

// Run measures csatflow and then the peers, each on a broker of their own, with as many responses.
func (cmd *peersCommand) Run(ctx context.Context) (err error) {
	ours, feed, err := cmd.ours(ctx)
	if err != nil {
		return err
	}
	out, err := os.MkdirTemp("", "peers-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(out)) }()
	run := exec.CommandContext(ctx, filepath.Join(cmd.Peers, "run.sh"))
	run.Env = append(os.Environ(), fmt.Sprint("REPEATS=", cmd.Repeats), fmt.Sprint("N=", feed.responses), "PEERS="+strings.Join(cmd.Which, " "), "OUT="+out)
	run.Stdout, run.Stderr = os.Stderr, os.Stderr
	if err := run.Run(); err != nil {
		return fmt.Errorf("%s: %w", run.Path, err)
	}
	theirs, err := read(filepath.Join(out, "results.jsonl"))
	if err != nil {
		return err
	}
	return write(filepath.Join(cmd.Out, "peers.md"), machine()+cmd.title(feed)+beside(ours, theirs))
}

func (cmd *peersCommand) ours(ctx context.Context) (_ []row, _ *feed, err error) {
	a, err := newArena(ctx, cmd.Binary)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	return (&runCommand{cmd.common}).rows(ctx, a)
}

func read(path string) (map[string]peer, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	all := map[string][]peer{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var p peer
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if p.Check == "DIFFERENT" {
			return nil, fmt.Errorf("%s gave wrong results (%s)", p.Name, path)
		}
		name := p.Name + " " + p.Guarantee
		all[name] = append(all[name], p)
	}
	medians := map[string]peer{}
	for name, list := range all {
		slices.SortFunc(list, func(a, b peer) int { return int(1000 * (a.CPU - b.CPU)) })
		medians[name] = list[len(list)/2]
	}
	return medians, nil
}

// beside is one table; the ratios are how many times the CPU of csatflow's first row.
func beside(ours []row, theirs map[string]peer) string {
	var b strings.Builder
	alone := ours[0].perMillion(ours[0].cpu)
	b.WriteString("| engine | events/s | CPU s per million events | times the pipeline alone | memory MiB |\n|---|--:|--:|--:|--:|\n")
	for _, r := range ours {
		fmt.Fprintf(&b, "| csatflow: %s | %.0f | %.2f | %.2f | %d |\n", r.name, r.rate(), r.perMillion(r.cpu), r.perMillion(r.cpu)/alone, r.rss>>20)
	}
	var names []string
	for name := range theirs {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		p := theirs[name]
		cpu := p.CPU / p.Events * 1e6
		fmt.Fprintf(&b, "| %s | %.0f | %.2f | %.2f | %.0f |\n", name, p.Events/p.Wall, cpu, cpu/alone, p.RSS)
	}
	return b.String()
}
