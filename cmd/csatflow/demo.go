package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"csatflow/cmd/csatflow/config"
	"csatflow/deploy/local"
	"csatflow/deploy/simulate"
)

type demoCommand struct {
	embeddedFlags
	Listen   string  `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address of the page and /metrics."`
	Intake   string  `default:"127.0.0.1:8090" placeholder:"HOST:PORT" help:"Address that takes events over HTTP; empty for none."`
	Speed    float64 `default:"60" help:"How much faster than real time the simulated time goes (${default})."`
	Insecure bool    `help:"Allow a --listen and an --intake that other machines reach: everybody there can read the page and send events."`
	Seed     uint64  `default:"1" help:"Seed of the simulated chain."`
	Quiet    bool    `help:"Begin without a past and without stories: an ordinary day, from its opening on."`
	Fresh    bool    `help:"Forget the state and begin anew."`
}

func (demoCommand) Help() string {
	return `Examples:
  csatflow demo
  csatflow demo --fresh --speed 600

It simulates a chain of 20 stores, 60 times as fast as real time. First it lays down four weeks of its past, which takes some 40
seconds. Then it is live, at twenty past four of an afternoon a fortnight ago, and within a minute something is wrong in one store; more
follows every few minutes. Nights pass in half a minute. After a stop it goes on where it was if it is started again with the same
--data; --fresh begins anew.`
}

// demoState is the stored state of a demo, from which the same feed can be made again.
type demoState struct {
	Seed       uint64
	Day        time.Time // on which it is live
	Partitions int
	Quiet      bool
	Laid       bool // the past is in the tables
}

func (cmd *demoCommand) Run(sys *system) error {
	if cmd.HTTP == "" {
		cmd.HTTP = "127.0.0.1:8123"
	}
	if cmd.Speed <= 0 {
		return usage(fmt.Errorf("--speed must be above 0, is %v", cmd.Speed))
	}
	if err := cmd.listens(); err != nil {
		return err
	}
	data, err := dataDir(cmd.Data, "demo")
	if err != nil {
		return err
	}
	if cmd.Fresh {
		if err := forgetDemo(data); err != nil {
			return err
		}
	}
	state, err := cmd.state(data)
	if err != nil {
		return err
	}
	cmd.Partitions = state.Partitions
	logging := config.Default().Log
	logging.Level = "warn"
	log := logger(sys, logging)
	servers, err := cmd.start(sys, data, log)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(sys.ctx)
	defer cancel(nil)
	go func() {
		select {
		case <-servers.clickhouse.Done():
			cancel(answerNo(fmt.Errorf("the embedded ClickHouse ended: %w", servers.clickhouse.Err())))
		case <-ctx.Done():
		}
	}()
	c, err := cmd.config(data, servers)
	if err != nil {
		return usage(errors.Join(err, servers.stop()))
	}
	d := &demo{demoState: state, data: data, plan: state.plan(), config: c, sys: sys, log: log, speed: cmd.Speed}
	d.at.Store(d.plan.Live.UnixMilli())
	if err := d.keepIncidents(); err != nil {
		return errors.Join(err, servers.stop())
	}
	err = cmd.play(ctx, cancel, d, servers)
	cause := context.Cause(ctx)
	if stopped := servers.stop(); err == nil {
		err = stopped
	}
	if sys.ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
		fmt.Fprintln(sys.stdout, "stopped; csatflow demo goes on from here")
		return nil
	}
	if cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return err
}

// play lays down the past, and then feeds and runs the service.
func (cmd *demoCommand) play(ctx context.Context, cancel context.CancelCauseFunc, d *demo, servers *embedded) (err error) {
	if cmd.Intake != "" {
		in, err := openIntake(ctx, d.config, d.now, d.log)
		if err != nil {
			return fmt.Errorf("--intake: %w", err)
		}
		d.intake = nearby(in.server.Addr())
		defer func() { err = errors.Join(err, in.close()) }()
	}
	if err := d.layPast(ctx); err != nil {
		return err
	}
	s := &service{config: d.config, log: d.log, ready: func(page string) {
		cmd.tell(d, nearby(page), servers)
		go func() {
			if err := d.goLive(ctx); err != nil && ctx.Err() == nil {
				cancel(topicsError(err))
			}
		}()
	}}
	return s.run(ctx)
}

// demoConfigFile is the name of a demo's configuration, in its data directory.
const demoConfigFile = "csatflow.yaml"

// demoConfig is the configuration of a demo, kept beside its state for the other commands.
const demoConfig = `# The configuration of the demo whose state is in this folder. While it runs, commands take it: csatflow report --config csatflow.yaml
kafka: {brokers: [%q], partitioner: murmur2}
clickhouse: {address: [%q], username: %q, password_file: %q}
listen: %q
insecure: %v
flush: {state_interval: 3s}   # an hour passes in a minute
intake:
  listen: %q
  events: {insecure: %v}
  feeds:
    kiosk: {use: kiosk, insecure: %v}
    tickets: {use: tickets, insecure: %v}
measures:
  crossings: [[store, source]]
  dimensions: [{name: till, label: {en: Till, zh: 收银台}, topics: [responses, complaints]}]
alerts:
  rules:
    scopes: [all, region, store, source, touchpoint, product_category]
    silent_feed: {scopes: [all, store, till]}
`

