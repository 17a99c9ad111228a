package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"csatflow/cmd/csatflow/config"
	"csatflow/pipeline"
	"csatflow/pipeline/kafka"
	"csatflow/sinks/clickhouse"
)

// partitionerKey is the key of the configuration that says how producers find partitions.
const partitionerKey = "kafka.partitioner"

// dimensionsSetting is what the owner declared; it is not kept where there is nothing, as by releases that did not know it.
const dimensionsSetting = "measures.dimensions"

// settlement is what the rows of a database depend on beside the events, as this process goes by it and as the database
// has it from the first process that wrote there.
type settlement struct {
	database string
	store    *clickhouse.Store
	own      map[string]string // by key; without the partitioner while that is not known
}

// newSettlement gives what the rows depend on in a configuration.
func newSettlement(c *config.Config, store *clickhouse.Store, set *pipeline.Settings) *settlement {
	var promises []string
	for _, category := range slices.Sorted(maps.Keys(set.ByCategory)) {
		promises = append(promises, category+": "+set.ByCategory[category].String())
	}
	s := &settlement{database: c.ClickHouse.Database, store: store, own: map[string]string{
		"measures.time_zone":           c.Measures.TimeZone,
		"measures.crossings":           strings.Join(set.Kinds.Crossings(), ", "),
		"measures.promise":             set.Promise.String(),
		"measures.promise_by_category": strings.Join(promises, ", "),
	}}
	if own := set.Kinds.Set().Text(); own != "" {
		s.own[dimensionsSetting] = own
	}
	if c.Kafka.Partitioner != config.AutoPartitioner {
		s.own[partitionerKey] = c.Kafka.Partitioner
	}
	return s
}

// fingerprint is one number for all that is known.
func (s *settlement) fingerprint() uint64 {
	h := xxhash.New()
	for _, name := range slices.Sorted(maps.Keys(s.own)) {
		_, _ = fmt.Fprintf(h, "%q %q\n", name, s.own[name]) // a hash takes everything
	}
	return h.Sum64()
}

// compare reads what the database has. It refuses, with each key and both values, to go on with other settings. A
// partitioner that only the database knows is taken over.
func (s *settlement) compare(ctx context.Context) error {
	kept, err := s.store.Settings(ctx)
	if err != nil {
		return err
	}
	var differ []string
	if _, has := kept[dimensionsSetting]; !has && len(kept) > 0 {
		kept[dimensionsSetting] = ""
	}
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		own, known := s.own[name]
		known = known || name == dimensionsSetting
		switch {
		case name == partitionerKey && !known:
			s.own[name] = kept[name]
		case !known:
			return usage(&clickhouse.NewerError{What: fmt.Sprintf("database %s has a setting %s, which this release does not know", s.database, name)})
		case own != kept[name]:
			differ = append(differ, fmt.Sprintf("  %s is %q, and the rows were made with %q", name, own, kept[name]))
		}
	}
	if len(differ) == 0 {
		return nil
	}
	return usage(fmt.Errorf("the rows of database %s were made with other settings, and going on would mix rows of both:\n%s\nSet the configuration of this process back to that; or name another database (clickhouse.database), into which the topics are read again from their start", s.database, strings.Join(differ, "\n")))
}

// settleTime is how long another process that starts at the same moment may take to note its settings.
const settleTime = 250 * time.Millisecond

// keep notes what the database does not have yet, and compares once more: another process may have come first. It says
// whether it noted the first settings of all, and of how many partitions' topics the database had rows then.
func (s *settlement) keep(ctx context.Context) (first bool, rows int, err error) {
	kept, err := s.store.Settings(ctx)
	if err != nil {
		return false, 0, err
	}
	if first = len(kept) == 0; first {
		err = s.store.Positions(ctx, func(pipeline.PositionRow) error { rows++; return nil })
		if err != nil {
			return false, 0, err
		}
	}
	missing := map[string]string{}
	for name, value := range s.own {
		if _, has := kept[name]; !has {
			missing[name] = value
		}
	}
	if len(missing) == 0 {
		return first, rows, nil
	}
	if err := s.store.KeepSettings(ctx, missing, s.fingerprint()); err != nil {
		return false, 0, err
	}
	select {
	case <-ctx.Done():
		return false, 0, context.Cause(ctx)
	case <-time.After(settleTime):
	}
	return first, rows, s.compare(ctx)
}

