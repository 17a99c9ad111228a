package simulate

// expected is how much more, in 1/step of a grade, is expected of a RATER dimension than of the whole: most of reliability, least of tangibles
// (Parasuraman, Zeithaml, Berry 1988).
var expected = map[string]int{"reliability": 160, "responsiveness": 60, "assurance": 30, "empathy": -50, "tangibles": -200}

// expects appends what the customer expects of each RATER dimension, to some of the answers.
func (l *life) expects(b []byte, a *answer) []byte {
	if l == nil || !l.asks.chance(shareOf(l.ExpectationShare)) {
		return b
	}
	return several(l.asks, b, "rater_expectation", raterNames, a.expectation*step, 85, expected)
}
