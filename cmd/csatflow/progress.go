package main

import (
	"io"
	"sync"
	"time"

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

// meters hands what a worker tells to several meters.
type meters []pipeline.Meter

func (m meters) Flushed(partition int, took time.Duration, rows map[string]int, err error) {
	for _, x := range m {
		x.Flushed(partition, took, rows, err)
	}
}

func (m meters) Position(partition int, topic pipeline.Topic, next, high, watermark int64) {
	for _, x := range m {
		x.Position(partition, topic, next, high, watermark)
	}
}

func (m meters) Bands(partition int, customers [3]int) {
	for _, x := range m {
		x.Bands(partition, customers)
	}
}

func (m meters) Sizes(partition, customers, panes int) {
	for _, x := range m {
		x.Sizes(partition, customers, panes)
	}
}

func (m meters) Restored(partition int, took time.Duration, customers, panes int) {
	for _, x := range m {
		x.Restored(partition, took, customers, panes)
	}
}

func (m meters) Released(partition int) {
	for _, x := range m {
		x.Released(partition)
	}
}

// lagBar shows how far run --until-end is: records applied of those in the logs.
type lagBar struct {
	mu  sync.Mutex
	bar *pb.ProgressBar
	at  map[[2]int][2]int64
}

func newLagBar(w io.Writer) *lagBar {
	return &lagBar{bar: pb.New64(0).SetWriter(w).Set("prefix", "records ").Start(), at: map[[2]int][2]int64{}}
}

func (b *lagBar) Position(partition int, topic pipeline.Topic, next, high, _ int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.at[[2]int{partition, int(topic)}] = [2]int64{next, high}
	var done, total int64
	for _, p := range b.at {
		done, total = done+p[0], total+p[1]
	}
	b.bar.SetTotal(total).SetCurrent(done)
}

func (b *lagBar) Flushed(int, time.Duration, map[string]int, error) {}
func (b *lagBar) Bands(int, [3]int)                                 {}
func (b *lagBar) Sizes(int, int, int)                               {}
func (b *lagBar) Restored(int, time.Duration, int, int)             {}
func (b *lagBar) Released(int)                                      {}
func (b *lagBar) finish()                                           { b.bar.Finish() }
