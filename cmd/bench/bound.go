package main

import (
	"time"

	"csatflow/deploy/simulate"
	"csatflow/sinks/alert"
	"csatflow/sinks/alert/backtest"
	"csatflow/sinks/alert/watch"
	"csatflow/sinks/insight/detect"
)

// bound is a likelihood-ratio test that knows the truth: what is usual in every hour, how moods vary, and how far and how long a fall is. No way of
// alerting finds more of such falls with as few false alerts.
type bound struct {
	size       float64
	length     time.Duration
	thresholds []float64
	fired      [][]alert.Alert // by threshold
	stores     []*detect.Known
	last       [][]time.Time
	settled    time.Time
}

func newBound(size float64, length time.Duration) *bound {
	b := &bound{size: size, length: length}
	for h := 3.; h <= 20; h += .5 {
		b.thresholds = append(b.thresholds, h)
	}
	b.fired = make([][]alert.Alert, len(b.thresholds))
	return b
}

func (b *bound) begin(truth *simulate.Truth, zone *time.Location) {
	calendar := detect.NewCalendar(zone)
	b.last = make([][]time.Time, len(truth.Stores))
	for i := range truth.Stores {
		k := &detect.Known{Calendar: calendar, Track: detect.NewTrack("store", truth.Stores[i].StoreID)}
		if r := truth.Real; r != nil {
			k.Level = detect.Moods{HourSD: r.Knobs.HourMoodSD, HourRho: r.Knobs.HourMoodRho, DaySD: r.Knobs.DayMoodSD, DayRho: r.Knobs.DayMoodRho, ShiftSD: r.Knobs.ShiftMoodSD}
			k.Usual = func(at time.Time) float64 {
				if h := int(at.Sub(r.Begin) / time.Hour); h >= 0 && h < len(r.Calendar) {
					return r.Calendar.At(h)
				}
				return 0
			}
		}
		for _, f := range truth.Config.Falls {
			if f.StoreID == k.Track.ID {
				k.Track.Odd(f.From, f.To)
			}
		}
		b.stores = append(b.stores, k)
		b.last[i] = make([]time.Time, len(b.thresholds))
	}
}

// at tests every store as of a time, every quarter of an hour.
func (b *bound) at(memory *backtest.Memory, now time.Time) {
	if now.Unix()%900 != 0 {
		return
	}
	hourly := now.Truncate(time.Hour).After(b.settled)
	for i, k := range b.stores {
		memory.Fill(watch.Scope{Kind: "store", ID: k.Track.ID}, k.Track, now, hourly)
		if hourly {
			k.Settle(now.Truncate(time.Hour))
		}
		ratio := k.LikelihoodRatio(now, b.size, b.length)
		for j, h := range b.thresholds {
			if ratio > h && now.Sub(b.last[i][j]) > 24*time.Hour {
				b.last[i][j] = now
				b.fired[j] = append(b.fired[j], alert.Alert{Rule: "likelihood ratio", Kind: "store", ID: k.Track.ID, Start: now, Fired: now})
			}
		}
	}
	if hourly {
		b.settled = now.Truncate(time.Hour)
	}
}
