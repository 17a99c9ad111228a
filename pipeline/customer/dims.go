package customer

import (
	"csatflow/pipeline/event"
	"csatflow/pipeline/pane"
)

// Dims gives where a complaint was, for its panes and rows.
func (s *Summary) Dims() *pane.Dims {
	return &pane.Dims{pane.Region: s.Region, pane.Store: s.Store, pane.Source: s.SourceName(), pane.Employee: s.Employee}
}

// SourceName returns where the customer spoke up, as in events; "" for none.
func (s *Summary) SourceName() string { return event.NameOf(s.OwnSource, event.Sources, s.Source) }

// CategoryName returns what the complaint is about, as in events; "" for none.
func (s *Summary) CategoryName() string {
	return event.NameOf(s.OwnCategory, event.Categories, s.Category)
}
