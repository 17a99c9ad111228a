package pane

// Series is what a pane is about, apart from time: a scope and, for satisfaction, the survey and the brand ("" is the
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

// DimsRef stands for a combination of dims, survey and brand within one [Registry].
type DimsRef uint32

type cut struct {
	dims          Dims
	survey, brand string
}

// Registry numbers the series and the combinations of dims that one partition meets, so that an event finds all its
// series by one look-up. One goroutine uses it.
type Registry struct {
	kinds  *Kinds
	series []Series
	refs   map[Series]SeriesRef
	cuts   []cut
	scopes [][]SeriesRef // by DimsRef: one entry a scope kind, NoSeries where the event lacks the dimension
	byKey  map[string]DimsRef
	key    []byte
}

// NewRegistry makes an empty registry for these scope kinds.
func NewRegistry(kinds *Kinds) *Registry {
	return &Registry{kinds: kinds, series: make([]Series, 1), refs: map[Series]SeriesRef{}, byKey: map[string]DimsRef{}}
}

// Key begins a look-up: append the seven dims, survey and brand with [AppendPart], then call [Registry.Dims].
func (g *Registry) Key() []byte { return g.key[:0] }

// AppendPart appends one part of a look-up key.
func AppendPart[T string | []byte](key []byte, part T) []byte {
	n := len(part) // at most 256 characters of up to 4 bytes
	key = append(key, byte(n), byte(n>>8))
	return append(key, part...)
}

// Dims finds the combination that a key made of nine parts stands for.
func (g *Registry) Dims(key []byte) DimsRef {
	g.key = key
	if ref, ok := g.byKey[string(key)]; ok {
		return ref
	}
	var parts [Dimensions + 2]string
	rest := string(key)
	for i := range parts {
		n := 2 + int(rest[0]) + int(rest[1])<<8
		parts[i], rest = rest[2:n], rest[n:]
	}
	c := cut{survey: parts[Dimensions], brand: parts[Dimensions+1]}
	copy(c.dims[:], parts[:])
	scopes := make([]SeriesRef, len(g.kinds.names))
	for i, kind := range g.kinds.names {
		if id, ok := g.kinds.scopeID(i, &c.dims); ok {
			scopes[i] = g.Ref(Series{ScopeKind: kind, ScopeID: id, Survey: c.survey, Brand: c.brand})
		}
	}
	ref := DimsRef(len(g.cuts))
	g.cuts, g.scopes = append(g.cuts, c), append(g.scopes, scopes)
	g.byKey[string(key)] = ref
	return ref
}

// Cut gives what a DimsRef stands for.
func (g *Registry) Cut(ref DimsRef) (d *Dims, survey, brand string) {
	c := &g.cuts[ref]
	return &c.dims, c.survey, c.brand
}

// RefOf finds the combination of these values.
func (g *Registry) RefOf(d *Dims, survey, brand string) DimsRef {
	key := g.Key()
	for _, v := range d {
		key = AppendPart(key, v)
	}
	return g.Dims(AppendPart(AppendPart(key, survey), brand))
}

// Scopes gives the series of a combination, one entry a scope kind.
func (g *Registry) Scopes(ref DimsRef) []SeriesRef { return g.scopes[ref] }

// Ref numbers a series.
func (g *Registry) Ref(s Series) SeriesRef {
	ref, ok := g.refs[s]
	if !ok {
		ref = SeriesRef(len(g.series))
		g.series = append(g.series, s)
		g.refs[s] = ref
	}
	return ref
}

// Series gives what a SeriesRef stands for.
func (g *Registry) Series(ref SeriesRef) *Series { return &g.series[ref] }
