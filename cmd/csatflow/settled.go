package main

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"csatflow/cmd/csatflow/config"
	"csatflow/pipeline"
	"csatflow/pipeline/partitioner"
	"csatflow/sinks/clickhouse"
	"csatflow/sinks/settlement"
)

// newSettlement collects the settings of a configuration on which rows depend.
func newSettlement(c *config.Config, store *clickhouse.Store, set *pipeline.Settings) *settlement.Settlement {
	var promises []string
	for _, category := range slices.Sorted(maps.Keys(set.ByCategory)) {
		promises = append(promises, category+": "+set.ByCategory[category].String())
	}
	own := map[string]string{
		"measures.time_zone":           c.Measures.TimeZone,
		"measures.crossings":           strings.Join(set.Kinds.Crossings(), ", "),
		"measures.promise":             set.Promise.String(),
		"measures.promise_by_category": strings.Join(promises, ", "),
	}
	if declared := set.Kinds.Set().Text(); declared != "" {
		own[settlement.DimensionsKey] = declared
	}
	if coarser := set.Kinds.Coarser(); len(coarser) > 0 {
		var list []string
		for _, kind := range slices.Sorted(maps.Keys(coarser)) {
			list = append(list, kind+": "+coarser[kind].String())
		}
		own[settlement.ResolutionsKey] = strings.Join(list, ", ")
	}
	if c.Kafka.Partitioner != config.AutoPartitioner {
		own[settlement.PartitionerKey] = c.Kafka.Partitioner
	}
	return settlement.New(c.ClickHouse.Database, store, own)
}

// producers learns the producers' partitioner from the topics.
func (to *servers) producers(partitions int, log *slog.Logger) settlement.Producers {
	return func(ctx context.Context) (partitioner.Partitioner, bool, error) {
		return to.kafka.Producers(ctx, to.topics, partitions, log)
	}
}

// settledError gives an error about settings its exit code; an error that another try may fix gets none.
func settledError(err error) error {
	var differ *settlement.DifferError
	var learn *settlement.LearnError
	switch {
	case errors.As(err, &differ):
		return usage(err)
	case errors.As(err, &learn):
		return topicsError(learn.Err)
	}
	return newerError(err)
}

// settledPlacement returns the partitioner with which the rows were made. It refuses a configuration with other settings.
func settledPlacement(ctx context.Context, c *config.Config, store *clickhouse.Store, set *pipeline.Settings) (*partitioner.Chosen, error) {
	if err := store.Newer(ctx); err != nil {
		return nil, newerError(err)
	}
	st := newSettlement(c, store, set)
	if err := st.Compare(ctx); err != nil {
		return nil, settledError(err)
	}
	by, _, err := st.Partitioner()
	placement := &partitioner.Chosen{}
	placement.Set(by)
	return placement, err
}
