package audit

import (
	"csatflow/pipeline"
	"csatflow/pipeline/customer"
	"csatflow/pipeline/event"
)

// deaf hears of events and does nothing.
type deaf struct{}

func (deaf) Record(pipeline.Topic, pipeline.Result, int)                      {}
func (deaf) Response(*event.Response)                                         {}
func (deaf) Complaint(*event.Complaint, *customer.Summary, *customer.Summary) {}
func (deaf) Breached(*customer.Summary)                                       {}
