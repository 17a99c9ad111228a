package customer

import (
	"csatflow/pipeline/event"
	"csatflow/pipeline/pane"
)

// Dims gives where a complaint was, for its panes and rows.
func (s *Summary) Dims() *pane.Dims {
	return &pane.Dims{pane.Region: s.Region, pane.Store: s.Store, pane.Source: event.Name(event.Sources, s.Source), pane.Employee: s.Employee}
}
