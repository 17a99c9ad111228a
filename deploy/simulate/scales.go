package simulate

// The optional scales of a response, each correlated with its grade.

var (
	raterNames     = []string{"reliability", "assurance", "tangibles", "empathy", "responsiveness"}
	factorNames    = []string{"reliable", "professional", "friendly", "honest", "fast", "convenient", "communicative", "understanding", "safe", "image"}
	facetNames     = []string{"idea", "behaviour", "audiovisual"}
	scorecardNames = []string{"product", "process", "people"}
	tcsNames       = []string{"incorruptible", "valued", "sincere", "upright", "honest", "trusted", "kind_look"}

	experienceNames = []string{"comfortable", "understood", "smiled_at", "thanked", "had_choice", "remembered", "taught", "resolved"}
	needLevels      = []string{"function", "benefit", "implicit"}
	customerRoles   = []string{"decider", "payer", "beneficiary"}
	customerKinds   = []string{"current", "current", "current", "current", "current", "current", "lost", "potential"}
)

// Probabilities of the optional fields, for a customer who answers as much as usual.
var asked = struct {
	both, expectation, performance, rater, factors, facets, scorecard, tcs, experience, need, kind, ctype, role, equity, price, emotion, repurchase, recommend, comment probability
}{
	shareOf(.56), shareOf(.12), shareOf(.12), shareOf(.3), shareOf(.05), shareOf(.05), shareOf(.05), shareOf(.05), shareOf(.1), shareOf(.05), shareOf(.05),
	shareOf(.5), shareOf(.05), shareOf(.1), shareOf(.1), shareOf(.2), shareOf(.25), shareOf(.25), shareOf(.02),
}

// more appends the customer's answers beyond the grade.
func (f *Feed) more(b []byte, a *answer) []byte {
	talk := uint64(a.customer.talk)
	asks := func(p probability) bool { return f.rnd.pcg.Uint64()>>32 < uint64(p)*talk>>7 }
	both := asks(asked.both) // the two questions come as a pair; sometimes one is skipped
	if both || asks(asked.expectation) {
		b = scale(b, "expectation", a.expectation)
	}
	if both || asks(asked.performance) {
		b = scale(b, "performance", a.performance)
	}
	if asks(asked.rater) {
		b = several(f.rnd, b, "rater", raterNames, a.performance*step, 85, a.shifted())
		b = f.life.expects(b, a)
	}
	if asks(asked.factors) {
		b = several(f.rnd, b, "factors", factorNames, a.performance*step, 60, a.shifted())
	}
	if asks(asked.facets) {
		b = several(f.rnd, b, "facets", facetNames, a.latent, 90, nil)
	}
	if asks(asked.scorecard) {
		b = several(f.rnd, b, "scorecard", scorecardNames, a.latent, 90, a.shifted())
	}
	if asks(asked.tcs) {
		b = several(f.rnd, b, "tcs", tcsNames, a.latent, 75, nil)
	}
	if asks(asked.experience) {
		b = f.experience(b, a)
	}
	if asks(asked.need) {
		b = member(b, "need_level", needLevels[f.rnd.below(3)])
	}
	if asks(asked.kind) {
		b = member(b, "customer_kind", customerKinds[f.rnd.below(len(customerKinds))])
	}
	if asks(asked.ctype) {
		b = member(b, "customer_type", customerTypes[a.customer.kind])
	}
	if asks(asked.role) {
		b = member(b, "customer_role", customerRoles[f.rnd.below(3)])
	}
	if asks(asked.equity) {
		b = scale(b, "equity", clamp((a.latent-5*step+f.rnd.normal(200))/step, -3, 3))
	}
	if asks(asked.price) {
		b = scale(b, "perceived_price", level(a.price))
	}
	if asks(asked.emotion) {
		b = member(b, "emotion", f.emotion(a.grade))
	}
	if asks(asked.repurchase) {
		b = member(b, "repurchase", three(a.latent+f.rnd.normal(150), "likely", "possible", "unlikely"))
	}
	if asks(asked.recommend) {
		b = member(b, "recommend", three(a.latent-100+f.rnd.normal(150), "very_likely", "possible", "unlikely"))
	}
	if asks(asked.comment) {
		b = f.comment(b, a.grade)
	}
	return b
}

