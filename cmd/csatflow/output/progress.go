package output

import (
	"io"
	"os"
	"sync"

	"github.com/cheggaaa/pb/v3"
	"golang.org/x/term"

	"csatflow/pipeline"
	"csatflow/pipeline/worker"
)

// Bar shows the progress of a long work on a terminal. done sets the progress; finish ends the bar.
func Bar(w io.Writer, what string, total int64) (done func(n int64), finish func()) {
	if !Terminal(w) {
		return func(int64) {}, func() {}
	}
	bar := pb.New64(total).SetWriter(w).Set("prefix", what+" ").Start()
	return func(n int64) { bar.SetCurrent(n) }, func() { bar.Finish() }
}

// Lag is the bar of run --until-end: records applied out of those in the logs.
type Lag struct {
	worker.Meter
	mu  sync.Mutex
	bar *pb.ProgressBar
	at  map[[2]int][2]int64
}

// NewLag shows the bar.
func NewLag(w io.Writer) *Lag {
	return &Lag{bar: pb.New64(0).SetWriter(w).Set("prefix", "records ").Start(), at: map[[2]int][2]int64{}}
}

// Over returns a meter that also moves the bar.
func (b *Lag) Over(m worker.Meter) worker.Meter {
	b.Meter = m
	return b
}

// Position implements [worker.Meter].
func (b *Lag) Position(partition int, topic pipeline.Topic, next, high, watermark int64) {
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

// Finish ends the bar.
func (b *Lag) Finish() { b.bar.Finish() }

// Steps is a bar of steps.
type Steps struct{ bar *pb.ProgressBar }

// Partitions shows on a terminal how many partitions are done.
func Partitions(w io.Writer, n int) *Steps {
	if !Terminal(w) {
		return &Steps{}
	}
	return &Steps{pb.New(n).SetWriter(w).Set("prefix", "partitions ").Start()}
}

// Step adds one.
func (s *Steps) Step() {
	if s.bar != nil {
		s.bar.Increment()
	}
}

// Finish ends the bar.
func (s *Steps) Finish() {
	if s.bar != nil {
		s.bar.Finish()
	}
}

// Records shows on a terminal how many records were read.
func Records(w io.Writer) (said func(done, total int64), finish func()) {
	if !Terminal(w) {
		return nil, func() {}
	}
	bar := pb.New64(0).SetWriter(w).Set("prefix", "records ").Start()
	return func(done, total int64) { bar.SetTotal(total).SetCurrent(done) }, func() { bar.Finish() }
}

// Terminal reports whether w is a terminal.
func Terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