// config keeps the configuration of a demo and reads it.
func (cmd *demoCommand) config(data string, servers *embedded) (*config.Config, error) {
	file := filepath.Join(data, demoConfigFile)
	password, err := filepath.Abs(servers.passwordIn)
	if err != nil {
		return nil, err
	}
	text := fmt.Sprintf(demoConfig, servers.kafka.Addr(), servers.clickhouse.NativeAddr(), local.User, password, cmd.Listen, cmd.Insecure, cmp.Or(cmd.Intake, config.Default().Intake.Listen), cmd.Insecure, cmd.Insecure, cmd.Insecure)
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return nil, fmt.Errorf("keeping the demo's configuration: %w", err)
	}
	c, err := config.Load(file, nil)
	if err != nil {
		return nil, err
	}
	return c, c.Check()
}

// listens checks early whether the page may have its address.
func (cmd *demoCommand) listens() error {
	c := config.Default()
	c.Kafka.Brokers, c.ClickHouse.Address, c.Listen, c.Insecure = []string{"127.0.0.1:1"}, []string{"127.0.0.1:1"}, cmd.Listen, cmd.Insecure
	c.Intake.Listen, c.Intake.Events.Insecure = cmp.Or(cmd.Intake, c.Intake.Listen), cmd.Insecure
	if err := c.Check(); err != nil {
		return usage(fmt.Errorf("--listen or --intake: %w (for a demo: --insecure)", err))
	}
	return nil
}

// demoFile is the file of a demo's state. Earlier releases, whose feed was another one, wrote demo.json.
const demoFile, earlierDemoFile = "demo-2.json", "demo.json"

// forgetDemo removes the state of a demo, also of an earlier release.
func forgetDemo(data string) error {
	for _, part := range []string{"kafka", "clickhouse", demoFile, earlierDemoFile} {
		if err := os.RemoveAll(filepath.Join(data, part)); err != nil {
			return fmt.Errorf("--fresh: %w", err)
		}
	}
	return nil
}

// demoBehind is how long before today a demo is live: at 60 times the pace of real time the simulated time reaches the present after some hours.
const demoBehind = 14

// state reads the state of an earlier demo, or plans a new one.
func (cmd *demoCommand) state(data string) (*demoState, error) {
	file := filepath.Join(data, demoFile)
	b, err := os.ReadFile(file)
	if err == nil {
		s := &demoState{}
		if err := json.Unmarshal(b, s); err != nil {
			return nil, usage(fmt.Errorf("%s: %w (--fresh begins anew)", file, err))
		}
		if s.Quiet != cmd.Quiet {
			return nil, usage(fmt.Errorf("the demo in %s was begun with --quiet=%v: start it so, or begin anew with --fresh", data, s.Quiet))
		}
		return s, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("reading the demo's state: %w", err)
	}
	if _, err := os.Stat(filepath.Join(data, earlierDemoFile)); err == nil {
		return nil, usage(fmt.Errorf("%s has the demo of an earlier release, whose feed was another one: begin anew with --fresh, or pass --data DIR", data))
	}
	s := &demoState{Seed: cmd.Seed, Day: time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -demoBehind), Partitions: cmd.Partitions, Quiet: cmd.Quiet}
	if err := os.MkdirAll(data, 0o755); err != nil {
		return nil, usage(fmt.Errorf("--data: %w", err))
	}
	return s, s.keep(data)
}

// keep stores the state.
func (s *demoState) keep(data string) error {
	b, err := json.Marshal(s)
	if err != nil {
		return err
	}
	file := filepath.Join(data, demoFile)
	if err := os.WriteFile(file+".new", b, 0o644); err != nil {
		return fmt.Errorf("keeping the demo's state: %w", err)
	}
	return os.Rename(file+".new", file)
}

// plan is the feed of the state.
func (s *demoState) plan() *simulate.Demo {
	d := simulate.NewDemo(s.Seed, s.Day)
	if !s.Quiet {
		return d
	}
	d.Start = s.Day.Add(simulate.DemoOpens * time.Hour)
	d.Duration, d.Live = simulate.DemoAhead, d.Start
	d.Story, d.Falls, d.Script = false, nil, nil
	return d
}

func (cmd *demoCommand) tell(d *demo, page string, servers *embedded) {
	names := config.Default().Kafka
	fmt.Fprintf(d.sys.stdout, `csatflow demo: a chain of stores on %s, %g times as fast

  page        http://%s/
  metrics     http://%s/metrics
  ClickHouse  http://%s/   for example:
              %s 'http://%s/?database=csat' -d 'SELECT scope_id, responses, csat_index FROM satisfaction WHERE resolution = 86400 AND pane_start = (SELECT max(pane_start) FROM satisfaction WHERE resolution = 86400) AND scope_kind = '"'store'"' ORDER BY csat_index FORMAT PrettyCompact'
  Kafka       %s   topics %s
%s  commands    %s report --config %s

Ctrl-C stops it.
`, d.plan.Live.Format(time.DateOnly), cmd.Speed, page, page, servers.clickhouse.HTTPAddr(), servers.curl(), servers.clickhouse.HTTPAddr(), servers.kafka.Addr(), strings.Join(append(topicNames(&names).List(), names.Topics.DeadLetter), ", "), d.tellIntake(), shellWord(os.Args[0]), shellWord(filepath.Join(d.data, demoConfigFile)))
}

// tellIntake says how an event comes in: one of a day before the demo's first, so that it does not move its time.
func (d *demo) tellIntake() string {
	if d.intake == "" {
		return ""
	}
	at := d.plan.Live.Add(-24 * time.Hour).UTC().Format(time.RFC3339)
	return fmt.Sprintf(`  intake      http://%s/   for example:
              curl --json '{"event_id":"mine-1","occurred_at":"%s","terminal_id":"till-1","store_id":"my-store","grade":6}' http://%s/v1/events/responses
`, d.intake, at, d.intake)
}
