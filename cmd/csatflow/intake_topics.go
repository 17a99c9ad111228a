package main

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"csatflow/cmd/csatflow/config"
	"csatflow/pipeline/intake"
	"csatflow/pipeline/intake/topicin"
	"csatflow/pipeline/intake/wire"
	"csatflow/pipeline/kafka"
)

// portionsTogether bounds the portions that are mapped and produced at a time, over all topics. A partition holds one besides, and
// fetches no more before it is taken.
const portionsTogether = 4

// topicsEndTime is how long the end waits for what was read.
const topicsEndTime = 8 * time.Second

// reading is the intake of topics of others.
type reading struct {
	intake *topicin.Intake
	ended  chan error
	groups int
}

func foreignTopics(i *config.Intake) (names []string) {
	for _, t := range i.Kafka {
		names = append(names, t.Topic)
	}
	return names
}

// readTopics begins to read topics of others, until ctx ends: a consumer group for each that is named, with all its topics.
func readTopics(ctx context.Context, c *config.Config, conn *kafka.Connection, feeds intake.Feeds, to intake.Producer, clock *intake.Clock, metrics prometheus.Registerer, log *slog.Logger) (*reading, error) {
	var registry *wire.Registry
	if to := c.SchemaRegistry(); to.URL != "" {
		var err error
		if registry, err = wire.OpenRegistry(to); err != nil {
			return nil, usage(err)
		}
	}
	o := topicin.Options{Producer: to, Clock: clock, Timeout: c.Intake.Timeout, Registry: metrics, Log: log}
	groups := map[string][]string{}
	for _, t := range c.Intake.Kafka {
		d, err := wire.New(t.Format, registry)
		if err != nil {
			return nil, usage(err)
		}
		o.Sources = append(o.Sources, topicin.Source{Topic: t.Topic, Feed: feeds[t.Feed], Decoder: d})
		groups[t.Group] = append(groups[t.Group], t.Topic)
	}
	r := &reading{intake: topicin.New(o), ended: make(chan error, len(groups)), groups: len(groups)}
	slots := make(chan struct{}, portionsTogether)
	for _, group := range slices.Sorted(maps.Keys(groups)) {
		s := &kafka.Subscription{Connection: conn, Group: group, Topics: groups[group], Slots: slots, Told: r.intake.Told, Left: r.intake.Left, Lost: r.intake.Lost, Log: log,
			Timing: kafka.Timing{Heartbeat: c.Kafka.HeartbeatInterval, Session: c.Kafka.SessionTimeout, Rebalance: c.Kafka.RebalanceTimeout},
			Take:   func(ctx context.Context, p kafka.Portion) (int, error) { return r.intake.Take(ctx, topicin.Portion(p)) }}
		go func() { r.ended <- s.Run(ctx) }()
	}
	return r, nil
}

// checkForeign looks for the topics of others.
func checkForeign(ctx context.Context, c *config.Config, conn *kafka.Connection, say func(format string, args ...any)) (found []error) {
	for _, name := range foreignTopics(&c.Intake) {
		if n, err := conn.PartitionsOf(ctx, name); err != nil {
			err = topicsError(err)
			say("WRONG    Kafka, topic of others: %v", err)
			found = append(found, err)
		} else {
			say("ok       Kafka, topic of others: %s with %d partitions", name, n)
		}
	}
	return found
}

// checkRegistries asks the schema registries whether they answer.
func checkRegistries(ctx context.Context, c *config.Config, say func(format string, args ...any)) (found []error) {
	all := []wire.RegistryConfig{c.Kafka.SchemaRegistry()}
	if of := c.SchemaRegistry(); of != all[0] {
		all = append(all, of)
	}
	for _, to := range all {
		if to.URL == "" {
			continue
		}
		registry, err := wire.OpenRegistry(to)
		if err != nil {
			err = usage(err)
		} else if err = registry.Check(ctx); err != nil {
			err = unreachable(err)
		}
		if err != nil {
			say("WRONG    %v", err)
			found = append(found, err)
			continue
		}
		say("ok       schema registry %s (%s)", to.URL, to.Key)
	}
	return found
}

// wait returns when what was read is taken and committed, after the context of reading has ended. r may be nil.
func (r *reading) wait() error {
	if r == nil {
		return nil
	}
	late := time.After(topicsEndTime)
	var errs []error
	for range r.groups {
		select {
		case err := <-r.ended:
			errs = append(errs, err)
		case <-late:
			return errors.Join(append(errs, errors.New("what was read of topics of others was not taken in time: it is read again at the next start"))...)
		}
	}
	return errors.Join(errs...)
}
