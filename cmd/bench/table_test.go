package main

import (
	"math"
	"testing"
	"time"
)

func ran(events int64, wall, cpu time.Duration) *figures {
	return &figures{events: events, wall: wall, cpu: cpu}
}

func TestQuantileIsLinearBetweenNeighbours(t *testing.T) {
	for _, c := range []struct {
		list []float64
		q    float64
		want float64
	}{
		{[]float64{7}, 0.99, 7},
		{[]float64{1, 2}, 0.5, 1.5},
		{[]float64{1, 2, 10}, 0.5, 2},
		{[]float64{1, 2, 10}, 0, 1},
		{[]float64{1, 2, 10}, 1, 10},
		{[]float64{0, 100}, 0.99, 99},
	} {
		if got := quantile(c.list, c.q); got != c.want {
			t.Errorf("the %g-quantile of %v is %g, want %g", c.q, c.list, got, c.want)
		}
	}
	if got := quantile(nil, 0.5); !math.IsNaN(got) {
		t.Errorf("the median of nothing is %g", got)
	}
}

func TestMarginalIsTheDifferenceOfMedians(t *testing.T) {
	short := runs{ran(100, 3*time.Second, 5*time.Second), ran(100, 2*time.Second, 4*time.Second), ran(100, 9*time.Second, 9*time.Second)}
	long := runs{ran(300, 5*time.Second, 11*time.Second)}
	if got, want := *marginal(short, long), *ran(200, 2*time.Second, 6*time.Second); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestTableHasMediansSpreadsAndRatios(t *testing.T) {
	slow := row{"slow", runs{ran(1_000_000, 10*time.Second, 20*time.Second)}}
	fast := row{"fast", runs{ran(1_000_000, 2*time.Second, 4*time.Second), ran(1_000_000, 4*time.Second, 5*time.Second), ran(1_000_000, time.Second, 3*time.Second)}}
	got := table("engine", []row{slow, fast}, []column{
		{name: "events/s", value: rate}, {name: "CPU", digits: 2, value: cpu}, {name: "of ClickHouse", value: engineCPU},
		{name: "CPU × slow", digits: 2, value: cpu, against: &slow}, {name: "speed × slow", digits: 1, value: rate, against: &slow},
	})
	want := `| engine | events/s | CPU | of ClickHouse | CPU × slow | speed × slow |
|---|--:|--:|--:|--:|--:|
| slow | 100,000 | 20.00 | – | 1.00 | 1.0 |
| fast | 500,000 (250,000–1,000,000) | 4.00 (3.00–5.00) | – | 0.20 | 5.0 |
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestNumberGroupsThousands(t *testing.T) {
	for _, c := range []struct {
		v      float64
		digits int
		want   string
	}{
		{999, 0, "999"}, {1000, 0, "1,000"}, {1234567.891, 2, "1,234,567.89"}, {123456, 0, "123,456"}, {0.5, 2, "0.50"},
		{0, 0, "–"}, {-3, 0, "–"}, {math.NaN(), 0, "–"}, {math.Inf(1), 0, "–"},
	} {
		if got := number(c.v, c.digits); got != c.want {
			t.Errorf("%g with %d digits is %s, want %s", c.v, c.digits, got, c.want)
		}
	}
}

func TestTicksNameTheirPlaces(t *testing.T) {
	for x, want := range map[float64]string{0: "0", 0.05: "0.05", 64: "64", 1e7: "10,000,000"} {
		if got := tick(x); got != want {
			t.Errorf("%g is %s, want %s", x, got, want)
		}
	}
}
