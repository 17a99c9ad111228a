package pane

// Series identifies the panes that differ in time only: by scope and, for satisfaction, survey and brand ("" is the
// own brand).
type Series struct {
	ScopeKind string
	ScopeID   string
	Survey    string
	Brand     string
}

// SeriesRef stands for a series within one [Registry].
type SeriesRef uint32

// NoSeries marks a scope that an event does not belong to.
const NoSeries = SeriesRef(0)

// DimsRef stands for an event's dims, survey and brand within one [Registry]: the place (where it was), the occasion
// (what it was about), and the values of the owner's dimensions. There are about as many places as employees, and as many
// occasions as combinations of the small enumerations; numbered together, nearly every event would need a number of its
// own.
type DimsRef struct{ place, occasion, attributes uint32 }

type place struct {
	region, store, employee string
	series                  []placeSeries // by cut, from nearCuts to commonCuts
}

// placeSeries are the series of a place: region, store and employee.
type placeSeries [3]SeriesRef

// unknownSeries marks a series that has not been looked up yet.
const unknownSeries = ^SeriesRef(0)

// commonCuts is how many cuts each place keeps in lists: there may be as many brands as events, with few events each.
const commonCuts = 16

// nearCuts is how many cuts have an array over all places: the instant and the comprehensive survey, own and a rival's.
const nearCuts = 4

type occasion struct {
	source, touchpoint, productCategory, customerType string
	cut                                               uint32
	series                                            [5]SeriesRef // of all, source, touchpoint, product category, customer type
}

// cut is a survey and a brand: figures of different cuts are never summed.
type cut struct{ survey, brand string }

// Registry numbers the series, places and occasions of one partition, so that an event finds its series by two
// look-ups. One goroutine uses it.
type Registry struct {
	kinds     *Kinds
	series    []Series
	finest    []Resolution // by series
	refs      map[Series]SeriesRef
	places    []place
	near      [][nearCuts]placeSeries // by place: the first cuts, those of most events
	placeOf   map[string]uint32
	occasions []occasion
	occasOf   map[string]uint32
	cuts      []cut
	cutOf     map[cut]uint32
	rare      map[[2]uint32]placeSeries // by place and cut, of further cuts
	crossed   map[string]SeriesRef      // by kind, cut and the ids that it crosses
	key       []byte
	crosses   []string
	far       []SeriesRef

	attributes   []attributes
	attributesOf map[Attributes]uint32
	scopes       []SeriesRef
}

// NewRegistry makes an empty registry for these scope kinds.
func NewRegistry(kinds *Kinds) *Registry {
	return &Registry{kinds: kinds, series: make([]Series, 1), finest: make([]Resolution, 1), refs: map[Series]SeriesRef{}, placeOf: map[string]uint32{},
		occasOf: map[string]uint32{}, crossed: map[string]SeriesRef{}, cutOf: map[cut]uint32{}, rare: map[[2]uint32]placeSeries{},
		attributes: make([]attributes, 1), attributesOf: map[Attributes]uint32{}}
}

// Len is the number of names that the registry holds.
func (g *Registry) Len() int {
	return len(g.series) + len(g.places) + len(g.occasions) + len(g.crossed) + len(g.rare) + len(g.attributes) - 1
}

// appendPart appends one part of a look-up key, with its length before it.
func appendPart[T string | []byte](key []byte, part T) []byte {
	n := len(part) // at most 256 characters of up to 4 bytes
	key = append(key, byte(n), byte(n>>8))
	return append(key, part...)
}

// takePart returns the first part of a key and the rest.
func takePart(key string) (part, rest string) {
	n := 2 + int(key[0]) + int(key[1])<<8
	return key[2:n], key[n:]
}

// Place numbers region, store and employee, "" for none.
func (g *Registry) Place(region, store, employee []byte) uint32 {
	g.key = appendPart(appendPart(appendPart(g.key[:0], region), store), employee)
	if ref, ok := g.placeOf[string(g.key)]; ok {
		return ref
	}
	ref, key := uint32(len(g.places)), string(g.key)
	g.placeOf[key] = ref
	var p place
	p.region, key = takePart(key)
	p.store, key = takePart(key)
	p.employee, _ = takePart(key)
	g.places = append(g.places, p)
	g.near = append(g.near, [nearCuts]placeSeries{})
	for i := range nearCuts {
		g.near[ref][i][0] = unknownSeries
	}
	return ref
}

