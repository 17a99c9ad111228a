package worker

import (
	"testing"

	"csatflow/pipeline"
)

// TestAnIntervalThatReadLittleIsNotFarBehind: the loop of a live partition waited for a flush.
func TestAnIntervalThatReadLittleIsNotFarBehind(t *testing.T) {
	p := &pace{}
	read := func(records int, left int64) bool {
		p.took(&pipeline.Batch{Records: make([]pipeline.Record, records), Next: 0, High: left})
		return p.due()
	}
	for range 5 {
		if !read(1000, 0) {
			t.Fatal("a partition at the log's end must flush at each interval")
		}
		p.flushed()
	}
	if !read(50, 1950) {
		t.Error("two intervals behind after an interval that read little, it does not flush")
	}
	p.flushed()
	if read(1000, 20_000) {
		t.Error("twenty intervals behind it flushes at each")
	}
	for range catchUp - 2 {
		if read(1000, 20_000) {
			t.Error("it flushes before the tenth interval")
		}
	}
	if !read(1000, 20_000) {
		t.Error("it does not flush at the tenth interval")
	}
}
