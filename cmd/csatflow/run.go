package main

import (
	"context"
	"errors"
	"fmt"

	"csatflow/cmd/csatflow/profile"
	"csatflow/pipeline/worker"
)

type runCommand struct {
	configFlag
	Listen     string `placeholder:"HOST:PORT" help:"Address of the page and /metrics, instead of the configured one."`
	CPUProfile string `placeholder:"FILE" name:"cpu-profile" help:"Write a CPU profile for go tool pprof."`
	AcceptLost bool   `help:"Go on without events that were removed from the log before they were read, instead of refusing; their number is logged and counted."`
	MemProfile string `placeholder:"FILE" name:"memory-profile" help:"Write a heap profile for go tool pprof, taken when the heap was largest."`
	DryRun     bool   `help:"Process what is in the topics now and write nothing: no rows, dead letters or offsets. Prints about how many there would be, flush by flush; needs no ClickHouse."`
	UntilEnd   bool   `help:"Process up to the end offsets seen at the start, flush, commit and exit; waits for other members of the consumer group to reach them too."`
}

func (runCommand) Help() string {
	return `Examples:
  csatflow run --config csatflow.yaml
  csatflow run --config csatflow.yaml --until-end     # a batch job: what is in the topics now
  csatflow run --config csatflow.yaml --dry-run       # the same, without writing anything

On SIGTERM it ends within 10 s, with everything flushed and committed. Stopped in any other way, it goes on where the tables
are. It refuses a topic that was made anew, lost unread events, or got more partitions, and says how to go on.`
}

func (cmd *runCommand) Run(sys *system) error {
	c, err := cmd.load(sys)
	if err != nil {
		return err
	}
	if cmd.Listen != "" {
		c.Listen = cmd.Listen
	}
	check := c.Check
	if cmd.DryRun {
		check = c.CheckDryRun
	}
	if err := cmd.check(sys, check()); err != nil {
		return err
	}
	if cmd.CPUProfile != "" {
		stop, err := profile.CPU(cmd.CPUProfile)
		if err != nil {
			return usage(fmt.Errorf("--cpu-profile: %w", err))
		}
		defer stop()
	}
	log := logger(sys, c.Log)
	for _, text := range cmd.warnings(c) {
		log.Warn("the configuration should change", "why", text)
	}
	if cmd.MemProfile != "" {
		defer profile.Heap(cmd.MemProfile, func(err error) {
			log.Warn("writing the heap profile went wrong (--memory-profile)", "err", err)
		})()
	}
	s := &service{config: c, log: log, untilEnd: cmd.UntilEnd, acceptLost: cmd.AcceptLost, ready: func(page string) {
		page = nearby(page)
		log.Info("serving", "page", "http://"+page+"/", "metrics", "http://"+page+"/metrics")
	}}
	if cmd.UntilEnd || cmd.DryRun {
		defer s.showProgress(sys.stderr)()
	}
	interrupted := func(err error) bool {
		var unfinished *worker.FlushError
		return sys.ctx.Err() != nil && errors.Is(err, context.Canceled) && !errors.As(err, &unfinished)
	}
	if cmd.DryRun {
		return s.dryRun(sys.ctx, sys.stdout)
	}
	if err := s.run(sys.ctx); err != nil && !interrupted(err) {
		return err
	}
	log.Info("stopped with everything flushed")
	return nil
}
