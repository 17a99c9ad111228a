package customer

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"csatflow/pipeline/event"
)

// Input is one input of the churn score (schemas/DOMAIN.md, section 5). Each is scaled so that its usual range is about
// -1 to 1; a larger value speaks for leaving, and 0 means "nothing known".
type Input uint8

// The inputs.
const (
	LatestGrade        Input = iota // (4 - latest grade) / 3
	GradeTrend                      // (4 - exponentially weighted mean of grades) / 3
	GradeSlope                      // fall of that mean over the last three responses, grades a response
	Disconfirmation                 // (expectation - performance) / 6 of the latest response that has both
	Repurchase                      // 0 likely, 0.5 possible, 1 unlikely, as last said
	Recommend                       // 0 very likely, 0.5 possible, 1 unlikely, as last said
	Equity                          // - equity / 3, as last said
	Emotion                         // -1 happy, 0.5 disappointed or afraid, 1 angry, as last said
	ComplaintsOpen                  // open complaints, at most 3
	ComplaintsBreached              // complaints that broke the promise, at most 3
	ComplaintsReopened              // reopenings, at most 3
	SinComplaints                   // complaints about one of the seven sins, at most 3
	ProductComplaints               // about the product, at most 3
	PriceComplaints                 // about the price, at most 3
	SlowRecovery                    // recovery / promise - 1 of the latest resolution, -1 to 3
	Handoffs                        // most hand-offs of one complaint, at most 3
	Fairness                        // (4 - mean of the latest fairness answers) / 3
	Silent                          // 1 when the last bad experience brought no complaint within a week and no grade of 5 or more since
	PurchaseOverdue                 // days since the last purchase / usual days between purchases - 1, -1 to 3; it grows with time, see [Score]
	PurchaseSlower                  // last three gaps between purchases / usual gap before - 1, -1 to 3
	PurchaseLess                    // 1 - mean of the last three amounts / mean before, -1 to 1
	Tier                            // by spend of twelve months: 0 lightweight, 1/3 middleweight, 2/3 heavyweight, 1 super heavyweight
	Inputs             = 22
)

var inputNames = [Inputs]string{"latest_grade", "grade_trend", "grade_slope", "disconfirmation", "repurchase", "recommend", "equity",
	"emotion", "complaints_open", "complaints_breached", "complaints_reopened", "sin_complaints", "product_complaints",
	"price_complaints", "slow_recovery", "handoffs", "fairness", "silent", "purchase_overdue", "purchase_slower", "purchase_less", "tier"}

func (i Input) String() string { return inputNames[i] }

// Model is a logistic model of leaving: p = 1 / (1 + e^-z), z = Bias + Σ w·x.
type Model struct {
	Bias    float64
	Weights [Inputs]float64
	// TierSpend is the least spend of twelve months of a middleweight, heavyweight and super heavyweight. Zeros mean that no
	// spends are known: then nobody's tier counts.
	TierSpend [3]float64
	Buying    Buying
}

// DefaultModel returns weights set by judgement, to be replaced by fitted ones.
func DefaultModel() Model {
	return Model{Bias: -2.6, Weights: [Inputs]float64{
		LatestGrade: 0.6, GradeTrend: 2.4, GradeSlope: 0.8, Disconfirmation: 0.2, Repurchase: 0.8, Recommend: 0.6, Equity: 0.4,
		Emotion: 0.3, ComplaintsOpen: 0.5, ComplaintsBreached: 0.3, ComplaintsReopened: 0.5, SinComplaints: 0.4,
		ProductComplaints: 0.3, PriceComplaints: 0.3, SlowRecovery: 0.2, Handoffs: 0.2, Fairness: 0.6, Silent: 0.5,
		PurchaseOverdue: 0.8, PurchaseSlower: 1, PurchaseLess: 1.5, Tier: -0.3}}
}

// SetWeights replaces weights by name; "bias" is the bias.
func (m *Model) SetWeights(weights map[string]float64) error {
	for name, w := range weights {
		i, b := slices.Index(inputNames[:], name), slices.Index(BuyingInputs[:], name)
		switch {
		case math.IsNaN(w) || math.IsInf(w, 0):
			return fmt.Errorf("weight %s: %v is not a number", name, w)
		case name == "bias":
			m.Bias = w
		case b >= 0:
			m.Buying.Weights[b] = w
		case i < 0:
			return fmt.Errorf("weight %s: no such input: one of bias, %s, %s", name, strings.Join(inputNames[:], ", "), strings.Join(BuyingInputs[:], ", "))
		default:
			m.Weights[i] = w
		}
	}
	return nil
}

