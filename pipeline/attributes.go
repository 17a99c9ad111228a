package pipeline

import (
	"csatflow/pipeline/dimension"
	"csatflow/pipeline/event"
	"csatflow/pipeline/pane"
)

// ownOf returns an event's values of the owner's dimensions that its topic has.
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
