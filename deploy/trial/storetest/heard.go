package storetest

import (
	"testing"

	"csatflow/deploy/simulate"
	"csatflow/pipeline/event"
)

// Heard collects the events of a simulated feed that tests sum by hand: each once, without bad ones.
type Heard struct {
	Responses []event.Response  // instant ones about the own brand
	Opened    []event.Complaint // first steps
	Sold      []event.Purchase  // returns left out
	Asked     []event.Asked
}

// Note adds an event of [Feed].
func (h *Heard) Note(t testing.TB, e *simulate.Event) {
	t.Helper()
	if e.Duplicate || e.Bad {
		return
	}
	var decoder event.Decoder
	switch e.Topic {
	case simulate.TopicResponses:
		r, err := decoder.Response(e.Value)
		if err != nil {
			t.Fatal(err)
		}
		if r.Survey == event.SurveyInstant && len(r.Brand) == 0 {
			h.Responses = append(h.Responses, *r)
		}
	case simulate.TopicPurchases:
		p, err := decoder.Purchase(e.Value)
		if err != nil {
			t.Fatal(err)
		}
		if p.Amount > 0 {
			h.Sold = append(h.Sold, *p)
		}
	case simulate.TopicAsked:
		a, err := decoder.Asked(e.Value)
		if err != nil {
			t.Fatal(err)
		}
		h.Asked = append(h.Asked, *a)
	case simulate.TopicComplaints:
		c, err := decoder.Complaint(e.Value)
		if err != nil {
			t.Fatal(err)
		}
		if event.Name(event.Steps, c.Step) == "opened" {
			h.Opened = append(h.Opened, *c)
		}
	}
}
