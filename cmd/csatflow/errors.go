package main

import (
	"errors"

	"csatflow/pipeline"
	"csatflow/pipeline/kafka"
)

func isTopicError(err error) bool {
	var t *kafka.TopicError
	return errors.As(err, &t)
}

// topicsError gives an error of Kafka's its exit code.
func topicsError(err error) error {
	var final *pipeline.FinalError
	switch {
	case err == nil:
		return nil
	case isTopicError(err):
		return usage(err)
	case errors.As(err, &final):
		return answerNo(err)
	}
	return unreachable(err)
}
