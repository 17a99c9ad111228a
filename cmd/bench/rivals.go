package main

import (
	"fmt"
	"math"
	"time"

	"gonum.org/v1/gonum/mat"

	"csatflow/sinks/alert"
	"csatflow/sinks/alert/backtest"
	"csatflow/sinks/alert/watch"
	"csatflow/sinks/insight/detect"
)

// rival is a method of surveillance that looks at each store when an hour is over: a statistic, by several thresholds. What is unusual is
// told when the statistic rises above the threshold, and again only after it has fallen below.
type rival struct {
	family     string
	statistic  func(h *hourly) (z float64, known bool)
	thresholds []float64
	fired      [][]alert.Alert
	open       [][]bool // by store and threshold
}

// hourly are the hours of a store up to now.
type hourly struct {
	cells []hourCell
	// What a method keeps of the store.
	ewma map[float64]float64
	band *band
}

type hourCell struct {
	n, mean, low float64 // low: responses of grades 1 to 3
	week         int     // local hour of the week
}

const (
	weekHours = 168
	baseHours = 4 * weekHours
)

func newRivals() (list []*rival) {
	add := func(family string, statistic func(h *hourly) (float64, bool)) {
		r := &rival{family: family, statistic: statistic}
		for z := 2.; z <= 12; z += .25 {
			r.thresholds = append(r.thresholds, z)
		}
		r.fired = make([][]alert.Alert, len(r.thresholds))
		list = append(list, r)
	}
	for _, lambda := range []float64{.2, .4, .7} {
		add(fmt.Sprintf("EWMA, λ %g", lambda), func(h *hourly) (float64, bool) { return h.smooth(lambda) })
	}
	for _, hours := range []int{1, 4} {
		add(fmt.Sprintf("Farrington flexible, %d h", hours), func(h *hourly) (float64, bool) { return h.farrington(hours) })
		add(fmt.Sprintf("seasonal bands as Prophet's, %d h", hours), func(h *hourly) (float64, bool) { return h.beyondBand(hours) })
	}
	return list
}

// surveyed are the stores with the methods that look at them by the hour.
type surveyed struct {
	scopes []watch.Scope
	hours  []*hourly
	rivals []*rival
	zone   *time.Location
}

// at takes the hour that is over.
func (s *surveyed) at(memory *backtest.Memory, now time.Time, first time.Time) {
	if now.Truncate(time.Hour) != now {
		return
	}
	for i, scope := range s.scopes {
		h := s.hours[i]
		from := now.Add(-time.Hour)
		if len(h.cells) == 0 {
			from = first
		}
		for ; from.Before(now); from = from.Add(time.Hour) {
			g := memory.Between(scope, from, from.Add(time.Hour))
			h.cells = append(h.cells, cellOf(&g, from.In(s.zone)))
		}
		for _, r := range s.rivals {
			r.look(i, scope, h, now)
		}
	}
}

func cellOf(g *detect.Grades, local time.Time) hourCell {
	c := hourCell{n: g.N(), low: float64(g[0] + g[1] + g[2]), week: (int(local.Weekday())+6)%7*24 + local.Hour()}
	if c.n > 0 {
		c.mean = g.Sum() / c.n
	}
	return c
}

func (r *rival) look(store int, scope watch.Scope, h *hourly, now time.Time) {
	for len(r.open) <= store {
		r.open = append(r.open, make([]bool, len(r.thresholds)))
	}
	z, known := r.statistic(h)
	if !known {
		return
	}
	for j, t := range r.thresholds {
		if z > t && !r.open[store][j] {
			r.fired[j] = append(r.fired[j], alert.Alert{Rule: r.family, Kind: scope.Kind, ID: scope.ID, Start: now, Fired: now})
		}
		r.open[store][j] = z > t
	}
}

// past calls f for the hours of the four weeks before the last ones, with how many hours they lie from the same hour of the week.
func (h *hourly) past(leave, within int, f func(c *hourCell)) {
	last := &h.cells[len(h.cells)-1]
	for i := max(0, len(h.cells)-leave-baseHours); i < len(h.cells)-leave; i++ {
		d := (h.cells[i].week - last.week + weekHours) % weekHours
		if c := &h.cells[i]; c.n > 0 && min(d, weekHours-d) <= within {
			f(c)
		}
	}
}

// smooth is an exponentially weighted moving average (Roberts 1959) of hours' standardised distances from the same hours of four weeks.
func (h *hourly) smooth(lambda float64) (float64, bool) {
	c := &h.cells[len(h.cells)-1]
	sum, square, n, responses := 0., 0., 0., 0.
	h.past(1, 0, func(o *hourCell) { sum, n = sum+o.mean*o.n, n+o.n })
	if c.n < 4 || n < 8 {
		return 0, false
	}
	usual := sum / n
	hours := 0.
	for i := max(0, len(h.cells)-1-baseHours); i < len(h.cells)-1; i++ {
		if o := &h.cells[i]; o.n >= 4 {
			responses, hours = responses+o.mean, hours+1
			square += o.mean * o.mean
		}
	}
	if hours < 20 {
		return 0, false
	}
	sd := math.Sqrt(max(square/hours-(responses/hours)*(responses/hours), 1e-4))
	if h.ewma == nil {
		h.ewma = map[float64]float64{}
	}
	h.ewma[lambda] = (1-lambda)*h.ewma[lambda] + lambda*(usual-c.mean)/sd
	return h.ewma[lambda] / math.Sqrt(lambda/(2-lambda)), true
}

