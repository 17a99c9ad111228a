package audit

import (
	"context"
	"errors"

	"csatflow/pipeline"
)

// How --memory is divided: half for the customers' histories, and an eighth or less for each of the rest, since the
// garbage collector needs room too. Sizes were measured (see the benchmarks of the pipeline).
const (
	customerBytes = 250  // of a customer with a short history
	historyFactor = 2    // bytes in memory for each byte of a stored history
	paneBytes     = 600  // in memory and as a row
	eventBytes    = 1000 // as received
	recordBytes   = 200  // kept for a flush: changes of customers, complaints with new steps, moments that left
	maxPasses     = 1 << 12
)

var errManyCustomers = errors.New("there are more customers than were expected")

func (r *run) customerMemory() int64  { return max(r.Memory/2, 1<<17) }
func (r *run) panesAtOnce() int       { return int(max(r.Memory/8/paneBytes, 1000)) }
func (r *run) eventsAtOnce() int64    { return max(r.Memory/16/eventBytes, 1000) }
func (r *run) recordsPerFlush() int64 { return max(r.Memory/8/recordBytes, 10_000) }
func (r *run) deadBytes() int64       { return max(r.Memory/16, 1<<20) }
func (r *run) groupRecords() int      { return int(r.Memory / 8 / recordSize) }

// plan decides how many passes over the log there are; each takes its share of the customers.
func (p *partition) plan(ctx context.Context) error {
	p.passes = 1
	if p.stranger {
		return nil
	}
	customers, bytes, err := p.tables.HistorySizes(ctx, p.number)
	if err != nil {
		return err
	}
	need := p.Sample * (float64(customers)*customerBytes + float64(bytes)*historyFactor)
	p.passes = int(min(need/float64(p.customerMemory()), maxPasses-1)) + 1
	p.progress.expect(int64(p.passes-1) * p.records())
	return nil
}

// records is how many offsets one pass reads.
func (p *partition) records() (n int64) {
	for topic := range p.from {
		n += max(p.to[topic]-p.from[topic], 0)
	}
	return n
}

// tooMany reports whether a pass has far more customers in memory than it should.
func (p *partition) tooMany(task *pipeline.Task) bool {
	return int64(task.Customers())*customerBytes > 2*p.customerMemory() && p.passes < maxPasses
}
