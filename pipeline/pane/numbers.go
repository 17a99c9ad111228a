package pane

// Numbers are valid within one registry only: store names, not numbers.

// Numbers returns the parts of a DimsRef; [Registry.Dims] is the inverse.
func (r DimsRef) Numbers() (place, occasion, attributes uint32) {
	return r.place, r.occasion, r.attributes
}

// PlaceNames is the inverse of [Registry.Place].
func (g *Registry) PlaceNames(place uint32) (region, store, employee string) {
	p := &g.places[place]
	return p.region, p.store, p.employee
}

// Names are the names that an occasion's number stands for.
type Names struct{ Source, Touchpoint, ProductCategory, CustomerType, Survey, Brand string }

// OccasionNames is the inverse of [Registry.Occasion].
func (g *Registry) OccasionNames(occasion uint32) Names {
	o := &g.occasions[occasion]
	c := &g.cuts[o.cut]
	return Names{o.source, o.touchpoint, o.productCategory, o.customerType, c.survey, c.brand}
}
