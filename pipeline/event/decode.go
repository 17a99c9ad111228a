package event

import (
	"csatflow/schemas/reasons"

	"bytes"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	maxID            = 256 // characters of an id
	maxAnswers       = 200
	maxQuestion      = 64 // characters of a question id
	maxAttributes    = 32
	maxAttributeName = 64 // characters
)

// Decoder decodes messages of all topics. It reuses its memory: one goroutine uses it, and a result is valid until the
// next call. The zero value is ready, and knows no words of an owner's.
type Decoder struct {
	Words Words

	s scanner
	scratch
	seen uint64 // fields of the document so far, as bits, to refuse a repetition
	path string // member within the field, for messages
}

func missing(field string) error { return &Error{Field: field, Reason: reasons.Missing.Text()} }

// document reads one object and nothing after it.
func (d *Decoder) document(value []byte, field func(key []byte) *Error) error {
	d.s.reset(value)
	d.seen = 0
	if len(value) == 0 {
		return &Error{Reason: reasons.Empty.Text()}
	}
	if len(value) > 5 && value[0] == 0 {
		return &Error{Reason: reasons.Framed.Text()}
	}
	e := d.s.members(func(key []byte) *Error {
		d.path = ""
		if e := field(key); e != nil {
			if !strings.HasPrefix(e.Reason, "not ") { // "not JSON" and "not UTF-8" blame the document
				e.Field = string(key) + d.path
			}
			return e
		}
		return nil
	})
	if e == nil && d.s.next() != 0 || e == nil && d.s.i < len(value) {
		e = d.s.unexpected(reasons.DocumentEnd)
	}
	if e != nil {
		return &Error{Field: e.Field, Reason: e.Reason} // a copy: the scanner's own is reused
	}
	return nil
}

// once refuses a field that the document repeats: nobody can know which one counts.
func (d *Decoder) once(field uint) *Error {
	if d.seen&(1<<field) != 0 {
		return d.s.fail(reasons.Twice)
	}
	d.seen |= 1 << field
	return nil
}

func (d *Decoder) text(into *[]byte, shortest, longest int) *Error {
	b, e := d.s.str()
	if e != nil {
		return e
	}
	n := len(b)
	if n > longest {
		n = utf8.RuneCount(b)
	}
	if n < shortest {
		return d.s.fail(reasons.EmptyText)
	}
	if n > longest {
		return d.s.fail(reasons.TooLong, reasons.Number(longest))
	}
	*into = b
	return nil
}

func (d *Decoder) id(into *[]byte) *Error { return d.text(into, 1, maxID) }

func (d *Decoder) scale(into *uint8) *Error {
	v, e := d.s.integer(1, 7)
	*into = uint8(v)
	return e
}

func (d *Decoder) enum(into *uint8, names []string) *Error {
	b, e := d.s.str()
	if e != nil {
		return e
	}
	for i, n := range names {
		if string(b) == n {
			*into = uint8(i + 1)
			return nil
		}
	}
	return d.s.fail(reasons.NotOneOf, strings.Join(names, ", "), clip(b))
}

// word reads a name of an open enumeration, or a word that the owner has added to it under the configuration's key. Words are looked
// for last, so that events of known names cost what they cost without any.
func (d *Decoder) word(into *uint8, own *string, names []string, key string) *Error {
	b, e := d.s.str()
	if e != nil {
		return e
	}
	for i, n := range names {
		if string(b) == n {
			*into = uint8(i + 1)
			return nil
		}
	}
	words := d.Words[key]
	for i := range words {
		if string(b) == words[i].Name {
			*into, *own = words[i].Like, words[i].Name
			return nil
		}
	}
	known := strings.Join(append(slices.Clone(names), words.names()...), ", ")
	return d.s.fail(reasons.NoSuchWord, known, key, clip(b))
}

// scales reads an object of answers from 1 to 7, one per name, and skips other members.
func (d *Decoder) scales(into []uint8, names []string) *Error {
	return d.s.members(func(key []byte) *Error {
		for i, n := range names {
			if string(key) != n {
				continue
			}
			if into[i] != 0 {
				d.path = "." + n
				return d.s.fail(reasons.Twice)
			}
			e := d.scale(&into[i])
			if e != nil {
				d.path = "." + n
			}
			return e
		}
		return d.s.skip(0)
	})
}

// set reads an array of names into a bit set; it has at most as many elements as there are names.
func (d *Decoder) set(into *uint8, names []string) *Error {
	n := 0
	return d.s.elements(func() *Error {
		if n++; n > len(names) {
			return d.s.fail(reasons.TooManyElements, reasons.Number(len(names)))
		}
		var code uint8
		if e := d.enum(&code, names); e != nil {
			d.path = "[" + strconv.Itoa(n-1) + "]"
			return e
		}
		*into |= 1 << (code - 1)
		return nil
	})
}

// within reads a number from least to most; bounds names them in messages.
func (d *Decoder) within(into *float64, least, most int64, bounds string) *Error {
	text, e := d.s.value()
	if e != nil {
		return e
	}
	v, err := strconv.ParseFloat(string(text), 64)
	outside := err != nil || v < float64(least) || v > float64(most)
	if !outside && (v == float64(least) || v == float64(most)) {
		outside = !exactlyWithin(text, least, most)
	}
	if outside {
		return d.s.fail(reasons.Outside, append(strings.SplitN(bounds, " to ", 2), clip(text))...)
	}
	*into = v
	return nil
}

// exactlyWithin decides on a number that a float64 rounds to an end of its range, perhaps from outside.
func exactlyWithin(text []byte, least, most int64) bool {
	mantissa := text
	if i := bytes.IndexAny(text, "eE"); i >= 0 {
		mantissa = text[:i]
	}
	if len(bytes.Trim(mantissa, "-0.")) == 0 {
		return true
	}
	if f, _ := strconv.ParseFloat(string(text), 64); f == 0 { // nearer to 0 than a float64 shows
		return least < 0 || text[0] != '-'
	}
	exact, ok := new(big.Rat).SetString(string(text))
	return ok && exact.Cmp(new(big.Rat).SetInt64(least)) >= 0 && exact.Cmp(new(big.Rat).SetInt64(most)) <= 0
}

// small reads a whole number that may be negative.
func (d *Decoder) small(into *int8, least, most int64) *Error {
	v, e := d.s.integer(least, most)
	*into = int8(v)
	return e
}

func (d *Decoder) count(into *uint32) *Error {
	v, e := d.s.integer(0, math.MaxInt32)
	*into = uint32(v)
	return e
}

func (d *Decoder) answers(into *[]Answer) *Error {
	return d.s.members(func(key []byte) *Error {
		v, e := d.answer(*into, key)
		if e != nil {
			d.path = "." + clip(key)
			return e
		}
		*into = append(*into, Answer{Question: key, Value: v})
		if len(*into) > maxAnswers {
			return d.s.fail(reasons.TooManyAnswers, reasons.Number(maxAnswers))
		}
		return nil
	})
}

func (d *Decoder) answer(before []Answer, key []byte) (uint8, *Error) {
	if n := utf8.RuneCount(key); n < 1 || n > maxQuestion {
		return 0, d.s.fail(reasons.QuestionName, reasons.Number(maxQuestion))
	}
	for _, a := range before {
		if string(a.Question) == string(key) {
			return 0, d.s.fail(reasons.Twice)
		}
	}
	v, e := d.s.integer(1, 10)
	return uint8(v), e
}
