package pipeline

import "csatflow/pipeline/event"

// Decoder reads the messages of one format. What it returns holds until its next call; what it refuses it does with an
// [event.Error], which becomes the reason of the dead letter. One goroutine uses it. [event.Decoder] reads JSON.
type Decoder interface {
	Response(value []byte) (*event.Response, error)
	Complaint(value []byte) (*event.Complaint, error)
	Purchase(value []byte) (*event.Purchase, error)
	Observation(value []byte) (*event.Observation, error)
	Departure(value []byte) (*event.Departure, error)
}

// newDecoder makes the decoder of a task.
func (s *Settings) newDecoder() Decoder {
	if s.Decoder == nil {
		return &event.Decoder{}
	}
	return s.Decoder()
}
