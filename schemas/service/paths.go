package service

import "strings"

// paths checks that each path joins known latent variables, and only once; that paths make no cycle; and that every
// latent variable has one, or it could not be estimated.
func (c *check) paths() {
	type edge struct{ from, to string }
	seen := map[edge]bool{}
	joined := map[string]bool{}
	next := map[string][]string{}
	for i, p := range c.q.Paths {
		known := c.latent([]any{"paths", i, "from"}, p.From)
		if len(p.To) == 0 {
			c.wrong([]any{"paths", i, "to"}, "%q acts on nothing: list what it acts on, or remove the path", p.From)
		}
		for j, to := range p.To {
			at := []any{"paths", i, "to", j}
			if !c.latent(at, to) || !known {
				continue
			}
			if seen[edge{p.From, to}] {
				c.wrong(at, "the path from %q to %q is given twice: remove one", p.From, to)
				continue
			}
			seen[edge{p.From, to}] = true
			joined[p.From], joined[to] = true, true
			if way := route(next, to, p.From, nil); way != nil {
				c.wrong(at, "the paths make a cycle, %s -> %s: remove one of them", strings.Join(way, " -> "), to)
				continue
			}
			next[p.From] = append(next[p.From], to)
		}
	}
	for i, l := range c.q.Latents {
		if !joined[l.ID] {
			c.wrong([]any{"latents", i}, "no path leads to %q or from it: add one to paths, or remove it", l.ID)
		}
	}
}

// route returns a way along next, which has no cycle, from one latent variable to another, with both ends, or nil.
func route(next map[string][]string, from, to string, before []string) []string {
	way := append(before[:len(before):len(before)], from)
	if from == to {
		return way
	}
	for _, n := range next[from] {
		if found := route(next, n, to, way); found != nil {
			return found
		}
	}
	return nil
}
