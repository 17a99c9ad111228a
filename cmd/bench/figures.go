package main

import (
	"math"
	"slices"
	"time"
)

// figures are the measurements of one run.
type figures struct {
	events    int64
	wall      time.Duration // from the start of the process to its end
	cpu       time.Duration // of csatflow, or of the peer
	engine    time.Duration // of ClickHouse, merges included
	broker    time.Duration // of Kafka
	rss       int64         // most bytes of memory of csatflow, of all its processes
	engineRSS int64         // most bytes of memory of ClickHouse
	rows      uint64        // inserted
	inserted  uint64        // bytes of those rows, not compressed
	written   uint64        // bytes that ClickHouse wrote to files, merges included
	disk      uint64        // bytes that the tables take afterwards
	views     *figures      // of the materialized views beside which it was measured, nil for none
}

func (f *figures) perMillion(d time.Duration) float64 { return d.Seconds() / float64(f.events) * 1e6 }

// The columns of the tables.
func rate(f *figures) float64        { return float64(f.events) / f.wall.Seconds() }
func cpu(f *figures) float64         { return f.perMillion(f.cpu) }
func engineCPU(f *figures) float64   { return f.perMillion(f.engine) }
func brokerCPU(f *figures) float64   { return f.perMillion(f.broker) }
func memory(f *figures) float64      { return float64(f.rss) / (1 << 20) }
func engineMem(f *figures) float64   { return float64(f.engineRSS) / (1 << 20) }
func rowsEach(f *figures) float64    { return float64(f.rows) / float64(f.events) }
func bytesEach(f *figures) float64   { return float64(f.inserted) / float64(f.events) }
func writtenEach(f *figures) float64 { return float64(f.written) / float64(f.events) }
func diskEach(f *figures) float64    { return float64(f.disk) / float64(f.events) }

// runs are repetitions of one run.
type runs []*figures

// quantile returns the q-quantile of one figure over the runs.
func (r runs) quantile(q float64, of func(*figures) float64) float64 {
	list := make([]float64, 0, len(r))
	for _, f := range r {
		list = append(list, of(f))
	}
	slices.Sort(list)
	return quantile(list, q)
}

func (r runs) median(of func(*figures) float64) float64 { return r.quantile(0.5, of) }

// quantile of a sorted list, linear between neighbours (type 7 of Hyndman and Fan); NaN of none.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	at := q * float64(len(sorted)-1)
	low := int(at)
	high := min(low+1, len(sorted)-1)
	return sorted[low] + (sorted[high]-sorted[low])*(at-float64(low))
}

// marginal is the cost of the additional events of longer runs: without start and warm-up.
func marginal(short, long runs) *figures {
	median := func(of func(*figures) float64) int64 { return int64(long.median(of) - short.median(of)) }
	duration := func(of func(*figures) time.Duration) time.Duration {
		return time.Duration(median(func(f *figures) float64 { return float64(of(f)) }))
	}
	return &figures{
		events: median(func(f *figures) float64 { return float64(f.events) }),
		wall:   duration(func(f *figures) time.Duration { return f.wall }),
		cpu:    duration(func(f *figures) time.Duration { return f.cpu }),
		engine: duration(func(f *figures) time.Duration { return f.engine }),
		broker: duration(func(f *figures) time.Duration { return f.broker }),
	}
}
