package main

import (
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
	"csatflow/pipeline/kafka"
	"csatflow/pipeline/partitioner"
)

type demoCommand struct {
	embeddedFlags
	Listen   string  `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address of the page and /metrics."`
	Speed    float64 `default:"60" help:"How much faster than a real day the simulated one goes."`
	Insecure bool    `help:"Allow a --listen that other machines reach: everybody there can read the page."`
	Seed     uint64  `default:"1" help:"Seed of the simulated chain."`
	Fresh    bool    `help:"Forget the state and begin a new day."`
}

func (demoCommand) Help() string {
	return "Example:\n  csatflow demo\n\nIt simulates a day of a chain of 20 stores, 60 times as fast. After a stop it goes on where it was if it is started again\nwith the same --data; --fresh begins anew."
}

// demoState is the stored state of a demo, from which the same feed can be made again.
type demoState struct {
	Seed       uint64
	Start      time.Time
	Partitions int
	SideTopics bool // false if a release without them began the day
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
		for _, part := range []string{"kafka", "clickhouse", "demo.json"} {
			if err := os.RemoveAll(filepath.Join(data, part)); err != nil {
				return fmt.Errorf("--fresh: %w", err)
			}
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
	c := config.Default()
	c.Kafka.Brokers, c.ClickHouse.Address, c.Listen = []string{servers.kafka.Addr()}, []string{servers.clickhouse.NativeAddr()}, cmd.Listen
	c.ClickHouse.Username, c.ClickHouse.Password = local.User, servers.password
	c.Kafka.Partitioner = partitioner.Murmur2.String()
	c.Insecure = cmd.Insecure
	c.Measures.Crossings = [][]string{{"store", "source"}}
	if err := c.Check(); err != nil {
		return usage(errors.Join(err, servers.stop()))
	}
	go func() {
		if err := cmd.feed(ctx, state, &c, sys); err != nil && ctx.Err() == nil {
			cancel(topicsError(err))
		}
	}()
	s := &service{config: &c, log: log, ready: func(page string) { cmd.tell(sys, nearby(page), servers, data, state) }}
	err = s.run(ctx)
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

// listens checks early whether the page may have its address.
func (cmd *demoCommand) listens() error {
	c := config.Default()
	c.Kafka.Brokers, c.ClickHouse.Address, c.Listen, c.Insecure = []string{"127.0.0.1:1"}, []string{"127.0.0.1:1"}, cmd.Listen, cmd.Insecure
	if err := c.Check(); err != nil {
		return usage(fmt.Errorf("--listen: %w (for a demo: --insecure)", err))
	}
	return nil
}

// state reads the state of an earlier demo, or begins the day before: it opens with the shops, at 7.
func (cmd *demoCommand) state(data string) (*demoState, error) {
	file := filepath.Join(data, "demo.json")
	b, err := os.ReadFile(file)
	if err == nil {
		s := &demoState{}
		if err := json.Unmarshal(b, s); err != nil {
			return nil, usage(fmt.Errorf("%s: %w (--fresh begins anew)", file, err))
		}
		return s, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("reading the demo's state: %w", err)
	}
	s := &demoState{Seed: cmd.Seed, Start: time.Now().UTC().Add(-31 * time.Hour).Truncate(24 * time.Hour).Add(7 * time.Hour), Partitions: cmd.Partitions, SideTopics: true}
	if b, err = json.Marshal(s); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(data, 0o755); err != nil {
		return nil, usage(fmt.Errorf("--data: %w", err))
	}
	return s, os.WriteFile(file, b, 0o644)
}

func (cmd *demoCommand) tell(sys *system, page string, servers *embedded, data string, state *demoState) {
	names := config.Default().Kafka
	fmt.Fprintf(sys.stdout, `csatflow demo: %s of a chain of stores, %g times as fast

  page        http://%s/
  metrics     http://%s/metrics
  ClickHouse  http://%s/   for example:
              %s 'http://%s/?database=csat' -d 'SELECT scope_id, responses, csat_index FROM satisfaction WHERE resolution = 86400 AND scope_kind = '"'store'"' ORDER BY csat_index FORMAT PrettyCompact'
  Kafka       %s   topics %s
  state       %s

Ctrl-C stops it.
`, state.Start.Format(time.DateOnly), cmd.Speed, page, page, servers.clickhouse.HTTPAddr(), servers.curl(), servers.clickhouse.HTTPAddr(), servers.kafka.Addr(), strings.Join(append(topicNames(&names).List(), names.Topics.DeadLetter), ", "), data)
}

// feed sends the simulated day at its speed. It skips what the topics have already, partition by partition: the feed
// is the same, byte for byte.
func (cmd *demoCommand) feed(ctx context.Context, state *demoState, c *config.Config, sys *system) error {
	sim := simulate.Default()
	sim.Seed, sim.Start, sim.BadShare, sim.SideTopics = state.Seed, state.Start, 0.001, state.SideTopics
	feed, err := simulate.New(sim)
	if err != nil {
		return err
	}
	s, err := newSender(&c.Kafka)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	by, err := s.Partitioner(ctx)
	if err != nil {
		return err
	}
	had, err := cmd.had(ctx, s, state.Partitions)
	if err != nil {
		return err
	}
	var begun time.Time
	var from time.Time
	var e simulate.Event
	for feed.Next(&e) {
		name := e.Topic
		if e.Key == nil {
			e.Key = []byte("-") // a key of its own, so that the partition is the same again
		}
		p := by.PartitionOf(e.Key, state.Partitions)
		if had[name][p] > 0 {
			had[name][p]--
			continue
		}
		if begun.IsZero() {
			begun, from = time.Now(), e.At
		}
		due := begun.Add(time.Duration(float64(e.At.Sub(from)) / cmd.Speed))
		if wait := time.Until(due); wait > 0 {
			if err := s.Flush(ctx); err != nil {
				return err
			}
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-time.After(max(wait, 100*time.Millisecond)):
			}
		}
		if err := s.Add(ctx, name, e.Key, e.Value); err != nil {
			return err
		}
	}
	if err := s.Flush(ctx); err != nil {
		return err
	}
	fmt.Fprintln(sys.stdout, "the simulated day is over; the page still shows it (csatflow demo --fresh begins another)")
	return nil
}

// had counts the messages of each partition of each topic.
func (cmd *demoCommand) had(ctx context.Context, s *kafka.Sender, partitions int) (map[string][]int64, error) {
	had := map[string][]int64{}
	for feed, topic := range s.Topics {
		bounds, err := s.Connection.Bounds(ctx, topic, partitions)
		if err != nil {
			return nil, err
		}
		had[feed] = make([]int64, partitions)
		for p, b := range bounds {
			had[feed][p] = b.End
		}
	}
	return had, nil
}
