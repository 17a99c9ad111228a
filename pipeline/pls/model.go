package pls

import (
	"errors"
	"fmt"
	"slices"

	"csatflow/schemas/service"
)

// Model says which indicators measure which latent variable, and which latent variable acts on which. Latent variables
// may be in any order; paths must make no cycle, and each latent variable needs an indicator and a path. An indicator
// measures one latent variable.
type Model struct {
	Latents []Latent
	Paths   []Path
}

// Latent is a latent variable with the indicators that reflect it.
type Latent struct {
	ID         string
	Indicators []string
}

// Path is the direct effect of one latent variable on another.
type Path struct{ From, To string }

// FromQuestionnaire returns the model of a questionnaire. Diagnostic questions are not in it.
func FromQuestionnaire(q *service.Questionnaire) Model {
	var m Model
	for _, l := range q.Latents {
		m.Latents = append(m.Latents, Latent{ID: l.ID, Indicators: q.Indicators(l.ID)})
	}
	for _, p := range q.Paths {
		for _, to := range p.To {
			m.Paths = append(m.Paths, Path{From: p.From, To: to})
		}
	}
	return m
}

// design is a valid model by numbers: of latent variables and of indicators, in the order of the model.
type design struct {
	latents    []string
	indicators []string
	latentOf   []int   // of each indicator
	blocks     [][]int // the indicators of each latent variable
	before     [][]int // the latent variables that act on each
	after      [][]int // those that each acts on
	paths      [][2]int
}

func (m Model) design() (*design, error) {
	d := &design{}
	for _, l := range m.Latents {
		if slices.Contains(d.latents, l.ID) {
			return nil, fmt.Errorf("model: latent variable %q is there twice", l.ID)
		}
		if len(l.Indicators) == 0 {
			return nil, fmt.Errorf("model: latent variable %q has no indicator", l.ID)
		}
		var block []int
		for _, id := range l.Indicators {
			if slices.Contains(d.indicators, id) {
				return nil, fmt.Errorf("model: indicator %q is there twice", id)
			}
			block = append(block, len(d.indicators))
			d.indicators = append(d.indicators, id)
			d.latentOf = append(d.latentOf, len(d.latents))
		}
		d.latents = append(d.latents, l.ID)
		d.blocks = append(d.blocks, block)
	}
	d.before, d.after = make([][]int, len(d.latents)), make([][]int, len(d.latents))
	for _, p := range m.Paths {
		from, to := slices.Index(d.latents, p.From), slices.Index(d.latents, p.To)
		switch {
		case from < 0 || to < 0:
			return nil, fmt.Errorf("model: the path from %q to %q has an end that is no latent variable", p.From, p.To)
		case slices.Contains(d.before[to], from):
			return nil, fmt.Errorf("model: the path from %q to %q is there twice", p.From, p.To)
		}
		d.before[to] = append(d.before[to], from)
		d.after[from] = append(d.after[from], to)
		d.paths = append(d.paths, [2]int{from, to})
	}
	return d, d.check()
}

// check refuses latent variables without a path, and cycles.
func (d *design) check() error {
	if len(d.latents) == 0 {
		return errors.New("model: there is no latent variable")
	}
	open := make([]int, len(d.latents)) // predecessors not yet placed
	var placed []int
	for l, id := range d.latents {
		if len(d.before[l]) == 0 && len(d.after[l]) == 0 {
			return fmt.Errorf("model: latent variable %q has no path", id)
		}
		if open[l] = len(d.before[l]); open[l] == 0 {
			placed = append(placed, l)
		}
	}
	for i := 0; i < len(placed); i++ {
		for _, next := range d.after[placed[i]] {
			if open[next]--; open[next] == 0 {
				placed = append(placed, next)
			}
		}
	}
	for l, n := range open {
		if n > 0 {
			return fmt.Errorf("model: latent variable %q is in a cycle of paths or behind one", d.latents[l])
		}
	}
	return nil
}

// mostPredecessors is the size of the largest regression of the inner model.
func (d *design) mostPredecessors() int {
	most := 0
	for _, b := range d.before {
		most = max(most, len(b))
	}
	return most
}
