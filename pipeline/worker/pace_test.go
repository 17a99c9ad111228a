package worker

import (
	"slices"
	"testing"
	"time"

	"csatflow/pipeline"
)

// TestAnIntervalThatReadLittleIsNotFarBehind: the loop of a live partition waited for a flush.
func TestAnIntervalThatReadLittleIsNotFarBehind(t *testing.T) {
	p, now := &pace{}, time.Now()
	read := func(records int, left int64) bool {
		p.took(&pipeline.Batch{Records: make([]pipeline.Record, records), Next: 0, High: left})
		now = now.Add(time.Second)
		return p.due(now) == whole
	}
	for range 5 {
		if !read(1000, 0) {
			t.Fatal("a partition at the log's end must flush at each interval")
		}
		p.flushed(now)
	}
	if !read(50, 1950) {
		t.Error("two intervals behind after an interval that read little, it does not flush")
	}
	p.flushed(now)
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

// TestBetweenWholeFlushesMinutesAreWritten: all partitions write all at the same intervals of the clock.
func TestBetweenWholeFlushesMinutesAreWritten(t *testing.T) {
	p := &pace{state: 5 * time.Second}
	now := time.Unix(1_000_003, 0)
	var got []turn
	for range 12 {
		now = now.Add(time.Second)
		due := p.due(now)
		if due == whole {
			p.flushed(now)
		}
		got = append(got, due)
	}
	want := []turn{whole, whole, minutes, minutes, minutes, minutes, whole, minutes, minutes, minutes, minutes, whole}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	for range catchUp - 1 {
		p.took(&pipeline.Batch{Records: make([]pipeline.Record, 1000), Next: 0, High: 100_000})
		if due := p.due(now); due != nothing {
			t.Fatalf("far behind it writes %v", due)
		}
	}
	if due := p.due(now); due != whole {
		t.Errorf("far behind, after %d intervals, it writes %v", catchUp, due)
	}
}
