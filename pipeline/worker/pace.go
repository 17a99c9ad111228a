package worker

import "csatflow/pipeline"

// catchUp is how many flush intervals a partition that is further behind than that lets pass between flushes.
const catchUp = 10

// pace says whether a flush is due at the end of an interval. A partition that is more than catchUp intervals behind is late in the
// tables in any case. Flushing it less often writes fewer rows, since a customer or pane that changes several times between two
// flushes is written once. So it catches up sooner.
type pace struct {
	read    int64                  // records since the interval began
	most    int64                  // records that an interval read, of the latest ones: a single one may have waited for a flush
	left    [pipeline.Topics]int64 // records in the log that have not been read, when a batch was last fetched
	skipped int                    // ends of intervals without a flush
}

func (p *pace) took(b *pipeline.Batch) {
	p.read += int64(len(b.Records))
	p.left[b.Topic] = max(b.High-b.Next, 0)
}

// due is asked at the end of each interval.
func (p *pace) due() bool {
	left := int64(0)
	for _, n := range p.left {
		left += n
	}
	p.most = max(p.read, p.most*(catchUp-1)/catchUp)
	behind := p.most > 0 && left > catchUp*p.most
	p.read = 0
	p.skipped++
	return !behind || p.skipped >= catchUp
}

func (p *pace) flushed() { p.skipped = 0 }