// InputNames are the names of the inputs, in their order.
func InputNames() []string { return inputNames[:] }

// Score is what the model says of one customer, as of the latest event known of them. Only PurchaseOverdue grows
// with time alone: to score a later time, replace what that input adds to Logit.
type Score struct {
	Logit         float64 // z
	Inputs        [Inputs]float64
	Rhythm        Rhythm
	Repurchase    uint8   // as last said, by [event.Repurchases]
	Recommend     uint8   // as last said, by [event.Recommends]
	Risk          float64 // 0 to 1
	Band          string  // low below 0.3, high above 0.7, else medium
	Contributions [Inputs]float64
	LeaveReason   string  // "" without evidence
	EWMA          float64 // of grades, see [Responses.EWMA]
}

// Bands are the churn bands.
var Bands = []string{"low", "medium", "high"}

// BandOf returns the band of a risk.
func BandOf(risk float64) string {
	switch {
	case risk < 0.3:
		return Bands[0]
	case risk <= 0.7:
		return Bands[1]
	}
	return Bands[2]
}

// purchases sets the inputs that come from purchases, at an instant, ms.
func (s *Score) purchases(p *Purchases, at int64) {
	s.Inputs[PurchaseOverdue] = p.Overdue(s.Rhythm.UsualGap, at)
	s.Inputs[PurchaseSlower], s.Inputs[PurchaseLess] = s.Rhythm.Slower, s.Rhythm.Less
}

// tier is a customer's tier by spend, from 0 to 1.
func (m *Model) tier(p *Purchases) float64 {
	tier, spend := 0, float64(p.SpendOfYear())/100
	for _, from := range m.TierSpend {
		if from > 0 && spend >= from {
			tier++
		}
	}
	return float64(tier) / float64(len(m.TierSpend))
}

// Score computes the churn risk of a customer; summaries are those of all their complaints.
func (m *Model) Score(r *Responses, summaries []Summary, c *Complaints, p *Purchases) Score {
	known := r.asOf(summaries)
	return m.score(r, summaries, c, p, known, max(known, p.Last))
}

// ScoreAt computes the risk at an instant, ms, from histories that end there.
func (m *Model) ScoreAt(r *Responses, summaries []Summary, c *Complaints, p *Purchases, at int64) Score {
	return m.score(r, summaries, c, p, at, at)
}

func (m *Model) score(r *Responses, summaries []Summary, c *Complaints, p *Purchases, known, now int64) Score {
	mean, fall := r.EWMA()
	s := Score{EWMA: mean, Rhythm: p.Rhythm(), Logit: m.Bias}
	s.inputs(r, mean, fall, summaries, c, known)
	s.purchases(p, now)
	s.Inputs[Tier] = m.tier(p)
	for i, w := range m.Weights {
		s.Contributions[i] = w * s.Inputs[i]
		s.Logit += s.Contributions[i]
	}
	s.Risk = 1 / (1 + math.Exp(-s.Logit))
	s.Band = BandOf(s.Risk)
	s.LeaveReason = leaveReason(r, summaries, &s)
	return s
}

// AppendReasons appends the inputs that add most to the score and what they add, the largest first, at most n. It leaves
// out inputs that add nothing, and PurchaseOverdue, which grows with time.
func (s *Score) AppendReasons(names []string, adds []float64, n int) ([]string, []float64) {
	var order [Inputs]Input // those that add something, by what they add, then in their own order
	k := 0
	for i, a := range s.Contributions {
		if a <= 0 || Input(i) == PurchaseOverdue {
			continue
		}
		at := k
		for ; at > 0 && s.Contributions[order[at-1]] < a; at-- {
			order[at] = order[at-1]
		}
		order[at] = Input(i)
		k++
	}
	for _, i := range order[:min(n, k)] {
		names, adds = append(names, i.String()), append(adds, s.Contributions[i])
	}
	return names, adds
}

// EWMAWeight is the weight of the newest grade in the exponentially weighted mean.
const EWMAWeight = 0.3

// EWMA returns the exponentially weighted mean of the kept grades in event-time order, and its fall per response over
// the last three. Without a response both are 0.
func (r *Responses) EWMA() (mean, fall float64) {
	n := len(r.Moments)
	if n == 0 {
		return 0, 0
	}
	const span = 3
	then := 0.0
	for i := range r.Moments {
		g := float64(r.Moments[i].Grade)
		if i == 0 {
			mean = g
		} else {
			mean += EWMAWeight * (g - mean)
		}
		if i == max(n-1-span, 0) {
			then = mean
		}
	}
	if steps := min(span, n-1); steps > 0 {
		fall = (then - mean) / float64(steps)
	}
	return mean, fall
}

