package simulate

// odds are the probabilities of the configuration, in the form in which they are drawn.
type odds struct {
	late, again, bad, anonymous, complain probability
	linesPerVisit                         int64       // in thousandths
	calmness                              probability // by how much customers leave less often per response than at the natural rate
	seen, weight                          int64       // responses, and the sum of their weights of complaining
}

// stepsPerComplaint is about how many lines a complaint makes, in thousandths; the feed corrects itself as it goes.
const stepsPerComplaint = 3200

func newOdds(c *Config) odds {
	o := odds{late: shareOf(c.LateShare), anonymous: shareOf(c.AnonymousShare), complain: shareOf(c.ComplaintShare)}
	// Shares are of all lines; draws are made per good and new line, of which there are 1 in lines.
	lines := 1 / (1 - c.DuplicateShare - c.BadShare)
	o.again, o.bad = shareOf(c.DuplicateShare*lines), shareOf(c.BadShare*lines)
	o.linesPerVisit = int64((1000 + c.ComplaintShare*stepsPerComplaint) * lines)
	o.seen, o.weight = 1000, 1000*usualWeight
	return o
}

// visits is about how many visits make n lines.
func (o *odds) visits(n int64) int64 { return max(0, n) * 1000 / o.linesPerVisit }

// calm makes the customers of a feed that is denser than the natural one leave per response as much less often.
func (o *odds) calm(natural, planned int64) {
	o.calmness = 1 << 32
	if planned > natural {
		o.calmness = shareOf(float64(natural) / float64(planned))
	}
}

func (p probability) times(q probability) probability { return (p >> 8) * (q >> 8) >> 16 }

// Weights of complaining by grade, for a customer who complains as readily as is usual: most say nothing.
var voices = [8]int64{0, 320, 224, 96, 12, 4, 2, 1}

const usualWeight = 20 // their mean over responses, to begin with

// voice gives the probability that a response is followed by a complaint, such that the share over all responses is
// the configured one. A weight of 0 counts the response and never complains.
func (o *odds) voice(weight int64) probability {
	o.seen++
	o.weight += weight
	mean := max(1, o.weight*16/o.seen)
	return min(1<<32, o.complain*probability(weight)*16/probability(mean))
}
