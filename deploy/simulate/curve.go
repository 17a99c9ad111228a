package simulate

// The day curve: how busy each minute of a day (UTC) is. Two peaks, at half past twelve and at six; low at night, never 0.
const (
	minuteMS  = int64(60_000)
	dayMS     = 24 * 60 * minuteMS
	hourMS    = 60 * minuteMS
	curveTop  = 160
	busyAbove = 110
)

var curve = func() (w [1440]int64) {
	bump := func(minute, peak, width, height int) int64 {
		d := minute - peak
		if d < 0 {
			d = -d
		}
		if d >= width {
			return 0
		}
		return int64(height * (width*width - d*d) / (width * width)) // a parabola: no transcendental function
	}
	for m := range w {
		w[m] = min(curveTop, 6+bump(m, 14*60, 7*60, 50)+bump(m, 12*60+30, 110, 70)+bump(m, 18*60, 130, 85))
	}
	return w
}()

// flow times visits by a Poisson process whose intensity follows the day curve. It advances in "weight", the integral
// of the curve over time, and converts back to time minute by minute.
type flow struct {
	now, end int64 // ms since 1970
	left     int64 // weight between now and end, 0 when past it
	mean     int64 // weight between two visits
	life     *life // local time and closed hours; nil if there are none
	least    int64 // least mean, so that a feed that is behind does not end in a burst
}

func newFlow(start, end int64, l *life) *flow {
	f := &flow{now: start, end: end, life: l}
	for t := start; t < end; {
		next := min(t-t%minuteMS+minuteMS, end)
		f.left += (next - t) * f.weightAt(t)
		t = next
	}
	return f
}

func (f *flow) weightAt(t int64) int64 {
	if f.life != nil {
		return f.life.weightAt(t)
	}
	return curve[t%dayMS/minuteMS] * 16
}

// spread sets the pace so that n more visits fill the rest of the span; past the end the pace stays.
func (f *flow) spread(n int64) {
	if f.left > 0 {
		f.mean = max(1, f.least, f.left/max(1, n))
	}
}

// next moves to the next visit and returns its time.
func (f *flow) next(rnd source) int64 {
	gap := int64(uint64(f.mean) * rnd.exponential() >> fraction)
	for {
		w, edge := f.weightAt(f.now), f.now-f.now%minuteMS+minuteMS
		room := (edge - f.now) * w
		if gap < room {
			f.pass(gap)
			// Round fractions of a millisecond at random, or a dense feed would stand still.
			step := gap / w
			if rest := gap % w; rest > 0 && int64(rnd.below(int(w))) < rest {
				step++
			}
			f.now += step
			return f.now
		}
		gap -= room
		f.pass(room)
		f.now = edge
	}
}

func (f *flow) pass(weight int64) { f.left = max(0, f.left-weight) }
