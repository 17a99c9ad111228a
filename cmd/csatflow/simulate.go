package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"csatflow/cmd/csatflow/output"
	"csatflow/deploy/simulate"
	"csatflow/pipeline/kafka"
)

type simulateCommand struct {
	targetFlags
	Events     int           `default:"0" help:"How many events to send; 0 for as many as the customers make in the duration."`
	Seed       uint64        `default:"1" help:"The same seed makes the same feed, byte for byte."`
	Customers  int           `default:"20000" help:"Customers of the chain."`
	Stores     int           `default:"20" help:"Stores of the chain."`
	Employees  int           `default:"200" help:"Employees of the chain."`
	Rate       float64       `default:"0" help:"Events per second; 0 for as fast as Kafka takes them."`
	Duration   time.Duration `default:"24h" help:"Event time that the feed covers."`
	Start      time.Time     `placeholder:"TIME" help:"Event time at which the feed begins, RFC 3339 (default: such that it ends with yesterday, UTC)."`
	Duplicates float64       `default:"0.01" help:"Share of events that are sent twice."`
	Late       float64       `default:"0.02" help:"Share of events that arrive minutes to days late."`
	Bad        float64       `default:"0" help:"Share of lines that are not events."`
	SideTopics bool          `name:"side-topics" help:"Also purchases, observations, departures and invitations, on top of --events."`
	Tills      bool          `help:"Add the attribute till to responses and complaints, for trying measures.dimensions."`
	Story      bool          `default:"true" negatable:"" help:"One store's service collapses for two hours."`
	Falls      int           `default:"0" help:"Number of further times in which a store's service is worse, by 0.3 to 1.5 grades, for a quarter of an hour to two days; truth.json has them, for backtest --incidents."`
	RealLife   bool          `name:"real-life" help:"Real life: opening hours, holidays and clocks of Europe/Berlin, moods of days, hours and shifts, pay-days, changing readiness to answer, children at terminals, and leaving for many reasons; truth.json has the truth behind each."`
	RealConfig string        `name:"real-config" type:"existingfile" placeholder:"FILE" help:"Real life with other values, YAML or JSON, by the names in real.knobs of truth.json; implies --real-life."`
	Scenario   string        `enum:",demo" default:"" placeholder:"NAME" help:"A feed with a plot. demo: four weeks of the demo's chain and the day of its incident, with purchases, observations, departures, invitations and tills; it ends with yesterday, or begins with the day of --start. Beside it only --seed, --start, --rate, --bad and --out are taken."`
	Out        string        `placeholder:"DIR" help:"Write a file for each topic, like responses.jsonl, and the truth behind them (truth.json), instead of sending."`
}

func (simulateCommand) Help() string {
	return "Examples:\n  csatflow simulate --events 200000 --out feed      # files, and the truth\n  csatflow simulate --real-life --side-topics --duration 2016h --out feed      # twelve weeks of real life\n  csatflow simulate --brokers 127.0.0.1:9092 --rate 500\n  csatflow simulate --brokers 127.0.0.1:9092 --scenario demo      # the past of the demo"
}

func (cmd *simulateCommand) config() (simulate.Config, error) {
	if cmd.Scenario != "" {
		return cmd.scenario()
	}
	c := simulate.Default()
	c.Seed, c.Events, c.Duration, c.Start = cmd.Seed, cmd.Events, cmd.Duration, cmd.Start
	c.Customers, c.Stores, c.Employees = cmd.Customers, cmd.Stores, cmd.Employees
	c.DuplicateShare, c.LateShare, c.BadShare, c.Story, c.SideTopics, c.Tills = cmd.Duplicates, cmd.Late, cmd.Bad, cmd.Story, cmd.SideTopics, cmd.Tills
	if c.Start.IsZero() {
		c.Start = time.Now().UTC().Truncate(24 * time.Hour).Add(-c.Duration)
	}
	if err := cmd.real(&c); err != nil {
		return c, err
	}
	if cmd.Falls > 0 && c.Validate() == nil {
		c.Falls = simulate.DrawFalls(c, cmd.Falls)
	}
	return c, nil
}

