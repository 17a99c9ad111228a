package pipeline

import (
	"csatflow/pipeline/dimension"
	"csatflow/pipeline/event"
	"csatflow/pipeline/pane"
)

// ownOf gives an event's values of the owner's dimensions that its topic has.
func (t *Task) ownOf(list []event.Attribute, has func(*dimension.Dimension) bool) pane.Attributes {
	own := t.set.Kinds.Set().Own()
	if len(own) == 0 || len(list) == 0 {
		return ""
	}
	t.key = t.key[:0]
	for i := range own {
		var value []byte
		if has(&own[i]) {
			value = event.AttributeOf(list, own[i].Name)
		}
		t.key = pane.AppendAttribute(t.key, value)
	}
	return pane.MakeAttributes(t.key)
}

func ofResponses(d *dimension.Dimension) bool  { return d.Topics.Responses }
func ofComplaints(d *dimension.Dimension) bool { return d.Topics.Complaints }

// addOwn adds values of the owner's dimensions to a row, of a table that has them only where an owner has declared any.
func (t *Task) addOwn(a *adder, values []string) {
	own := t.set.Kinds.Set().Own()
	if len(own) == 0 {
		return
	}
	var m map[string]string
	for i, v := range values {
		if v == "" {
			continue
		}
		if m == nil {
			m = make(map[string]string, len(own))
		}
		m[own[i].Name] = v
	}
	add(a, "attributes", m)
}
