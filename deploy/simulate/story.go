package simulate

import (
	"slices"
	"time"
)

// incident is the story: the service of one store collapses for two hours.
type incident struct {
	store    int32
	from, to int64
	culprits []int32
}

// newIncident chooses the store of median weight, and some employees who carry the collapse.
func newIncident(f *Feed, start int64) *incident {
	order := f.byWeight()
	span := f.end - start
	s := &incident{store: order[len(order)/2], from: start + span*2/5}
	if !f.config.StoryFrom.IsZero() {
		s.from = f.config.StoryFrom.UnixMilli()
	}
	length := min(2*hourMS, span/12)
	if length >= 10*minuteMS {
		s.from -= s.from % minuteMS
	}
	s.to = s.from + length
	home := &f.stores[s.store]
	for i := range min(max(1, home.n/2), 4) {
		s.culprits = append(s.culprits, int32(home.first+i*home.n/min(max(1, home.n/2), 4)))
	}
	return s
}

// byWeight returns the stores, those with least traffic first.
func (w *chain) byWeight() []int32 {
	order := make([]int32, len(w.stores))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return w.stores[a].weight - w.stores[b].weight })
	return order
}

// hits reports whether a touchpoint in a store at a time is part of the story. The call centre never is.
func (s *incident) hits(store int32, touch uint8, now int64) bool {
	return s != nil && store == s.store && now >= s.from && now < s.to && touch != tCall
}

// during reports whether a time is within the story of a store, for any touchpoint.
func (s *incident) during(store int32, now int64) bool { return s.hits(store, tPurchase, now) }

// Incident is the story, as in the truth file.
type Incident struct {
	StoreID   string    `json:"store_id"`
	Region    string    `json:"region"`
	From      time.Time `json:"from"` // event time, included
	To        time.Time `json:"to"`   // excluded
	Cause     string    `json:"cause"`
	Employees []string  `json:"employees"` // those who carry most of it
}

func (s *incident) tell(f *Feed) *Incident {
	if s == nil {
		return nil
	}
	i := &Incident{
		StoreID: f.stores[s.store].id, Region: f.stores[s.store].region,
		From: time.UnixMilli(s.from).UTC(), To: time.UnixMilli(s.to).UTC(),
		Cause: "brush_off and apathy: service collapses, complaints are handled slowly",
	}
	for _, e := range s.culprits {
		i.Employees = append(i.Employees, f.employees[e].id)
	}
	return i
}

// fall is a [Fall] in the simulator's units.
type fall struct {
	from, to int64
	latent   int   // of the performance
	growing  int64 // ms
}

// latentOf is by how much the performance changes where grades change so far: they follow nine tenths of it.
func latentOf(grades float64) int { return int(grades * step * 10 / 9) }

// addFalls adds the falls to their stores.
func (w *chain) addFalls(falls []Fall) {
	for _, l := range falls {
		s := &w.stores[storeNumber(l.StoreID, len(w.stores))]
		s.falls = append(s.falls, fall{l.From.UnixMilli(), l.To.UnixMilli(), latentOf(l.Grades), l.Growing.Milliseconds()})
	}
}

// fallen is by how much the performance is worse now, at all touchpoints.
func (s *store) fallen(now int64) (latent int) {
	for i := range s.falls {
		if l := &s.falls[i]; now >= l.from && now < l.to {
			if since := now - l.from; since < l.growing {
				latent += int(int64(l.latent) * since / l.growing)
				continue
			}
			latent += l.latent
		}
	}
	return latent
}
