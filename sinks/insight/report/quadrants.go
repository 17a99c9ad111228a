package report

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// rated is a response with the answers of a scale; an answer of 0 is missing.
type rated struct {
	Customer, Store string
	Grade           float64
	Answers         []float64
}

// scale has the sums of a scale's questions, by customer.
type scale struct {
	name     string
	members  []string
	clusters []*cluster
	whole    cluster
}

// cluster has the responses of one customer, which are alike.
type cluster struct {
	products *products // of what is left without the means of stores
	n, sum   []float64 // of each question
}

func newCluster(k int) *cluster {
	return &cluster{newProducts(k + 1), make([]float64, k), make([]float64, k)}
}

func (c *cluster) addTimes(o *cluster, times float64) {
	c.products.addTimes(o.products, times)
	for i := range c.n {
		c.n[i] += times * o.n[i]
		c.sum[i] += times * o.sum[i]
	}
}

// newScale sums responses. Questions with fewer than leastPairs answers, or that never vary within a store, are left out.
func newScale(name string, members []string, rows []rated) *scale {
	means := storeMeans(rows, len(members))
	known, varies := make([]int, len(members)), make([]bool, len(members))
	for _, row := range rows {
		for i, v := range row.Answers[:min(len(row.Answers), len(members))] {
			if v > 0 {
				known[i]++
				varies[i] = varies[i] || math.Abs(v-means[row.Store][i]) > 1e-9
			}
		}
	}
	s := &scale{name: name}
	var at []int
	for i := range members {
		if known[i] >= leastPairs && varies[i] {
			s.members, at = append(s.members, members[i]), append(at, i)
		}
	}
	k := len(at)
	s.whole = *newCluster(k)
	by := map[string]*cluster{}
	values := make([]float64, k+1)
	for _, row := range rows {
		c := by[row.Customer]
		if c == nil {
			c = newCluster(k)
			by[row.Customer] = c
			s.clusters = append(s.clusters, c)
		}
		mean := means[row.Store]
		for j, i := range at {
			values[j] = math.NaN()
			if i < len(row.Answers) && row.Answers[i] > 0 {
				values[j] = row.Answers[i] - mean[i]
				c.n[j]++
				c.sum[j] += row.Answers[i]
			}
		}
		values[k] = row.Grade - mean[len(members)]
		c.products.add(values)
	}
	for _, c := range s.clusters {
		s.whole.addTimes(c, 1)
	}
	return s
}

// storeMeans are the means of each question, and last of the grade, by store.
func storeMeans(rows []rated, k int) map[string][]float64 {
	sums, counts := map[string][]float64{}, map[string][]float64{}
	for _, row := range rows {
		if sums[row.Store] == nil {
			sums[row.Store], counts[row.Store] = make([]float64, k+1), make([]float64, k+1)
		}
		sum, n := sums[row.Store], counts[row.Store]
		for i, v := range row.Answers[:min(len(row.Answers), k)] {
			if v > 0 {
				sum[i], n[i] = sum[i]+v, n[i]+1
			}
		}
		sum[k], n[k] = sum[k]+row.Grade, n[k]+1
	}
	for store, sum := range sums {
		for i := range sum {
			sum[i] /= max(counts[store][i], 1)
		}
	}
	return sums
}

// figures are importance and performance of each question of some scales.
type figures struct{ importance, performance []float64 }

func (f *figures) add(s *scale, c *cluster) {
	f.importance = append(f.importance, c.products.relativeWeights(len(s.members))...)
	for i := range s.members {
		f.performance = append(f.performance, c.sum[i]/max(c.n[i], 1))
	}
}

// draws is how often customers are drawn.
const draws = 400

// place makes the points, the most important first. Their intervals are by a bootstrap of customers, each drawn a Poisson number of times
// (Cameron, Gelbach, Miller 2008, of clusters; Chamandy et al. 2012, of the weights): the lines of the quadrants are drawn with them.
func place(scales []*scale) (points []Point) {
	var f figures
	scales = slices.DeleteFunc(scales, func(s *scale) bool { return len(s.members) == 0 })
	for _, s := range scales {
		f.add(s, &s.whole)
		for i, m := range s.members {
			points = append(points, Point{Scale: s.name, ID: m, N: int(s.whole.n[i])})
		}
	}
	if len(points) == 0 {
		return nil
	}
	importances, sides := make([][]float64, len(points)), [2][][]float64{make([][]float64, len(points)), make([][]float64, len(points))}
	times := distuv.Poisson{Lambda: 1, Src: rand.NewPCG(1, 2)}
	for range draws {
		var drawn figures
		for _, s := range scales {
			c := newCluster(len(s.members))
			for _, one := range s.clusters {
				if n := times.Rand(); n > 0 {
					c.addTimes(one, n)
				}
			}
			drawn.add(s, c)
		}
		importance, performance := stat.Mean(drawn.importance, nil), stat.Mean(drawn.performance, nil)
		for i := range points {
			importances[i] = append(importances[i], drawn.importance[i])
			sides[0][i] = append(sides[0][i], drawn.importance[i]-importance)
			sides[1][i] = append(sides[1][i], drawn.performance[i]-performance)
		}
	}
	importance, performance := stat.Mean(f.importance, nil), stat.Mean(f.performance, nil)
	for i := range points {
		p := &points[i]
		p.Importance, p.Performance = f.importance[i], f.performance[i]
		p.Low, p.High = interval(importances[i])
		p.Quadrant = quadrant(p.Importance >= importance, p.Performance >= performance)
		for _, side := range sides {
			if low, high := interval(side[i]); low <= 0 && 0 <= high {
				p.Quadrant = "uncertain"
			}
		}
	}
	slices.SortStableFunc(points, func(a, b Point) int { return cmp.Compare(b.Importance, a.Importance) })
	return points
}

func quadrant(important, good bool) string {
	return map[[2]bool]string{{true, false}: "concentrate", {true, true}: "keep_up", {false, false}: "low_priority", {false, true}: "overkill"}[[2]bool{important, good}]
}

// interval is the 95 % percentile interval of draws, which it sorts.
func interval(v []float64) (low, high float64) {
	slices.Sort(v)
	return stat.Quantile(.025, stat.Empirical, v, nil), stat.Quantile(.975, stat.Empirical, v, nil)
}