func (s *Score) inputs(r *Responses, mean, fall float64, summaries []Summary, c *Complaints, known int64) {
	x := &s.Inputs
	if latest := r.Latest(); latest != nil {
		x[LatestGrade] = (4 - float64(latest.Grade)) / 3
		x[GradeTrend] = (4 - mean) / 3
		x[GradeSlope] = fall
		x[Silent] = silent(r, c)
	}
	r.lastSaid(s)
	complaintInputs(summaries, known, x)
}

// lastSaid takes each answer from the latest response that gives it.
func (r *Responses) lastSaid(s *Score) {
	x := &s.Inputs
	var disconfirmation, repurchase, recommend, equity, emotion, all bool
	for i := len(r.Moments) - 1; i >= 0 && !all; i-- {
		m := &r.Moments[i]
		if !disconfirmation && m.Expectation != 0 && m.Performance != 0 {
			x[Disconfirmation], disconfirmation = (float64(m.Expectation)-float64(m.Performance))/6, true
		}
		if !repurchase && m.Repurchase != 0 {
			x[Repurchase], s.Repurchase, repurchase = float64(m.Repurchase-1)/2, m.Repurchase, true
		}
		if !recommend && m.Recommend != 0 {
			x[Recommend], s.Recommend, recommend = float64(m.Recommend-1)/2, m.Recommend, true
		}
		if !equity && m.Equity != NoEquity {
			x[Equity], equity = -float64(m.Equity)/3, true
		}
		if !emotion && m.Emotion != 0 {
			x[Emotion], emotion = [...]float64{0, -1, 0.5, 1, 0.5}[m.Emotion], true
		}
		all = disconfirmation && repurchase && recommend && equity && emotion
	}
}

// asOf is the latest event time, ms, of the histories. Open complaints are judged at this time, never by a clock.
func (r *Responses) asOf(summaries []Summary) int64 {
	at := Never
	if m := r.Latest(); m != nil {
		at = m.At
	}
	for i := range summaries {
		at = max(at, summaries[i].LastAt)
	}
	return at
}

func complaintInputs(summaries []Summary, asOf int64, x *[Inputs]float64) {
	lastResolved, lastFair := Never, Never
	for i := range summaries {
		s := &summaries[i]
		if s.State == Open {
			x[ComplaintsOpen]++
		}
		if s.BreachedAt != Never && s.BreachedAt <= asOf {
			x[ComplaintsBreached]++
		}
		x[ComplaintsReopened] += float64(len(s.Reopened))
		switch {
		case s.Category >= 1 && s.Category <= event.Sins:
			x[SinComplaints]++
		case s.Category == event.CategoryProduct:
			x[ProductComplaints]++
		case s.Category == event.CategoryPrice:
			x[PriceComplaints]++
		}
		if s.RecoverySeconds >= 0 && s.ResolvedAt > lastResolved && s.Promise > 0 {
			lastResolved = s.ResolvedAt
			x[SlowRecovery] = min(max(float64(s.RecoverySeconds)/float64(s.Promise)-1, -1), 3)
		}
		x[Handoffs] = max(x[Handoffs], float64(s.Handoffs))
		if at := max(s.OutcomeAt, s.ProcessAt); at > lastFair {
			lastFair = at
			x[Fairness] = (4 - meanFairness(s)) / 3
		}
	}
	for _, i := range []Input{ComplaintsOpen, ComplaintsBreached, ComplaintsReopened, SinComplaints, ProductComplaints, PriceComplaints, Handoffs} {
		x[i] = min(x[i], 3)
	}
}

func meanFairness(s *Summary) float64 {
	switch {
	case s.Outcome == 0:
		return float64(s.Process)
	case s.Process == 0:
		return float64(s.Outcome)
	}
	return (float64(s.Outcome) + float64(s.Process)) / 2
}

func silent(r *Responses, c *Complaints) float64 {
	for i := len(r.Moments) - 1; i >= 0; i-- {
		m := &r.Moments[i]
		if m.Grade >= 5 {
			return 0
		}
		if m.Bad() {
			if c.OpenedWithin(m.At) {
				return 0
			}
			return 1
		}
	}
	return 0
}