// partitioner is what is known of the producers' partitioner.
func (s *settlement) partitioner() (by pipeline.Partitioner, known bool, err error) {
	name, known := s.own[partitionerKey]
	if !known {
		return pipeline.AnyPartition, false, nil
	}
	by, err = pipeline.PartitionerOf(name)
	return by, true, err
}

// learn looks at the topics for the partitioner, and takes it over if they tell.
func (s *settlement) learn(ctx context.Context, to *servers, partitions int, log *slog.Logger) (by pipeline.Partitioner, known bool, err error) {
	by, known, err = learnPartitioner(ctx, to.kafka, to.topics, partitions, log)
	if err != nil || !known {
		return by, false, err
	}
	s.own[partitionerKey] = by.String()
	return by, true, nil
}

// learnPartitioner looks at the topics; known is false while they have too few keys to tell.
func learnPartitioner(ctx context.Context, conn *kafka.Connection, topics kafka.TopicNames, partitions int, log *slog.Logger) (by pipeline.Partitioner, known bool, err error) {
	uses, err := conn.LearnPartitioner(ctx, topics, partitions, log)
	if err != nil {
		return by, false, err
	}
	by, err = uses.Decide()
	return by, err == nil && by != pipeline.AnyPartition, err
}

// settle sees to it that the rows of the database are made with the settings of this process, and finds the partitioner
// of the producers. While the topics have too few keys to tell, every partition is taken for right.
func (s *service) settle(ctx context.Context, to *servers, set *pipeline.Settings) (*settlement, error) {
	st := newSettlement(s.config, to.store, set)
	if err := st.compare(ctx); err != nil {
		return nil, err
	}
	by, known, err := st.partitioner()
	if err == nil && !known {
		by, _, err = st.learn(ctx, to, set.Partitions, s.log)
	}
	if err != nil {
		return nil, topicsError(err)
	}
	kept, rows, err := st.keep(ctx)
	if err != nil {
		return nil, err
	}
	if rows > 0 && kept {
		s.log.Info("the tables have rows of a release that kept no settings: those of this process are taken for the ones that they were made with", "settings", st.own)
	}
	set.Placement = &pipeline.Placement{}
	set.Placement.Set(by)
	return st, nil
}

// settledPlacement gives the partitioner that the rows were made with, and refuses a configuration with other settings.
func settledPlacement(ctx context.Context, c *config.Config, store *clickhouse.Store, set *pipeline.Settings) (*pipeline.Placement, error) {
	if err := store.Newer(ctx); err != nil {
		return nil, newerError(err)
	}
	st := newSettlement(c, store, set)
	if err := st.compare(ctx); err != nil {
		return nil, err
	}
	by, _, err := st.partitioner()
	placement := &pipeline.Placement{}
	placement.Set(by)
	return placement, err
}

// learnAgain is how often the topics are looked at while they have too few keys.
const learnAgain = 5 * time.Second

// watch compares the settings whenever joined says that the group has changed, and learns the partitioner once there are
// keys enough. It ends with the context, or with what is wrong.
func (s *service) watch(ctx context.Context, st *settlement, to *servers, set *pipeline.Settings, joined <-chan struct{}) error {
	_, known := st.own[partitionerKey]
	if !known {
		s.log.Info("the topics have too few keys to learn the producers' partitioner from: every partition is taken for right meanwhile (kafka.partitioner)")
	}
	again := time.NewTicker(learnAgain)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-joined:
			if err := st.compare(ctx); err != nil {
				var told *exitError
				if errors.As(err, &told) {
					return err
				}
				s.log.Warn("comparing the settings with those of the tables went wrong and is tried again at the next change of the group", "err", err)
			}
		case <-again.C:
			if known {
				continue
			}
			by, found, err := st.learn(ctx, to, set.Partitions, s.log)
			if err == nil && found {
				_, _, err = st.keep(ctx)
			}
			var told *exitError
			var topics *kafka.TopicError
			switch {
			case errors.As(err, &told), errors.As(err, &topics):
				return topicsError(err)
			case err != nil:
				s.log.Warn("learning the producers' partitioner went wrong and is tried again", "in", learnAgain, "err", err)
				delete(st.own, partitionerKey)
			case found:
				known = true
				set.Placement.Set(by)
				s.log.Info("learnt how producers find partitions", partitionerKey, by)
			}
		}
	}
}
