package main

import (
	"errors"
	"fmt"
	"testing"

	"csatflow/pipeline"
	"csatflow/pipeline/kafka"
	"csatflow/sinks/clickhouse"
	"csatflow/sinks/settlement"
)

func TestARefusalWhileRunRunsEndsWithTwo(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]int{
		settledError(&settlement.DifferError{Reason: "other settings"}):                                           exitUsage,
		settledError(fmt.Errorf("comparing: %w", &clickhouse.NewerError{What: "a setting"})):                      exitUsage,
		settledError(&settlement.LearnError{Err: &kafka.TopicError{Reason: "two partitioners"}}):                  exitUsage,
		settledError(&settlement.LearnError{Err: &pipeline.FinalError{Err: errors.New("the log was made anew")}}): exitNo,
		settledError(&settlement.LearnError{Err: errors.New("no broker")}):                                        exitUnreachable,
		usage(errors.New("alerts.alertmanager.ca_file")):                                                          exitUsage,
		errors.New("no broker"): exitUnreachable,
	} {
		var told *exitError
		if !errors.As(topicsError(err), &told) || told.code != want {
			t.Errorf("%v ends run with %+v, want %d", err, told, want)
		}
	}
}
