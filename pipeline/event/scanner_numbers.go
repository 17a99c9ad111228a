package event

import (
	"csatflow/schemas/reasons"

	"bytes"
	"math"
	"strconv"
)

// number returns the text of the number that follows, checked against the JSON grammar.
func (s *scanner) number() ([]byte, *Error) {
	c := s.next()
	if c != '-' && (c < '0' || c > '9') {
		return nil, s.wrongType(reasons.ANumber)
	}
	start, b, i := s.i, s.b, s.i
	digits := func() bool {
		from := i
		for i < len(b) && b[i] >= '0' && b[i] <= '9' {
			i++
		}
		return i > from
	}
	if b[i] == '-' {
		i++
	}
	zero := i < len(b) && b[i] == '0'
	first := i
	ok := digits() && (!zero || i == first+1)
	if ok && i < len(b) && b[i] == '.' {
		i++
		ok = digits()
	}
	if ok && i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		ok = digits()
	}
	s.i = i
	if !ok {
		return nil, s.unexpected(reasons.Digit)
	}
	return b[start:i], nil
}

// value returns the same as number for a number that is read and not skipped, and limits its length.
func (s *scanner) value() ([]byte, *Error) {
	text, e := s.number()
	if e == nil && len(text) > maxNumber {
		e = s.fail(reasons.NumberTooLong, strconv.Itoa(maxNumber), clip(text))
	}
	return text, e
}

// integer reads a whole number in [lo, hi]; 7, 7.0 and 70e-1 are the same.
func (s *scanner) integer(lo, hi int64) (int64, *Error) {
	if c := s.next(); c >= '0' && c <= '9' && s.i+1 < len(s.b) { // one digit, the usual case
		if d := s.b[s.i+1]; d == ',' || d == '}' {
			if v := int64(c - '0'); v >= lo && v <= hi {
				s.i++
				return v, nil
			}
		}
	}
	text, e := s.value()
	if e != nil {
		return 0, e
	}
	v, whole := wholeNumber(text)
	if !whole {
		return 0, s.fail(reasons.NotWhole, clip(text))
	}
	if v < lo || v > hi {
		return 0, s.fail(reasons.Outside, strconv.FormatInt(lo, 10), strconv.FormatInt(hi, 10), clip(text))
	}
	return v, nil
}

// wholeNumber returns the exact value of a JSON number if it is whole; beyond int64 it returns the nearest end.
func wholeNumber(text []byte) (v int64, whole bool) {
	mantissa, exponent := text, 0
	if i := bytes.IndexAny(text, "eE"); i >= 0 {
		mantissa = text[:i]
		n, err := strconv.Atoi(string(text[i+1:]))
		if err != nil { // an exponent beyond int: only its sign matters
			n = math.MaxInt32
			if text[i+1] == '-' {
				n = -n
			}
		}
		exponent = min(max(n, math.MinInt32), math.MaxInt32)
	}
	negative := mantissa[0] == '-'
	mantissa = bytes.TrimLeft(mantissa, "-")
	units, fraction, _ := bytes.Cut(mantissa, []byte("."))
	digits := append(append(make([]byte, 0, len(mantissa)), units...), fraction...)
	exponent -= len(fraction)
	digits = bytes.TrimLeft(digits, "0")
	n := len(digits)
	digits = bytes.TrimRight(digits, "0")
	exponent += n - len(digits)
	switch {
	case len(digits) == 0:
		return 0, true
	case exponent < 0:
		return 0, false
	case len(digits)+exponent > 18:
		v = math.MaxInt64
	default:
		for _, c := range digits {
			v = v*10 + int64(c-'0')
		}
		for range exponent {
			v *= 10
		}
	}
	if negative {
		v = -v
	}
	return v, true
}
