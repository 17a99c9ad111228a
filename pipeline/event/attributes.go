package event

import (
	"strconv"
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
			return d.s.fail("has more than " + strconv.Itoa(maxAttributes) + " attributes")
		}
		return nil
	})
}

func (d *Decoder) attribute(before []Attribute, name []byte) (value []byte, e *Error) {
	if n := utf8.RuneCount(name); n < 1 || n > maxAttributeName {
		return nil, d.s.fail("the name of an attribute has 1 to " + strconv.Itoa(maxAttributeName) + " characters")
	}
	if AttributeOf(before, string(name)) != nil {
		return nil, d.s.fail("is given twice")
	}
	e = d.id(&value)
	return value, e
}
