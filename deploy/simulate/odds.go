package simulate

// odds are the probabilities of the configuration, ready to draw.
type odds struct {
	late, again, bad, anonymous, complain probability
	linesPerVisit                         int64       // in thousandths
	calmness                              probability // factor on leaving per response, 1 at the natural density
	seen, weight                          int64       // responses, and the sum of their complaint weights
}

// stepsPerComplaint estimates the lines of a complaint, in thousandths; the feed corrects itself as it goes.
const stepsPerComplaint = 3200

func newOdds(c *Config) odds {
	o := odds{late: shareOf(c.LateShare), anonymous: shareOf(c.AnonymousShare), complain: shareOf(c.ComplaintShare)}
	// Shares are of all lines, but draws are per good and new line, which is one in lines.
	lines := 1 / (1 - c.DuplicateShare - c.BadShare)
	o.again, o.bad = shareOf(c.DuplicateShare*lines), shareOf(c.BadShare*lines)
	o.linesPerVisit = int64((1000 + c.ComplaintShare*stepsPerComplaint) * lines)
	if r := c.Real; r != nil {
		// A visit that is repeated is so twice on average.
		again := 1 + 2*r.RepeatShare*(1-c.AnonymousShare)
		o.linesPerVisit = int64((1000 + c.ComplaintShare*stepsPerComplaint) * lines * again)
	}
	o.seen, o.weight = 1000, 1000*usualWeight
	return o
}

// visits is roughly how many visits make n lines.
func (o *odds) visits(n int64) int64 { return max(0, n) * 1000 / o.linesPerVisit }

// calm reduces leaving per response in a feed that is denser than the natural one, in proportion.
func (o *odds) calm(natural, planned int64) {
	o.calmness = 1 << 32
	if planned > natural {
		o.calmness = shareOf(float64(natural) / float64(planned))
	}
}

func (p probability) times(q probability) probability { return (p >> 8) * (q >> 8) >> 16 }

// Complaint weights by grade, for a customer of usual readiness to complain: most say nothing.
var voices = [8]int64{0, 320, 224, 96, 12, 4, 2, 1}

const usualWeight = 20 // their initial mean over responses

// voice returns the probability of a complaint after a response, so that the share over all responses is the
// configured one. A response of weight 0 counts, and never leads to a complaint.
func (o *odds) voice(weight int64) probability {
	o.seen++
	o.weight += weight
	mean := max(1, o.weight*16/o.seen)
	return min(1<<32, o.complain*probability(weight)*16/probability(mean))
}
