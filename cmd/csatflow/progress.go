package main

import (
	"io"
	"sync"

	"github.com/cheggaaa/pb/v3"

	"csatflow/pipeline"
)

// newBar shows how far a long work is, on a terminal only; it gives a function that says so, and one that ends it.
func newBar(w io.Writer, what string, total int64) (done func(n int64), finish func()) {
	if !terminal(w) {
		return func(int64) {}, func() {}
	}
	bar := pb.New64(total).SetWriter(w).Set("prefix", what+" ").Start()
	return func(n int64) { bar.SetCurrent(n) }, func() { bar.Finish() }
}

// lagBar shows how far run --until-end is: records applied of those in the logs.
type lagBar struct {
	pipeline.Meter
	mu  sync.Mutex
	bar *pb.ProgressBar
	at  map[[2]int][2]int64
}

func newLagBar(w io.Writer) *lagBar {
	return &lagBar{bar: pb.New64(0).SetWriter(w).Set("prefix", "records ").Start(), at: map[[2]int][2]int64{}}
}

// over puts the bar in front of a meter.
func (b *lagBar) over(m pipeline.Meter) pipeline.Meter {
	b.Meter = m
	return b
}

func (b *lagBar) Position(partition int, topic pipeline.Topic, next, high, watermark int64) {
	b.Meter.Position(partition, topic, next, high, watermark)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.at[[2]int{partition, int(topic)}] = [2]int64{next, high}
	var done, total int64
	for _, p := range b.at {
		done, total = done+p[0], total+p[1]
	}
	b.bar.SetTotal(total).SetCurrent(done)
}

func (b *lagBar) finish() { b.bar.Finish() }

// steps shows how many of some steps are done.
type steps struct{ bar *pb.ProgressBar }

func partitionBar(w io.Writer, n int) *steps {
	if !terminal(w) {
		return &steps{}
	}
	return &steps{pb.New(n).SetWriter(w).Set("prefix", "partitions ").Start()}
}

func (s *steps) step() {
	if s.bar != nil {
		s.bar.Increment()
	}
}

func (s *steps) finish() {
	if s.bar != nil {
		s.bar.Finish()
	}
}
