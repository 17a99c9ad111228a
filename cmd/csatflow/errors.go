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

// topicsError gives an error of Kafka its exit code, unless it has one.
func topicsError(err error) error {
	var told *exitError
	var final *pipeline.FinalError
	switch {
	case err == nil || errors.As(err, &told):
		return err
	case isTopicError(err):
		return usage(err)
	case errors.As(err, &final):
		return answerNo(err)
	}
	return unreachable(err)
}
