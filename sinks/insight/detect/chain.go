package detect

import "math"

// chain is what the whole chain does at a time: scopes follow it by a share, which is told of the whole and not of each.
type chain struct {
	all     *Usual
	follows float64
	limit   float64 // grades: what is more is a fall of each
}

// drawnToUsual is the weight, in responses, of the usual beside what the rest of the chain says.
const drawnToUsual = 50

// moved is how far the rest of the chain lies from its usual in an hour, as far as the scope follows; from fine cells [from, to) of it, or, if these
// are the same, from the whole hour.
func (c *chain) moved(u *Usual, hour, from, to int64) float64 {
	if c == nil {
		return 0
	}
	n, sum := c.rest(u, hour, from, to)
	if n <= 0 {
		return 0
	}
	usual := c.all.hours[c.all.calendar.at(hour).week]
	return c.follows * min(max((sum-n*usual)/(n+drawnToUsual), -c.limit), c.limit)
}

// rest are the responses of the others.
func (c *chain) rest(u *Usual, hour, from, to int64) (n, sum float64) {
	add := func(all, own *Grades) {
		if all != nil {
			n, sum = n+all.N(), sum+all.Sum()
			if own != nil {
				n, sum = n-own.N(), sum-own.Sum()
			}
		}
	}
	if to <= from {
		add(c.all.Track.coarse.get(hour), u.Track.coarse.get(hour))
		return n, sum
	}
	for s := from; s < to; s++ {
		add(c.all.Track.fine.get(s), u.Track.fine.get(s))
	}
	return n, sum
}

// What the chain does is not known beforehand: a scope is taken to follow the rest of it as if the chain moved by this standard deviation at
// least, and the own moods of the rest were noise.
const chainMoves = 0.1

// follow estimates by how much scopes follow the rest of the chain: the slope of their residuals on its own, by weighted least squares
// within the whole variance, but no less than what [chainMoves] makes likely, and at most 1. limit is three standard deviations of what the
// chain does: what is more is a fall of each scope.
func (k *kind) follow(all *Usual) (slope, limit float64) {
	probe := &chain{all: all, follows: 1, limit: Levels}
	var products, squares, moves, n, largest, total float64
	for i, of := range k.residuals() {
		u := k.usuals[i]
		total += u.N
		largest += u.N * u.N
		for j := range of {
			r := &of[j]
			x := probe.moved(u, r.slot, r.slot, 0)
			v := k.level.design*k.spread/r.n + k.level.total()
			if r.mean*r.mean > trimmed*trimmed*v {
				continue
			}
			products += x * r.mean / v
			squares += x * x / v
			moves += x * x
			n++
		}
	}
	if n == 0 || total == 0 {
		return 0, 0
	}
	likely := chainMoves * chainMoves / (chainMoves*chainMoves + k.level.total()*largest/(total*total))
	if squares > 0 {
		slope = products / squares
	}
	return min(max(slope, likely), 1), 3 * max(math.Sqrt(moves/n), chainMoves)
}