// Occasion numbers source, touchpoint, product category, customer type, survey and brand.
func (g *Registry) Occasion(source string, touchpoint, productCategory []byte, customerType, survey string, brand []byte) uint32 {
	g.key = appendPart(appendPart(appendPart(appendPart(appendPart(appendPart(g.key[:0], source), touchpoint), productCategory), customerType), survey), brand)
	if ref, ok := g.occasOf[string(g.key)]; ok {
		return ref
	}
	ref, key := uint32(len(g.occasions)), string(g.key)
	g.occasOf[key] = ref
	var o occasion
	var c cut
	o.source, key = takePart(key)
	o.touchpoint, key = takePart(key)
	o.productCategory, key = takePart(key)
	o.customerType, key = takePart(key)
	c.survey, key = takePart(key)
	c.brand, _ = takePart(key)
	o.cut = g.numberOf(c)
	for i, k := range [...]int{0, 1 + int(Source), 1 + int(Touchpoint), 1 + int(ProductCategory), 1 + int(CustomerType)} {
		id := [...]string{"", o.source, o.touchpoint, o.productCategory, o.customerType}[i]
		o.series[i] = g.single(k, id, o.cut)
	}
	g.occasions = append(g.occasions, o)
	return ref
}

// Dims makes a DimsRef of its parts.
func (g *Registry) Dims(place, occasion, attributes uint32) DimsRef {
	return DimsRef{place, occasion, attributes}
}

// RefOf numbers dims given as strings.
func (g *Registry) RefOf(d *Dims, own Attributes, survey, brand string) DimsRef {
	return DimsRef{g.Place([]byte(d[Region]), []byte(d[Store]), []byte(d[Employee])),
		g.Occasion(d[Source], []byte(d[Touchpoint]), []byte(d[ProductCategory]), d[CustomerType], survey, []byte(brand)), g.Attributes(own)}
}

// Own returns a DimsRef's values of the owner's dimensions, in their order; nothing if it has none.
func (g *Registry) Own(ref DimsRef) []string { return g.attributes[ref.attributes].values }

// Cut returns the dims, survey and brand that a DimsRef stands for.
func (g *Registry) Cut(ref DimsRef) (d Dims, survey, brand string) {
	p, o := &g.places[ref.place], &g.occasions[ref.occasion]
	c := g.cuts[o.cut]
	return Dims{Region: p.region, Store: p.store, Employee: p.employee, Source: o.source, Touchpoint: o.touchpoint,
		ProductCategory: o.productCategory, CustomerType: o.customerType}, c.survey, c.brand
}

// Scopes returns the series of an event, one for each scope kind, valid until the next call.
func (g *Registry) Scopes(ref DimsRef) []SeriesRef {
	o := &g.occasions[ref.occasion]
	p := g.placeSeries(ref.place, o.cut)
	g.scopes = append(g.scopes[:0], o.series[0], p[0], p[1], o.series[1], o.series[2], p[2], o.series[3], o.series[4])
	if len(g.kinds.names) == len(g.scopes) { // no own dimensions and no crossings, as is usual
		return g.scopes
	}
	crossings := 1 + len(g.kinds.set.All())
	own := g.ownSeries(ref.attributes, o.cut)
	g.scopes = append(g.scopes, own...)
	for len(g.scopes) < crossings {
		g.scopes = append(g.scopes, NoSeries)
	}
	for kind := crossings; kind < len(g.kinds.names); kind++ {
		g.scopes = append(g.scopes, g.crossing(ref, kind))
	}
	return g.scopes
}

