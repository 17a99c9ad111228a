package event

// OwnBrand is the brand of a response that names none; any other value of brand is a competitor's.
const OwnBrand = "own"

// Answer is one answer of the comprehensive survey, 1 to 10.
type Answer struct {
	Question []byte
	Value    uint8
}

// Attribute is one of the owner's own properties, which the schema does not name.
type Attribute struct{ Name, Value []byte }

// AttributeOf returns the value of an attribute by name, nil if there is none.
func AttributeOf(list []Attribute, name string) []byte {
	for i := range list {
		if string(list[i].Name) == name {
			return list[i].Value
		}
	}
	return nil
}

// Key returns the identity that has the response's history: the customer, else the terminal.
func (r *Response) Key() (id []byte, terminal bool) { return keyOf(r.CustomerID, r.TerminalID) }

// Key returns who was asked: the customer, else the terminal.
func (a *Asked) Key() (id []byte, terminal bool) { return keyOf(a.CustomerID, a.TerminalID) }

func keyOf(customer, terminal []byte) (id []byte, isTerminal bool) {
	if len(customer) > 0 {
		return customer, false
	}
	return terminal, true
}

// given returns the first id that is not empty.
func given(ids ...[]byte) []byte {
	for _, id := range ids {
		if len(id) > 0 {
			return id
		}
	}
	return nil
}
