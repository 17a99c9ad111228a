package pipelinetest

import (
	"csatflow/pipeline"
	"csatflow/pipeline/customer"
	"csatflow/pipeline/event"
)

// Deaf is an Observer that does nothing.
type Deaf struct{}

// Record does nothing.
func (Deaf) Record(pipeline.Topic, pipeline.Result, int) {}

// Response does nothing.
func (Deaf) Response(*event.Response) {}

// Complaint does nothing.
func (Deaf) Complaint(*event.Complaint, *customer.Summary, *customer.Summary) {}

// Breached does nothing.
func (Deaf) Breached(*customer.Summary) {}