// scenario returns the feed of the demo up to the end of the day of its first incident.
func (cmd *simulateCommand) scenario() (simulate.Config, error) {
	d := simulate.Default()
	for name, differs := range map[string]bool{"--events": cmd.Events != 0, "--customers": cmd.Customers != d.Customers, "--stores": cmd.Stores != d.Stores, "--employees": cmd.Employees != d.Employees,
		"--duration": cmd.Duration != d.Duration, "--falls": cmd.Falls != 0, "--real-life": cmd.RealLife || cmd.RealConfig != "", "--no-story": !cmd.Story} {
		if differs {
			return simulate.Config{}, fmt.Errorf("%s does not go with --scenario, which sets it itself", name)
		}
	}
	day := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -1)
	if !cmd.Start.IsZero() {
		day = cmd.Start.Add(simulate.DemoPast)
	}
	plan := simulate.NewDemo(cmd.Seed, day)
	c := plan.Until(plan.Start.Add(simulate.DemoPast + 24*time.Hour))
	c.BadShare = cmd.Bad
	return c, nil
}

// real adds real life if it is asked for.
func (cmd *simulateCommand) real(c *simulate.Config) error {
	switch {
	case cmd.RealConfig != "":
		file, err := os.Open(cmd.RealConfig)
		if err != nil {
			return fmt.Errorf("opening --real-config: %w", err)
		}
		defer func() { _ = file.Close() }()
		if c.Real, err = simulate.ReadReal(file); err != nil {
			return fmt.Errorf("--real-config %s: %w", cmd.RealConfig, err)
		}
	case cmd.RealLife:
		c.Real = simulate.RealLife()
	}
	return nil
}

func (cmd *simulateCommand) Run(sys *system) error {
	c, err := cmd.config()
	if err != nil {
		return usage(err)
	}
	if err := c.Validate(); err != nil {
		return usage(err)
	}
	if len(c.Falls) < cmd.Falls {
		return usage(fmt.Errorf("--falls %d: there is room for %d in %d stores and %s: raise --stores or --duration", cmd.Falls, len(c.Falls), c.Stores, c.Duration))
	}
	done, finish := output.Bar(sys.stderr, "events", int64(c.Events))
	defer finish()
	if cmd.Out != "" {
		truth, err := simulate.WriteFiles(cmd.Out, c, func(n, _ int) { done(int64(n)) })
		if err != nil {
			return err
		}
		wrote := fmt.Sprintf("%d responses and %d complaint steps", truth.Responses.Sent, truth.Complaints.Sent)
		if side := truth.Side; side != nil {
			wrote = fmt.Sprintf("%d responses, %d complaint steps, %d purchases, %d observations, %d departures and %d invitations", truth.Responses.Sent, truth.Complaints.Sent,
				side[simulate.TopicPurchases].Sent, side[simulate.TopicObservations].Sent, side[simulate.TopicDepartures].Sent, side[simulate.TopicAsked].Sent)
		}
		_, err = fmt.Fprintf(sys.stdout, "wrote %s to %s\n", wrote, cmd.Out)
		return err
	}
	k, err := cmd.kafkaConfig(sys)
	if err != nil {
		return err
	}
	s, err := newSender(k)
	if err != nil {
		return err
	}
	feed, err := simulate.New(c)
	if err != nil {
		return usage(err)
	}
	if err := cmd.send(sys.ctx, feed, s, done); err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return unreachable(err)
	}
	_, err = fmt.Fprintf(sys.stdout, "sent %d events\n", s.Sent)
	return err
}

// send sends the whole feed at the requested rate.
func (cmd *simulateCommand) send(ctx context.Context, feed *simulate.Feed, s *kafka.Sender, done func(int64)) error {
	began, n := time.Now(), 0
	var e simulate.Event
	for feed.Next(&e) {
		if err := s.Add(ctx, e.Topic, e.Key, e.Value); err != nil {
			return topicsError(err)
		}
		n++
		if n%1000 == 0 {
			done(int64(n))
		}
		if cmd.Rate <= 0 {
			continue
		}
		if ahead := time.Duration(float64(n)/cmd.Rate*float64(time.Second)) - time.Since(began); ahead > 50*time.Millisecond {
			if err := s.Flush(ctx); err != nil {
				return topicsError(err)
			}
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-time.After(ahead):
			}
		}
	}
	return topicsError(s.Flush(ctx))
}