// SeriesOf returns the series of an event in a scope kind, given by its index in [Kinds].
func (g *Registry) SeriesOf(ref DimsRef, kind int) SeriesRef {
	o := &g.occasions[ref.occasion]
	switch kind {
	case 0:
		return o.series[0]
	case 1 + int(Source):
		return o.series[1]
	case 1 + int(Touchpoint):
		return o.series[2]
	case 1 + int(ProductCategory):
		return o.series[3]
	case 1 + int(CustomerType):
		return o.series[4]
	case 1 + int(Region):
		return g.placeSeries(ref.place, o.cut)[0]
	case 1 + int(Store):
		return g.placeSeries(ref.place, o.cut)[1]
	case 1 + int(Employee):
		return g.placeSeries(ref.place, o.cut)[2]
	}
	if kind > len(g.kinds.set.All()) {
		return g.crossing(ref, kind)
	}
	if own := g.ownSeries(ref.attributes, o.cut); own != nil {
		return own[kind-1-Dimensions]
	}
	return NoSeries
}

func (g *Registry) placeSeries(ref, cut uint32) placeSeries {
	if cut >= nearCuts {
		return g.farSeries(ref, cut)
	}
	near := &g.near[ref][cut]
	if near[0] == unknownSeries {
		*near = g.seriesOf(&g.places[ref], cut)
	}
	return *near
}

// farSeries finds the series of cuts beyond nearCuts.
func (g *Registry) farSeries(ref, cut uint32) placeSeries {
	p := &g.places[ref]
	if cut >= commonCuts {
		at := [2]uint32{ref, cut}
		series, ok := g.rare[at]
		if !ok {
			series = g.seriesOf(p, cut)
			g.rare[at] = series
		}
		return series
	}
	for n := uint32(len(p.series)) + nearCuts; n <= cut; n++ {
		p.series = append(p.series, g.seriesOf(p, n))
	}
	return p.series[cut-nearCuts]
}

func (g *Registry) seriesOf(p *place, cut uint32) placeSeries {
	return placeSeries{g.single(1+int(Region), p.region, cut), g.single(1+int(Store), p.store, cut), g.single(1+int(Employee), p.employee, cut)}
}

func (g *Registry) crossing(ref DimsRef, kind int) SeriesRef {
	d, survey, brand := g.Cut(ref)
	own := g.Own(ref)
	g.key, g.crosses = append(g.key[:0], byte(kind), byte(kind>>8)), g.crosses[:0]
	for _, part := range g.kinds.parts[kind] {
		value := ""
		switch {
		case part < Dimensions:
			value = d[part]
		case len(own) > 0:
			value = own[part-Dimensions]
		}
		if value == "" {
			return NoSeries
		}
		g.key, g.crosses = appendPart(g.key, value), append(g.crosses, value)
	}
	g.key = appendPart(appendPart(g.key, survey), brand)
	series, ok := g.crossed[string(g.key)]
	if !ok {
		series = g.Ref(Series{ScopeKind: g.kinds.names[kind], ScopeID: crossedID(g.crosses), Survey: survey, Brand: brand})
		g.crossed[string(g.key)] = series
	}
	return series
}

func (g *Registry) single(kind int, id string, cut uint32) SeriesRef {
	if id == "" && kind != 0 {
		return NoSeries
	}
	c := g.cuts[cut]
	return g.Ref(Series{ScopeKind: g.kinds.names[kind], ScopeID: id, Survey: c.survey, Brand: c.brand})
}

func (g *Registry) numberOf(c cut) uint32 {
	n, ok := g.cutOf[c]
	if !ok {
		n = uint32(len(g.cuts))
		g.cuts = append(g.cuts, c)
		g.cutOf[c] = n
	}
	return n
}

// Ref numbers a series.
func (g *Registry) Ref(s Series) SeriesRef {
	ref, ok := g.refs[s]
	if !ok {
		ref = SeriesRef(len(g.series))
		g.series = append(g.series, s)
		g.finest = append(g.finest, g.kinds.finestOf(s.ScopeKind))
		g.refs[s] = ref
	}
	return ref
}

// Finest returns the finest resolution of a series.
func (g *Registry) Finest(ref SeriesRef) Resolution { return g.finest[ref] }

// Series returns what a SeriesRef stands for.
func (g *Registry) Series(ref SeriesRef) *Series { return &g.series[ref] }
