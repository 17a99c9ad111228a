package dryrun

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/worker"
)

// still is a meter that does nothing.
type still struct{ worker.Meter }

func (still) Flushed(int, time.Duration, map[string]int, error) {}

func TestWhatWouldBeWrittenIsCountedByTable(t *testing.T) {
	c := Count(still{})
	c.Flushed(0, 0, map[string]int{"responses": 2, "churn": 1}, nil)
	c.Flushed(1, 0, map[string]int{"responses": 3}, nil)
	var said strings.Builder
	for table, rows := range c.Rows() {
		fmt.Fprintf(&said, "%s %d,", table, rows)
	}
	if said.String() != "churn 1,responses 5," {
		t.Error(said.String())
	}
	var letters Letters
	for range 2 {
		if err := letters.Send(t.Context(), make([]pipeline.DeadLetter, 3)); err != nil {
			t.Fatal(err)
		}
	}
	if letters.Count() != 6 {
		t.Errorf("%d dead letters", letters.Count())
	}
}

func TestTheTablesStayEmptyWhateverIsWritten(t *testing.T) {
	var s Store
	if err := s.Write(t.Context(), make([]pipeline.Rows, 3)); err != nil {
		t.Fatal(err)
	}
	err := s.Positions(t.Context(), func(pipeline.PositionRow) error { t.Error("a row came back"); return nil })
	if err != nil {
		t.Error(err)
	}
}
