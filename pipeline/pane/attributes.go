package pane

import "errors"

// Attributes are an event's values of the owner's dimensions, in their order, as one text; "" if it has none.
type Attributes string

// AppendAttribute appends the value of the next dimension to b, "" if the event has none. Called for each dimension, it
// builds what [MakeAttributes] takes.
func AppendAttribute[T string | []byte](b []byte, value T) []byte { return appendPart(b, value) }

// MakeAttributes returns the attributes that b holds, one value for each dimension.
func MakeAttributes(b []byte) Attributes {
	for _, c := range b {
		if c != 0 { // a length or a value
			return Attributes(b)
		}
	}
	return ""
}

// ParseAttributes returns the attributes of a stored text: one value for each of the owner's dimensions, or none.
func (g *Registry) ParseAttributes(text []byte) (Attributes, error) {
	n := 0
	for rest := text; len(rest) > 0; n++ {
		if len(rest) < 2 || len(rest)-2 < int(rest[0])+int(rest[1])<<8 {
			return "", errAttributes
		}
		rest = rest[2+int(rest[0])+int(rest[1])<<8:]
	}
	if n != 0 && n != len(g.kinds.set.Own()) {
		return "", errAttributes
	}
	return MakeAttributes(text), nil
}

var errAttributes = errors.New("attributes are not one value for each dimension")

// Values returns one value for each dimension; nothing if the event has none.
func (a Attributes) Values() (list []string) {
	for rest := string(a); rest != ""; {
		var value string
		value, rest = takePart(rest)
		list = append(list, value)
	}
	return list
}

// Else returns the values of a, with those of b where a has none.
func (a Attributes) Else(b Attributes) Attributes {
	switch {
	case a == "":
		return b
	case b == "" || a == b:
		return a
	}
	values, other := a.Values(), b.Values()
	var key []byte
	for i, v := range values {
		if v == "" {
			v = other[i]
		}
		key = appendPart(key, v)
	}
	return Attributes(key)
}

// HasOwn reports whether an owner has declared dimensions.
func (g *Registry) HasOwn() bool { return len(g.kinds.set.Own()) > 0 }

// attributes is what one number of a [Registry] stands for.
type attributes struct {
	values []string
	series [][]SeriesRef // by cut, then dimension; nil before the first use
}

// Attributes numbers an event's values of the owner's dimensions; 0 stands for no values.
func (g *Registry) Attributes(a Attributes) uint32 {
	if a == "" {
		return 0
	}
	ref, ok := g.attributesOf[a]
	if !ok {
		ref = uint32(len(g.attributes))
		g.attributes = append(g.attributes, attributes{values: a.Values()})
		g.attributesOf[a] = ref
	}
	return ref
}

// AttributesNamed is the inverse of [Registry.Attributes].
func (g *Registry) AttributesNamed(ref uint32) Attributes {
	var key []byte
	for _, v := range g.attributes[ref].values {
		key = appendPart(key, v)
	}
	return Attributes(key)
}

// ownSeries returns the series of attributes, one for each of the owner's dimensions; nil for no values.
func (g *Registry) ownSeries(ref, cut uint32) []SeriesRef {
	if ref == 0 {
		return nil
	}
	a := &g.attributes[ref]
	if cut >= commonCuts { // there may be many rivals, with few events each
		g.far = g.far[:0]
		for i, v := range a.values {
			g.far = append(g.far, g.single(1+Dimensions+i, v, cut))
		}
		return g.far
	}
	if n := int(cut) + 1 - len(a.series); n > 0 {
		a.series = append(a.series, make([][]SeriesRef, n)...)
	}
	if a.series[cut] == nil {
		list := make([]SeriesRef, len(a.values))
		for i, v := range a.values {
			list[i] = g.single(1+Dimensions+i, v, cut)
		}
		a.series[cut] = list
	}
	return a.series[cut]
}
