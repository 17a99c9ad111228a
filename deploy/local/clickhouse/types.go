package clickhouse

import (
	"fmt"
	"strconv"
	"strings"
)

// layout is how a type's values are arranged in a Native block.
type layout uint8

const (
	fixedLayout          layout = iota // size bytes a row
	stringLayout                       // a length and that many bytes a row
	arrayLayout                        // end offsets, then the elements
	nullableLayout                     // a byte a row, then the values
	tupleLayout                        // one column after the other
	lowCardinalityLayout               // a dictionary, then indices into it
)

type columnType struct {
	layout layout
	size   int // bytes, of fixedLayout
	sub    []*columnType
}

const (
	maxTypeDepth  = 32
	maxTypeLength = 1 << 20 // an Enum16 names all its values
	maxFixedSize  = 1 << 24
)

var fixedSizes = map[string]int{
	"UInt8": 1, "Int8": 1, "Bool": 1, "Enum8": 1, "Nothing": 1,
	"UInt16": 2, "Int16": 2, "Date": 2, "Enum16": 2, "BFloat16": 2,
	"UInt32": 4, "Int32": 4, "Float32": 4, "Date32": 4, "DateTime": 4, "DateTime32": 4, "IPv4": 4, "Decimal32": 4, "Time": 4,
	"UInt64": 8, "Int64": 8, "Float64": 8, "DateTime64": 8, "Decimal64": 8, "Time64": 8,
	"UInt128": 16, "Int128": 16, "UUID": 16, "IPv6": 16, "Decimal128": 16,
	"UInt256": 32, "Int256": 32, "Decimal256": 32,
}

var typeAliases = map[string]string{
	"Point": "Tuple(Float64, Float64)", "Ring": "Array(Point)", "LineString": "Array(Point)",
	"MultiLineString": "Array(LineString)", "Polygon": "Array(Ring)", "MultiPolygon": "Array(Polygon)",
}

// parseType reads a type as ClickHouse writes it. Types of unknown layout (AggregateFunction, JSON, Variant, Dynamic) are
// an error.
func parseType(s string) (*columnType, error) { return parseTypeAt(s, 0) }

func parseTypeAt(s string, depth int) (*columnType, error) {
	if depth > maxTypeDepth {
		return nil, fmt.Errorf("type is nested deeper than %d", maxTypeDepth)
	}
	s = strings.TrimSpace(s)
	if a, ok := typeAliases[s]; ok {
		return parseTypeAt(a, depth+1)
	}
	name, arg := s, ""
	if i := strings.IndexByte(s, '('); i > 0 && strings.HasSuffix(s, ")") {
		name, arg = s[:i], s[i+1:len(s)-1]
	}
	if n, ok := fixedSizes[name]; ok {
		return &columnType{layout: fixedLayout, size: n}, nil
	}
	switch name {
	case "String":
		return &columnType{layout: stringLayout}, nil
	case "FixedString":
		return fixedString(arg)
	case "Decimal":
		return decimal(arg)
	case "Tuple":
		return tuple(arg, depth)
	case "Nested", "Map":
		t, err := tuple(arg, depth)
		return &columnType{layout: arrayLayout, sub: []*columnType{t}}, err
	case "SimpleAggregateFunction":
		list := splitArguments(arg)
		if len(list) < 2 {
			return nil, fmt.Errorf("type %q has too few arguments", s)
		}
		return parseTypeAt(list[len(list)-1], depth+1)
	case "Array":
		return wrap(arrayLayout, arg, depth)
	case "Nullable":
		return wrap(nullableLayout, arg, depth)
	case "LowCardinality":
		t, err := wrap(lowCardinalityLayout, arg, depth)
		if err == nil && t.sub[0].layout == nullableLayout { // NULL is a key of the dictionary, not a mask
			t.sub[0] = t.sub[0].sub[0]
		}
		return t, err
	}
	if strings.HasPrefix(name, "Interval") {
		return &columnType{layout: fixedLayout, size: 8}, nil
	}
	return nil, fmt.Errorf("type %q is not supported by the embedded server", s)
}

func wrap(as layout, arg string, depth int) (*columnType, error) {
	t, err := parseTypeAt(arg, depth+1)
	if err != nil {
		return nil, err
	}
	return &columnType{layout: as, sub: []*columnType{t}}, nil
}

func fixedString(arg string) (*columnType, error) {
	n, err := strconv.Atoi(arg)
	if err != nil || n < 1 || n > maxFixedSize {
		return nil, fmt.Errorf("length %q of a FixedString is not from 1 to %d", arg, maxFixedSize)
	}
	return &columnType{layout: fixedLayout, size: n}, nil
}

func decimal(arg string) (*columnType, error) {
	digits, _, _ := strings.Cut(arg, ",")
	p, err := strconv.Atoi(strings.TrimSpace(digits))
	if err != nil || p < 1 || p > 76 {
		return nil, fmt.Errorf("precision %q of a Decimal is not from 1 to 76", digits)
	}
	size := 32
	switch {
	case p <= 9:
		size = 4
	case p <= 18:
		size = 8
	case p <= 38:
		size = 16
	}
	return &columnType{layout: fixedLayout, size: size}, nil
}

// tuple reads the elements of a Tuple, Nested or Map: types, or names with types.
func tuple(arg string, depth int) (*columnType, error) {
	t := &columnType{layout: tupleLayout}
	for _, element := range splitArguments(arg) {
		sub, err := parseTypeAt(withoutName(element), depth+1)
		if err != nil {
			return nil, err
		}
		t.sub = append(t.sub, sub)
	}
	return t, nil
}

// withoutName cuts the name off "name Type"; the name may stand in backticks. A type has no space before its parenthesis.
func withoutName(element string) string {
	if strings.HasPrefix(element, "`") {
		if i := strings.IndexByte(element[1:], '`'); i >= 0 {
			return element[i+2:]
		}
	}
	if i := strings.IndexAny(element, " ("); i >= 0 && element[i] == ' ' {
		return element[i+1:]
	}
	return element
}

// splitArguments splits at the commas outside of parentheses and quotes.
func splitArguments(s string) []string {
	var list []string
	var quote byte
	depth, start := 0, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0 && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '`' || c == '"':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			list = append(list, strings.TrimSpace(s[start:i]))
			start = i + 1
		}
	}
	if last := strings.TrimSpace(s[start:]); last != "" {
		list = append(list, last)
	}
	return list
}