// collapsing is the latent difference from the moment as a whole when service collapses: what staff do is worse, the rest
// is better.
var collapsing = map[string]int{"responsiveness": -150, "empathy": -150, "reliability": 100, "assurance": 200, "tangibles": 550,
	"fast": -150, "friendly": -150, "understanding": -100, "image": 500, "safe": 500, "convenient": 300, "people": -150, "product": 500, "process": 200}

// shifted is how the parts of an answer differ from the whole; nil for not at all.
func (a *answer) shifted() map[string]int {
	if a.collapse {
		return collapsing
	}
	return nil
}

// several appends an object of scales around a latent value, each moved by its own shift; each member is answered with a probability in percent.
func several(rnd source, b []byte, name string, names []string, latent, percent int, shift map[string]int) []byte {
	b = append(append(append(b, `,"`...), name...), `":{`...)
	first := true
	for _, n := range names {
		if !rnd.percent(percent) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(append(append(b, '"'), n...), `":`...)
		b = appendDigit(b, level(latent+shift[n]+rnd.normal(190)))
	}
	return append(b, '}')
}

func (f *Feed) experience(b []byte, a *answer) []byte {
	b = append(b, `,"experience":[`...)
	first := true
	for _, n := range experienceNames {
		if !f.rnd.percent(a.grade * 8) {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(append(append(b, '"'), n...), '"')
	}
	return append(b, ']')
}

func (f *Feed) emotion(grade int) string {
	switch n := f.rnd.below(100); {
	case grade >= 5 || grade == 4 && n < 40:
		return "happy"
	case n >= 95:
		return "afraid"
	case grade <= 2 && n < 65:
		return "angry"
	}
	return "disappointed"
}

func three(latent int, high, middle, low string) string {
	switch {
	case latent >= 5*step+step/2:
		return high
	case latent >= 3*step+step/2:
		return middle
	}
	return low
}

// questionnaire appends the answers of the comprehensive survey: q1 to q3 are about what was expected, q4 to q8 about
// what was perceived, q9 and q10 about the price, q11 to q13 about satisfaction, q14 to q16 about how complaints are
// taken, q17 to q20 about loyalty.
func (f *Feed) questionnaire(b []byte, a *answer) []byte {
	handling := a.latent/2 + 2*step + int(a.customer.mood)
	loyalty := a.latent + f.rnd.normal(120)
	b = append(b, `,"answers":{`...)
	for q := 1; q <= 20; q++ {
		var latent int
		switch {
		case q <= 3:
			latent = a.expectation * step
		case q <= 8:
			latent = a.performance * step
		case q <= 10:
			latent = a.price
		case q <= 13:
			latent = a.latent
		case q <= 16:
			latent = handling
		default:
			latent = loyalty
		}
		if q > 1 {
			b = append(b, ',')
		}
		b = appendPadded(append(b, '"', 'q'), uint64(q), 1)
		b = append(b, '"', ':')
		// Stretch seven levels to ten: 1 becomes 1, 7 becomes 10.
		b = appendDigit(b, clamp((step+(latent-step)*3/2+f.rnd.normal(200)+128)>>8, 1, 10))
	}
	return append(b, '}')
}

// Comments, already as JSON.
var comments = [3][]string{
	{`nobody would help me`, `Waited for half an hour.\nThen they sent me away.`, `they said \"not our problem\"`, `服务太差了`, `没人理我,再也不来了`, `sent from one desk to the next`},
	{`it was all right`, `could be quicker`, `一般`, `prices are higher than next door`, `速度有点慢`},
	{`very friendly, thank you!`, `fast & easy`, `the best advice I ever had \ud83d\ude42`, `服务很好`, `店员很热情，谢谢`, `Super 👍`},
}

func (f *Feed) comment(b []byte, grade int) []byte {
	of := comments[1]
	if grade <= 3 {
		of = comments[0]
	} else if grade >= 6 {
		of = comments[2]
	}
	return member(b, "comment", of[f.rnd.below(len(of))])
}