// farrington is the flexible algorithm of Noufaily, Enki, Farrington, Garthwaite, Andrews, Charlett (2013) for low grades, with the responses as
// offset: a quasi-Poisson rate of the same hours of the week, an hour more or less, of four weeks, past outbreaks weighted down, and the 2/3
// power.
func (h *hourly) farrington(hours int) (float64, bool) {
	if len(h.cells) < hours {
		return 0, false
	}
	y, n := 0., 0.
	for _, c := range h.cells[len(h.cells)-hours:] {
		y, n = y+c.low, n+c.n
	}
	var refs []*hourCell
	h.past(hours, 1, func(c *hourCell) { refs = append(refs, c) })
	if n < 8 || len(refs) < 5 {
		return 0, false
	}
	weights := make([]float64, len(refs))
	for i := range weights {
		weights[i] = 1
	}
	rate, phi, exposure := 0., 1., 0.
	for range 3 {
		sum, of := 0., 0.
		for i, c := range refs {
			sum, of = sum+weights[i]*c.low, of+weights[i]*c.n
		}
		if rate = max(sum, .5) / of; of == 0 {
			return 0, false
		}
		exposure = of
		chi, k := 0., 0.
		for i, c := range refs {
			mu := rate * c.n
			chi, k = chi+weights[i]*(c.low-mu)*(c.low-mu)/mu, k+weights[i]
		}
		phi = max(1, chi/max(k-1, 1))
		for i, c := range refs {
			mu := rate * c.n
			if anscombe := 1.5 * (math.Pow(c.low, 2./3) - math.Pow(mu, 2./3)) / (math.Pow(mu, 1./6) * math.Sqrt(phi)); anscombe > 2.58 {
				weights[i] = 1 / (anscombe * anscombe)
			}
		}
	}
	mu := rate * n
	tau := phi/mu + phi/(rate*exposure)
	return 1.5 * (math.Pow(y/mu, 2./3) - 1) / math.Sqrt(tau), true
}

// band is a regression of hours on a trend, harmonics of the week and of the day, as Taylor and Letham's Prophet (2018) has them, with the
// scatter around it.
type band struct {
	at   int // hours known when it was fitted
	beta *mat.VecDense
	sd   map[int]float64 // of means over hours
}

func (h *hourly) features(i int) []float64 {
	x := []float64{1, float64(i) / baseHours}
	t := float64(h.cells[i].week)
	for k := 1.; k <= 3; k++ {
		x = append(x, math.Sin(2*math.Pi*k*t/weekHours), math.Cos(2*math.Pi*k*t/weekHours))
	}
	for k := 1.; k <= 4; k++ {
		x = append(x, math.Sin(2*math.Pi*k*t/24), math.Cos(2*math.Pi*k*t/24))
	}
	return x
}

func (h *hourly) predict(i int) float64 {
	return mat.Dot(h.band.beta, mat.NewVecDense(h.band.beta.Len(), h.features(i)))
}

func (h *hourly) fit() bool {
	var rows, y []float64
	n := 0
	for i := max(0, len(h.cells)-4-baseHours); i < len(h.cells)-4; i++ {
		if c := &h.cells[i]; c.n >= 4 {
			w := math.Sqrt(c.n)
			for _, x := range h.features(i) {
				rows = append(rows, w*x)
			}
			y = append(y, w*c.mean)
			n++
		}
	}
	width := len(h.features(0))
	if n < 3*width {
		return false
	}
	var beta mat.VecDense
	if err := beta.SolveVec(mat.NewDense(n, width, rows), mat.NewVecDense(n, y)); err != nil {
		return false
	}
	h.band = &band{at: len(h.cells), beta: &beta, sd: map[int]float64{}}
	for _, hours := range []int{1, 4} {
		square, k := 0., 0.
		for i := max(hours, len(h.cells)-4-baseHours); i < len(h.cells)-4; i++ {
			if d, ok := h.distance(i, hours); ok {
				square, k = square+d*d, k+1
			}
		}
		h.band.sd[hours] = math.Sqrt(max(square/max(k, 1), 1e-4))
	}
	return true
}

// distance is how far the mean of hours up to i lies below the prediction.
func (h *hourly) distance(i, hours int) (float64, bool) {
	sum, n := 0., 0.
	for j := i - hours + 1; j <= i; j++ {
		if c := &h.cells[j]; c.n > 0 {
			sum, n = sum+c.n*(h.predict(j)-c.mean), n+c.n
		}
	}
	return sum / max(n, 1), n >= 8
}

func (h *hourly) beyondBand(hours int) (float64, bool) {
	if h.band == nil || len(h.cells)-h.band.at >= 24 {
		if len(h.cells) < weekHours || !h.fit() {
			return 0, false
		}
	}
	d, ok := h.distance(len(h.cells)-1, hours)
	return d / h.band.sd[hours], ok
}
