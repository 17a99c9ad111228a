package detect

import (
	"math"
	"time"
)

// Slow is a slow fall over days. P comes from its control chart, and Z is not set.
type Slow struct {
	From time.Time // begin of the first day of the fall
	Distance
	Sum float64 // height of the control chart
}

// Constants of the chart; charted is its number of days.
const (
	charted = 14
	// slack is the reference value of the chart, in standard errors of a day: half the shift that it finds fastest.
	slack = 0.5
)

// Drift is a one-sided CUSUM chart of the last 14 days (Page 1954): for each day, by how many standard errors its mean grade lies
// below the usual of the four weeks before those days. u must have been learnt from these weeks. P is the reciprocal of the average
// run length to the height of the chart (Siegmund 1985).
func (u *Usual) Drift(now time.Time) (d Slow, found bool) {
	const day = 24
	end := slot(now, Coarse)
	sum := 0.0
	total := stretch{}
	start := end
	for i := charted; i > 0; i-- {
		w := stretch{}
		for h := end - int64(i)*day; h < end-int64(i-1)*day; h++ {
			g := u.Track.coarse.get(h)
			if g == nil || h < u.Track.from {
				continue
			}
			n := g.N()
			w.n += n
			w.sum += g.Sum()
			w.expected += n * u.hours[h%hoursOfWeek]
		}
		if w.n < LeastCases {
			continue
		}
		// An error in the usual is the same on every day: allow for one standard error of it.
		unsure := math.Sqrt(u.spread / max(u.N, 1))
		z := ((w.expected-w.sum)/w.n - unsure) / math.Sqrt(u.spread/w.n+u.wander/6)
		z = min(z, 4) // one bad day is no drift
		if sum+z-slack <= 0 {
			sum, total, start = 0, stretch{}, end-int64(i-1)*day
			continue
		}
		sum += z - slack
		total.n += w.n
		total.sum += w.sum
		total.expected += w.expected
	}
	if total.n == 0 || u.N < 2*total.n/charted {
		return d, false
	}
	b := sum + 1.166
	run := (math.Exp(2*slack*b) - 2*slack*b - 1) / (2 * slack * slack)
	d = Slow{From: time.Unix(start*3600, 0).UTC(), Sum: sum}
	d.Distance = Distance{N: total.n, Mean: total.sum / total.n, Expected: total.expected / total.n, Drop: (total.expected - total.sum) / total.n,
		Error: math.Sqrt(u.spread/total.n + u.spread/max(u.N, 1)), P: min(1, 1/run)}
	return d, true
}

// ReferenceEnd is the end of the reference time of Drift.
func ReferenceEnd(now time.Time) time.Time { return now.AddDate(0, 0, -charted) }
