package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"runtime/pprof"
	"time"

	"csatflow/cmd/csatflow/output"
	"csatflow/pipeline/worker"
)

type runCommand struct {
	configFlag
	Listen     string `placeholder:"HOST:PORT" help:"Address of the page and /metrics, instead of the configured one."`
	CPUProfile string `placeholder:"FILE" name:"cpu-profile" help:"Write a CPU profile for go tool pprof."`
	AcceptLost bool   `help:"Go on without events that were removed from the log before they were read, instead of refusing; their number is logged and counted."`
	MemProfile string `placeholder:"FILE" name:"memory-profile" help:"Write a heap profile for go tool pprof, taken when the heap was largest."`
	DryRun     bool   `help:"Process what is in the topics now and write nothing: no rows, dead letters or offsets. Prints how many there would be; needs no ClickHouse."`
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
	if err := c.Check(); err != nil {
		return usage(err)
	}
	if cmd.CPUProfile != "" {
		stop, err := profile(cmd.CPUProfile)
		if err != nil {
			return err
		}
		defer stop()
	}
	log := logger(sys, c.Log)
	for _, text := range cmd.warnings(c) {
		log.Warn("the configuration should change", "why", text)
	}
	if cmd.MemProfile != "" {
		defer profileHeap(cmd.MemProfile, log)()
	}
	s := &service{config: c, log: log, untilEnd: cmd.UntilEnd, acceptLost: cmd.AcceptLost, ready: func(page string) {
		page = nearby(page)
		log.Info("serving", "page", "http://"+page+"/", "metrics", "http://"+page+"/metrics")
	}}
	if (cmd.UntilEnd || cmd.DryRun) && output.Terminal(sys.stderr) {
		bar := output.NewLag(sys.stderr)
		defer bar.Finish()
		s.progress = bar.Over
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

// profileHeap writes a heap profile whenever the heap has grown by a tenth, until it is stopped.
func profileHeap(file string, log *slog.Logger) (stop func()) {
	done := make(chan struct{})
	go func() {
		largest := uint64(0)
		for {
			select {
			case <-done:
				return
			case <-time.After(5 * time.Second):
			}
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			if m.HeapInuse < largest+largest/10 {
				continue
			}
			largest = m.HeapInuse
			if err := writeHeap(file); err != nil {
				log.Warn("writing the heap profile went wrong (--memory-profile)", "err", err)
			}
		}
	}()
	return func() { close(done) }
}

func writeHeap(file string) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(pprof.WriteHeapProfile(f), f.Close())
}

// profile writes a CPU profile until it is stopped.
func profile(file string) (stop func(), err error) {
	f, err := os.Create(file)
	if err != nil {
		return nil, usage(fmt.Errorf("--cpu-profile: %w", err))
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, fmt.Errorf("--cpu-profile: %w", err)
	}
	return func() {
		pprof.StopCPUProfile()
		_ = f.Close() // the profile is complete by then
	}, nil
}
