package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"csatflow/cmd/csatflow/config"
	"csatflow/pipeline"
	"csatflow/pipeline/audit"
	"csatflow/pipeline/event"
	"csatflow/pipeline/partitioner"
	"csatflow/pipeline/vocabulary"
	"csatflow/sinks/clickhouse"
	"csatflow/sinks/deadletter"
	"csatflow/sinks/settlement"
)

// newSettlement collects the settings of a configuration on which rows depend. reached is for the process that keeps them, nil for others.
func newSettlement(c *config.Config, store *clickhouse.Store, set *pipeline.Settings, reached settlement.Reached) *settlement.Settlement {
	var promises []string
	for _, category := range slices.Sorted(maps.Keys(set.ByCategory)) {
		if set.Words[event.CategoryWords].Of(category) != nil {
			continue // it belongs to the word, which may come later
		}
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
	st := settlement.New(c.ClickHouse.Database, store, own)
	st.AddWords(effects(c, set), reached)
	return st
}

// effects says what the owner's words count as.
func effects(c *config.Config, set *pipeline.Settings) map[pipeline.OwnWord]string {
	words, err := c.Vocabulary()
	if err != nil {
		panic(err) // config.Load has checked them
	}
	all := map[pipeline.OwnWord]string{}
	for _, e := range vocabulary.Enumerations() {
		for _, w := range words.Of(e.Key) {
			effect := "a " + e.Scale + " of its own"
			if w.Like != "" {
				effect = "like " + w.Like
			}
			if d, has := set.ByCategory[w.Name]; has && e.Key == event.CategoryWords {
				effect += ", promise " + d.String()
			}
			all[pipeline.OwnWord{Key: e.Key, Name: w.Name}] = effect
		}
	}
	return all
}

// reached finds out how far the topics are read, for words that are added. What others read meanwhile by the words of before would be missed.
func (to *servers) reached(c *config.Config, partitions int, log *slog.Logger) settlement.Reached {
	return func(ctx context.Context) (map[pipeline.Topic][]int64, error) {
		members, err := to.kafka.Members(ctx, c.Kafka.Group)
		if err != nil {
			return nil, err
		}
		if members > 0 {
			return nil, &settlement.DifferError{Reason: fmt.Sprintf("the configuration adds words to measures.sources, categories or steps, and %d processes of group %s still read by the words of before: stop them all, then start this one (one that was killed leaves the group after kafka.session_timeout, %s)", members, c.Kafka.Group, c.Kafka.SessionTimeout)}
		}
		next := map[pipeline.Topic][]int64{}
		for topic := range pipeline.Topic(pipeline.Topics) {
			if !topic.TakesWords() {
				continue
			}
			next[topic] = make([]int64, partitions)
			err := to.store.Reached(ctx, topic, func(partition int, after int64) {
				if partition < partitions {
					next[topic][partition] = max(next[topic][partition], after)
				}
			})
			if err != nil {
				return nil, err
			}
		}
		letters, err := deadletter.FindOrigins(ctx, to.kafka, c.Kafka.Topics.DeadLetter, to.topics, log)
		if isTopicError(err) {
			return next, nil // none were ever written
		}
		if err != nil {
			return nil, err
		}
		_, err = letters.Each(ctx, func(o audit.Origin) error {
			if list := next[o.Topic]; o.Known && o.Partition < len(list) {
				list[o.Partition] = max(list[o.Partition], o.Offset+1)
			}
			return nil
		})
		return next, err
	}
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

// settledPlacement returns the partitioner with which the rows were made, and notes in set from where on the owner's words count. It refuses a configuration with other settings.
func settledPlacement(ctx context.Context, c *config.Config, store *clickhouse.Store, set *pipeline.Settings) (*partitioner.Chosen, error) {
	if err := store.Newer(ctx); err != nil {
		return nil, newerError(err)
	}
	st := newSettlement(c, store, set, nil)
	if err := st.Compare(ctx); err != nil {
		return nil, settledError(err)
	}
	set.Admitted = st.Admitted()
	by, _, err := st.Partitioner()
	placement := &partitioner.Chosen{}
	placement.Set(by)
	return placement, err
}
