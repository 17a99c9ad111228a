package pipelinetest

import (
	"csatflow/pipeline"
	"csatflow/pipeline/customer"
	"csatflow/pipeline/event"
)

// NoObserver is an Observer that does nothing.
type NoObserver struct{}

// Record does nothing.
func (NoObserver) Record(pipeline.Topic, pipeline.Result, int) {}

// Response does nothing.
func (NoObserver) Response(*event.Response) {}

// Complaint does nothing.
func (NoObserver) Complaint(*event.Complaint, *customer.Summary, *customer.Summary) {}

// Breached does nothing.
func (NoObserver) Breached(*customer.Summary) {}
