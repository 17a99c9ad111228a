package pane

// Numbers hold within one registry. Whatever stores a reference must store the names too.

// Numbers takes a DimsRef apart; [Registry.Dims] puts it together.
func (r DimsRef) Numbers() (place, occasion, attributes uint32) {
	return r.place, r.occasion, r.attributes
}

// PlaceNames gives what [Registry.Place] was given.
func (g *Registry) PlaceNames(place uint32) (region, store, employee string) {
	p := &g.places[place]
	return p.region, p.store, p.employee
}

// Names are what an occasion was numbered by.
type Names struct{ Source, Touchpoint, ProductCategory, CustomerType, Survey, Brand string }

// OccasionNames gives what [Registry.Occasion] was given.
func (g *Registry) OccasionNames(occasion uint32) Names {
	o := &g.occasions[occasion]
	c := &g.cuts[o.cut]
	return Names{o.source, o.touchpoint, o.productCategory, o.customerType, c.survey, c.brand}
}
