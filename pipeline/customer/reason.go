package customer

import "csatflow/pipeline/event"

// leavePrior is how often customers in general leave for a reason (schemas/DOMAIN.md, section 1), by code of
// [event.LeaveReasons].
var leavePrior = [...]float64{0, 0.01, 0.03, 0.05, 0.09, 0.14, 0.68}

const (
	leftForCompetitor   = 4
	leftForProduct      = 5
	leftForIndifference = 6
)

// leaveReason returns the reason with the most evidence, weighted by the priors. What service inputs add speaks for
// indifference, product inputs for product, price complaints and answers about competitors for a competitor. A reason
// that the customer gave in a complaint speaks for itself.
func leaveReason(r *Responses, summaries []Summary, s *Score) string {
	var evidence [7]float64
	add := func(reason uint8, inputs ...Input) {
		for _, i := range inputs {
			evidence[reason] += max(s.Contributions[i], 0)
		}
	}
	add(leftForIndifference, SinComplaints, ComplaintsOpen, ComplaintsBreached, ComplaintsReopened, SlowRecovery, Handoffs, Fairness, Silent, Emotion)
	add(leftForProduct, ProductComplaints)
	add(leftForCompetitor, PriceComplaints)
	if r.Count+r.Rivals > 0 {
		evidence[leftForCompetitor] += float64(r.Rivals) / float64(r.Count+r.Rivals)
	}
	for i := range summaries {
		if reason := summaries[i].LeaveReason; reason != 0 {
			evidence[reason] += said / leavePrior[reason]
		}
	}
	best, most := uint8(0), 0.0
	for reason := range evidence {
		if e := evidence[reason] * leavePrior[reason]; e > most {
			best, most = uint8(reason), e
		}
	}
	return event.Name(event.LeaveReasons, best)
}

// said is the weighted evidence of a reason that the customer gave: more than inputs usually add.
const said = 10
