package backtest

import (
	"fmt"
	"math"
	"time"

	"csatflow/sinks/alert"
	"csatflow/sinks/alert/watch"
	"csatflow/sinks/insight/detect"
)

// Rival is a usual way of alerting. It looks at each scope every five minutes.
type Rival struct {
	Name  string
	low   func(m *Memory, c *cells, now int64) (low, known bool)
	hold  int64 // how long it must be low, in slots
	since map[watch.Scope]int64
	open  map[watch.Scope]bool
	Fired []alert.Alert
}

// At evaluates all scopes as of a time.
func (r *Rival) At(m *Memory, at time.Time) {
	now := slot(at)
	for _, c := range m.scopes {
		low, known := r.low(m, c, now)
		switch {
		case !known || !low:
			delete(r.since, c.Scope)
			delete(r.open, c.Scope)
			continue
		case r.since[c.Scope] == 0:
			r.since[c.Scope] = now
		}
		if now-r.since[c.Scope] >= r.hold && !r.open[c.Scope] {
			r.open[c.Scope] = true
			r.Fired = append(r.Fired, alert.Alert{Rule: r.Name, Kind: c.Kind, ID: c.ID, Start: start(r.since[c.Scope]), Fired: at})
		}
	}
}

func newRival(name string, hold time.Duration, low func(m *Memory, c *cells, now int64) (bool, bool)) *Rival {
	return &Rival{Name: name, low: low, hold: int64(hold / detect.Fine), since: map[watch.Scope]int64{}, open: map[watch.Scope]bool{}}
}

// Fixed alerts when the mean grade of the last five minutes is below a threshold, like rate(sum[5m]) / rate(count[5m]) < below for: hold in Prometheus.
func Fixed(below float64, hold time.Duration) *Rival {
	return newRival(fmt.Sprintf("mean of 5 minutes < %.1f for %s", below, hold), hold, func(m *Memory, c *cells, now int64) (bool, bool) {
		g := m.between(c, now-1, now)
		n := g.N()
		return n > 0 && g.Sum()/n < below, n > 0
	})
}

// ZScore compares the mean of a window with the mean and standard deviation of last week's windows.
func ZScore(window time.Duration, beyond float64) *Rival {
	type week struct {
		at   int64
		mean float64
		sd   float64
		n    int
	}
	known := map[watch.Scope]*week{}
	per := int64(window / detect.Fine)
	return newRival(fmt.Sprintf("z of %s < -%.1f", window, beyond), 0, func(m *Memory, c *cells, now int64) (bool, bool) {
		w := known[c.Scope]
		if w == nil || now-w.at >= int64(time.Hour/detect.Fine) {
			w = &week{at: now}
			sum, square := 0.0, 0.0
			for s := now - int64(7*24*time.Hour/detect.Fine); s+per <= now-per; s += per {
				g := m.between(c, s, s+per)
				if n := g.N(); n > 0 {
					mean := g.Sum() / n
					sum, square, w.n = sum+mean, square+mean*mean, w.n+1
				}
			}
			n := float64(w.n)
			w.mean = sum / n
			w.sd = math.Sqrt(max(square/n-w.mean*w.mean, 1e-6))
			known[c.Scope] = w
		}
		g := m.between(c, now-per, now)
		n := g.N()
		if w.n < 20 || n == 0 {
			return false, false
		}
		return (g.Sum()/n-w.mean)/w.sd < -beyond, true
	})
}
