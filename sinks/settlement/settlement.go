// Package settlement ensures that all rows of a database are made with the same settings: the first process that writes keeps the
// settings that rows depend on with the tables, and a process with other settings is refused.
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

// PartitionerKey is the configuration key of the producers' partitioner.
const PartitionerKey = "kafka.partitioner"

// DimensionsKey and ResolutionsKey are the configuration keys of the owner's dimensions, and of scope kinds without minutes. Without any
// they are not kept, as in releases before them.
const (
	DimensionsKey  = "measures.dimensions"
	ResolutionsKey = "measures.resolutions"
)

var keptIfAny = []string{DimensionsKey, ResolutionsKey}

// Store keeps settings with the tables.
type Store interface {
	// Settings returns the settings that the database has, by key.
	Settings(ctx context.Context) (map[string]string, error)
	// KeepSettings adds the values of keys that have none yet.
	KeepSettings(ctx context.Context, values map[string]string, fingerprint uint64) error
	Positions(ctx context.Context, each func(pipeline.PositionRow) error) error
}

// Producers learns the producers' partitioner from the topics; told is false while they have too few keys.
type Producers func(ctx context.Context) (by partitioner.Partitioner, told bool, err error)

// Settlement holds the settings that rows depend on: those of this process, and the database that keeps them.
type Settlement struct {
	database string
	store    Store
	own      map[string]string // by key; without the partitioner while that is not known
	words    *words            // of the owner's; nil for none
}

// New takes the settings of this process, by key; without [PartitionerKey] the partitioner is learnt.
func New(database string, store Store, own map[string]string) *Settlement {
	return &Settlement{database: database, store: store, own: maps.Clone(own)}
}

// DifferError refuses settings other than those with which the rows were made.
type DifferError struct{ Reason string }

func (e *DifferError) Error() string { return e.Reason }

// LearnError is an error about the producers' partitioner, not about settings or tables.
type LearnError struct{ Err error }

func (e *LearnError) Error() string { return e.Err.Error() }
func (e *LearnError) Unwrap() error { return e.Err }

// Fingerprint is a hash of all known settings.
func (s *Settlement) Fingerprint() uint64 {
	h := xxhash.New()
	for _, name := range slices.Sorted(maps.Keys(s.own)) {
		_, _ = fmt.Fprintf(h, "%q %q\n", name, s.own[name]) // a hash never fails
	}
	s.words.fingerprint(h)
	return h.Sum64()
}

// Compare reads the settings of the database. If they differ it returns an error with each key and both values.
// It adopts a partitioner that only the database knows.
func (s *Settlement) Compare(ctx context.Context) error {
	kept, err := s.store.Settings(ctx)
	if err != nil {
		return err
	}
	return s.against(kept)
}

// against compares with the settings of the database.
func (s *Settlement) against(kept map[string]string) error {
	var differ []string
	if len(kept) > 0 {
		kept = maps.Clone(kept)
		for _, name := range keptIfAny {
			kept[name] += "" // empty if it is not there
		}
	}
	told, err := s.words.against(kept)
	if err != nil {
		return err
	}
	differ = append(differ, told...)
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		if _, is := wordOf(name); is {
			continue
		}
		own, known := s.own[name]
		known = known || slices.Contains(keptIfAny, name)
		switch {
		case name == PartitionerKey && !known:
			s.own[name] = kept[name]
		case !known:
			return &clickhouse.NewerError{What: fmt.Sprintf("database %s has a setting %s, which this release does not know", s.database, name)}
		case own != kept[name] && name == ResolutionsKey:
			differ = append(differ, fmt.Sprintf("  %s is %q, and the rows were made with %q (a kind that is not named there has panes of minutes, 1m)", name, own, kept[name]))
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

// Keep notes what the database lacks, and compares once more: another process may have been first. It returns whether
// it noted the very first settings, and how many positions the database had then.
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
		if coarser := s.own[ResolutionsKey]; rows > 0 && coarser != "" {
			return false, 0, s.against(map[string]string{ResolutionsKey: ""})
		}
	}
	missing := map[string]string{}
	for name, value := range s.own {
		if _, has := kept[name]; !has {
			missing[name] = value
		}
	}
	if err := s.words.missing(ctx, kept, missing, first && rows == 0); err != nil {
		return false, 0, err
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

// Partitioner returns the producers' partitioner, if it is known.
func (s *Settlement) Partitioner() (by partitioner.Partitioner, known bool, err error) {
	name, known := s.own[PartitionerKey]
	if !known {
		return partitioner.Any, false, nil
	}
	by, err = partitioner.Of(name)
	return by, true, err
}

// Learn looks for the partitioner in the topics, and adopts it if they show it.
func (s *Settlement) Learn(ctx context.Context, producers Producers) (by partitioner.Partitioner, known bool, err error) {
	by, known, err = producers(ctx)
	if err != nil || !known {
		return by, false, err
	}
	s.own[PartitionerKey] = by.String()
	return by, true, nil
}
