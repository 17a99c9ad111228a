// Package settlement sees to it that all rows of a database are made with the same settings: what they depend on beside the events
// is kept with the tables by the first process that writes there, and a process with other settings is refused.
//
// Start at [New]; [Settlement.Settle] and [Settlement.Watch] are what a service does at its start and while it runs. The package
// does not know the configuration: settings come in as texts, by key.
package settlement

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"csatflow/pipeline"
	"csatflow/pipeline/partitioner"
	"csatflow/sinks/clickhouse"
)

// PartitionerKey is the key of the configuration that says how producers find partitions.
const PartitionerKey = "kafka.partitioner"

// DimensionsKey is what the owner declared; it is not kept where there is nothing, as by releases that did not know it.
const DimensionsKey = "measures.dimensions"

// Store is the tables, as far as settings go.
type Store interface {
	// Settings are those that the database has, by key.
	Settings(ctx context.Context) (map[string]string, error)
	// KeepSettings notes those that have no value yet.
	KeepSettings(ctx context.Context, values map[string]string, fingerprint uint64) error
	Positions(ctx context.Context, each func(pipeline.PositionRow) error) error
}

// Producers looks at the topics for the partitioner of their producers; told is false while they have too few keys to tell.
type Producers func(ctx context.Context) (by partitioner.Partitioner, told bool, err error)

// Settlement is what the rows of a database depend on, as this process goes by it and as the database has it.
type Settlement struct {
	database string
	store    Store
	own      map[string]string // by key; without the partitioner while that is not known
}

// New takes the settings of this process, by key; without [PartitionerKey] the partitioner is to be learnt.
func New(database string, store Store, own map[string]string) *Settlement {
	return &Settlement{database: database, store: store, own: maps.Clone(own)}
}

// DifferError refuses settings other than those that the rows were made with.
type DifferError struct{ Reason string }

func (e *DifferError) Error() string { return e.Reason }

// LearnError is what went wrong about the partitioner of the producers, and not about settings or tables.
type LearnError struct{ Err error }

func (e *LearnError) Error() string { return e.Err.Error() }
func (e *LearnError) Unwrap() error { return e.Err }

// Fingerprint is one number for all that is known.
func (s *Settlement) Fingerprint() uint64 {
	h := xxhash.New()
	for _, name := range slices.Sorted(maps.Keys(s.own)) {
		_, _ = fmt.Fprintf(h, "%q %q\n", name, s.own[name]) // a hash takes everything
	}
	return h.Sum64()
}

// Compare reads what the database has. It refuses, with each key and both values, to go on with other settings. A
// Partitioner that only the database knows is taken over.
func (s *Settlement) Compare(ctx context.Context) error {
	kept, err := s.store.Settings(ctx)
	if err != nil {
		return err
	}
	return s.against(kept)
}

// against compares with what the database has.
func (s *Settlement) against(kept map[string]string) error {
	var differ []string
	if _, has := kept[DimensionsKey]; !has && len(kept) > 0 {
		kept = maps.Clone(kept)
		kept[DimensionsKey] = ""
	}
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		own, known := s.own[name]
		known = known || name == DimensionsKey
		switch {
		case name == PartitionerKey && !known:
			s.own[name] = kept[name]
		case !known:
			return &clickhouse.NewerError{What: fmt.Sprintf("database %s has a setting %s, which this release does not know", s.database, name)}
		case own != kept[name]:
			differ = append(differ, fmt.Sprintf("  %s is %q, and the rows were made with %q", name, own, kept[name]))
		}
	}
	if len(differ) == 0 {
		return nil
	}
	return &DifferError{fmt.Sprintf("the rows of database %s were made with other settings, and going on would mix rows of both:\n%s\nSet the configuration of this process back to that; or name another database (clickhouse.database), into which the topics are read again from their start", s.database, strings.Join(differ, "\n"))}
}

// settleTime is how long another process that starts at the same moment may take to note its settings.
const settleTime = 250 * time.Millisecond

// Keep notes what the database does not have yet, and compares once more: another process may have come first. It says
// whether it noted the first settings of all, and of how many partitions' topics the database had rows then.
func (s *Settlement) Keep(ctx context.Context) (first bool, rows int, err error) {
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
	if len(missing) == 0 { // another process may have noted them since the settings were compared
		return first, rows, s.against(kept)
	}
	if err := s.store.KeepSettings(ctx, missing, s.Fingerprint()); err != nil {
		return false, 0, err
	}
	select {
	case <-ctx.Done():
		return false, 0, context.Cause(ctx)
	case <-time.After(settleTime):
	}
	return first, rows, s.Compare(ctx)
}

// Partitioner is what is known of the producers' partitioner.
func (s *Settlement) Partitioner() (by partitioner.Partitioner, known bool, err error) {
	name, known := s.own[PartitionerKey]
	if !known {
		return partitioner.Any, false, nil
	}
	by, err = partitioner.Of(name)
	return by, true, err
}

// Learn looks at the topics for the partitioner, and takes it over if they tell.
func (s *Settlement) Learn(ctx context.Context, producers Producers) (by partitioner.Partitioner, known bool, err error) {
	by, known, err = producers(ctx)
	if err != nil || !known {
		return by, false, err
	}
	s.own[PartitionerKey] = by.String()
	return by, true, nil
}
