package backtest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"csatflow/sinks/alert/watch"
	"csatflow/sinks/insight/detect"
)

// Memory is a source that is filled by hand with grades per scope and five minutes. It has no complaints, purchases, invitations and risks.
type Memory struct {
	from   int64 // the first slot
	scopes []*cells
	by     map[watch.Scope]*cells
}

type cells struct {
	watch.Scope
	fine  []detect.Grades
	named map[int64]map[string]*watch.Respondent // by slot
}

// NewMemory returns a memory that drops responses before from.
func NewMemory(from time.Time) *Memory {
	return &Memory{from: slot(from), by: map[watch.Scope]*cells{}}
}

func slot(at time.Time) int64 { return at.Unix() / int64(detect.Fine/time.Second) }

func start(slot int64) time.Time { return time.Unix(slot*int64(detect.Fine/time.Second), 0).UTC() }

// Add adds a response.
func (m *Memory) Add(s watch.Scope, at time.Time, grade int) {
	c := m.by[s]
	if c == nil {
		c = &cells{Scope: s}
		m.by[s] = c
		m.scopes = append(m.scopes, c)
	}
	i := int(slot(at) - m.from)
	if i < 0 {
		return
	}
	for len(c.fine) <= i {
		c.fine = append(c.fine, detect.Grades{})
	}
	c.fine[i][grade-1]++
}

// Fill sets the newest cells of a track: those of the last hour, and whole hours too; all that there is at the first time.
func (m *Memory) Fill(s watch.Scope, t *detect.Track, now time.Time, whole bool) {
	c := m.by[s]
	if c == nil {
		return
	}
	per := int64(detect.Coarse / detect.Fine)
	end := slot(now)
	first, hours := end-per, end-end%per-per
	if t.Latest().IsZero() {
		first, hours = m.from, m.from
	}
	for at := first; at < end; at++ {
		g := m.between(c, at, at+1)
		t.Put(detect.Fine, start(at), &g)
	}
	for at := hours - hours%per; whole && at+per <= end; at += per {
		g := m.between(c, at, at+per)
		t.Put(detect.Coarse, start(at), &g)
	}
}

// remembered is for how many slots it is known who answered: longer than any window of an alert.
const remembered = int64(60 * time.Hour / detect.Fine)

// hourly is how often what is older is forgotten, in slots.
const hourly = int64(time.Hour / detect.Fine)

// AddOf adds a response of a customer or a terminal.
func (m *Memory) AddOf(s watch.Scope, at time.Time, grade int, who string, terminal bool) {
	m.Add(s, at, grade)
	c := m.by[s]
	if c.named == nil {
		c.named = map[int64]map[string]*watch.Respondent{}
	}
	by := c.named[slot(at)]
	if by == nil {
		by = map[string]*watch.Respondent{}
		c.named[slot(at)] = by
		if s := slot(at); s%hourly == 0 {
			maps.DeleteFunc(c.named, func(of int64, _ map[string]*watch.Respondent) bool { return of < s-remembered })
		}
	}
	if by[who] == nil {
		by[who] = &watch.Respondent{ID: who, Terminal: terminal}
	}
	by[who].N++
	by[who].Sum += grade
}

// Respondents implements [watch.Source].
func (m *Memory) Respondents(_ context.Context, s watch.Scope, from, to time.Time, most int) (list []watch.Respondent, err error) {
	c := m.by[s]
	if c == nil {
		return nil, nil
	}
	sums := map[string]watch.Respondent{}
	for at := slot(from); at < slot(to); at++ {
		for who, r := range c.named[at] {
			sum := sums[who]
			sums[who] = watch.Respondent{ID: who, Terminal: r.Terminal, N: sum.N + r.N, Sum: sum.Sum + r.Sum}
		}
	}
	for _, r := range sums {
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b watch.Respondent) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.ID, b.ID)) })
	return list[:min(most, len(list))], nil
}

// between sums the cells of a scope that begin in [from, to).
func (m *Memory) between(c *cells, from, to int64) (g detect.Grades) {
	for i := max(from-m.from, 0); i < min(to-m.from, int64(len(c.fine))); i++ {
		g.Add(&c.fine[i])
	}
	return g
}

// Between returns the grades of a scope between two instants.
func (m *Memory) Between(s watch.Scope, from, to time.Time) (g detect.Grades) {
	if c := m.by[s]; c != nil {
		g = m.between(c, slot(from), slot(to))
	}
	return g
}

// Grades implements [watch.Source].
func (m *Memory) Grades(_ context.Context, length time.Duration, from, to time.Time, _ []string) (list []watch.GradeCell, err error) {
	per := int64(length / detect.Fine)
	for _, c := range m.scopes {
		for s := max(slot(from), m.from); s < min(slot(to), m.from+int64(len(c.fine))); s += per {
			if g := m.between(c, s, min(s+per, slot(to))); g.N() > 0 {
				list = append(list, watch.GradeCell{Scope: c.Scope, Start: start(s), Grades: g})
			}
		}
	}
	return list, nil
}

// Scale implements [watch.Source].
func (*Memory) Scale(string) watch.Answers { return nil }

// Complaints implements [watch.Source].
func (*Memory) Complaints(context.Context, time.Time, time.Time, []string) ([]watch.ComplaintCell, error) {
	return nil, nil
}

// Purchases implements [watch.Source].
func (*Memory) Purchases(context.Context, time.Time, time.Time, []string) ([]watch.HourCell, error) {
	return nil, nil
}

// Asked implements [watch.Source].
func (*Memory) Asked(context.Context, time.Time, time.Time, []string) ([]watch.HourCell, error) {
	return nil, nil
}

// Promises implements [watch.Source].
func (*Memory) Promises(context.Context, time.Time, time.Time, []string) ([]watch.PromiseCell, error) {
	return nil, nil
}

// Risk implements [watch.Source].
func (*Memory) Risk(context.Context, time.Time, []string) ([]watch.RiskCell, error) { return nil, nil }

// Troubled implements [watch.Source].
func (*Memory) Troubled(context.Context, []string, float64, int, []string) ([]watch.Troubled, error) {
	return nil, nil
}
