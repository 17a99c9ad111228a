package worker

import (
	"time"

	"csatflow/pipeline"
)

// turn is what an end of an interval asks for.
type turn uint8

const (
	nothing turn = iota
	minutes      // panes of minutes and complaints
	whole        // all that changed, and the position
)

// catchUp is how many flush intervals a partition that is further behind than that lets pass between flushes.
const catchUp = 10

// pace says whether a flush is due at the end of an interval. A partition that is more than catchUp intervals behind is late in the
// tables in any case. Flushing it less often writes fewer rows, since a customer or pane that changes several times between two
// flushes is written once. So it catches up sooner.
type pace struct {
	state   time.Duration          // about how often all is written
	written int64                  // number of the state interval in which all was written, since the epoch
	read    int64                  // records since the interval began
	most    int64                  // records that an interval read, of the latest ones: a single one may have waited for a flush
	left    [pipeline.Topics]int64 // records in the log that have not been read, when a batch was last fetched
	skipped int                    // ends of intervals without a whole flush, of a partition that is behind
}

func (p *pace) took(b *pipeline.Batch) {
	p.read += int64(len(b.Records))
	p.left[b.Topic] = max(b.High-b.Next, 0)
}

// due is asked at the end of each interval: a partition that is behind writes nothing meanwhile, since all of it is late.
func (p *pace) due(now time.Time) turn {
	left := int64(0)
	for _, n := range p.left {
		left += n
	}
	p.most = max(p.read, p.most*(catchUp-1)/catchUp)
	behind := p.most > 0 && left > catchUp*p.most
	p.read = 0
	p.skipped++
	switch {
	case behind && p.skipped < catchUp:
		return nothing
	case behind || p.number(now) != p.written:
		return whole
	}
	p.skipped = 0
	return minutes
}

// number is which state interval of the clock an instant is in; the workers of all partitions begin one together.
func (p *pace) number(now time.Time) int64 { return now.UnixNano() / max(int64(p.state), 1) }

func (p *pace) flushed(now time.Time) { p.skipped, p.written = 0, p.number(now) }
