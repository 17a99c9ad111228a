package pipeline

import (
	"encoding/binary"
	"time"

	"github.com/cespare/xxhash/v2"

	"csatflow/pipeline/customer"
	"csatflow/pipeline/dimension"
	"csatflow/pipeline/event"
	"csatflow/pipeline/pane"
	"csatflow/pipeline/partitioner"
)

// Settings are what an owner chooses about the measures. They are the same for all partitions and processes.
type Settings struct {
	Kinds      *pane.Kinds
	Zone       *time.Location           // time zone of days
	Promise    time.Duration            // to recovery
	ByCategory map[string]time.Duration // promises that differ, by complaint category
	Model      customer.Model
	Ceiling    Ceiling
	RawTables  bool                // write events as received
	Words      event.Words         // what the owner adds to the enumerations of events
	Admitted   Admitted            // from where on those words count; nil from the start
	Partitions int                 // of each topic
	Placement  *partitioner.Chosen // the partition where a key belongs; nil for any
	NameLimit  int                 // about how many names of stores, employees and such a partition keeps in memory
	PaneLimit  int                 // about how many panes a partition keeps in memory
}

// DefaultSettings returns the settings of an empty configuration.
func DefaultSettings() *Settings {
	kinds, err := pane.NewKinds(dimension.Usual(), nil)
	if err != nil {
		panic(err) // the built-in dimensions are valid
	}
	if err := kinds.SetFinest(UsualFinest()); err != nil {
		panic(err) // they are built-in
	}
	return &Settings{Kinds: kinds, Zone: time.UTC, Promise: 24 * time.Hour, Model: customer.DefaultModel(), RawTables: true, PaneLimit: 200_000, NameLimit: 200_000, Ceiling: Ceiling{Window: 1000, Share: 0.5}}
}

// UsualFinest returns the finest panes of scope kinds that have no minutes unless they are configured: nobody reads the minute of
// one employee, and there are as many as responses.
func UsualFinest() map[string]string { return map[string]string{"employee": "1h"} }

// PromiseOf returns the promised seconds to recovery for a category of complaints; own is the owner's word that counts as it, whose promise
// may differ.
func (s *Settings) PromiseOf(category uint8, own string) int64 {
	if d, ok := s.ByCategory[own]; ok {
		return int64(d / time.Second)
	}
	if d, ok := s.ByCategory[event.Name(event.Categories, category)]; ok {
		return int64(d / time.Second)
	}
	return int64(s.Promise / time.Second)
}

// modelID returns a hash of the weights with which customers are scored. What grows with time alone is no part of rows.
func (s *Settings) modelID() uint64 {
	h := xxhash.New()
	if err := binary.Write(h, binary.LittleEndian, struct {
		Bias    float64
		Weights [customer.Inputs]float64
		Tiers   [3]float64
	}{s.Model.Bias, s.Model.Weights, s.Model.TierSpend}); err != nil {
		panic(err) // numbers only
	}
	return h.Sum64()
}
