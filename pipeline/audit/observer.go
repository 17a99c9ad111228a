package audit

import (
	"csatflow/pipeline"
	"csatflow/pipeline/customer"
	"csatflow/pipeline/event"
)

// noObserver is a [pipeline.Observer] that does nothing.
type noObserver struct{}

func (noObserver) Record(pipeline.Topic, pipeline.Result, int)                      {}
func (noObserver) Response(*event.Response)                                         {}
func (noObserver) Complaint(*event.Complaint, *customer.Summary, *customer.Summary) {}
func (noObserver) Breached(*customer.Summary)                                       {}
