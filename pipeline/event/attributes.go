package event

import (
	"csatflow/schemas/reasons"

	"unicode/utf8"
)

// attributes reads an object of texts with the limits of ids.
func (d *Decoder) attributes(into *[]Attribute) *Error {
	return d.s.members(func(name []byte) *Error {
		value, e := d.attribute(*into, name)
		if e != nil {
			d.path = "." + clip(name)
			return e
		}
		*into = append(*into, Attribute{name, value})
		if len(*into) > maxAttributes {
			return d.s.fail(reasons.TooManyOwn, reasons.Number(maxAttributes))
		}
		return nil
	})
}

func (d *Decoder) attribute(before []Attribute, name []byte) (value []byte, e *Error) {
	if n := utf8.RuneCount(name); n < 1 || n > maxAttributeName {
		return nil, d.s.fail(reasons.AttributeName, reasons.Number(maxAttributeName))
	}
	if AttributeOf(before, string(name)) != nil {
		return nil, d.s.fail(reasons.Twice)
	}
	e = d.id(&value)
	return value, e
}
