package pane

import "csatflow/pipeline/event"

// The groups of a satisfaction pane (schemas/DOMAIN.md, section 3). A "tally" is a pair of counters: the number of answers
// and their sum.
const (
	Grades           Group = iota // responses by grade, 1 to 7
	Disconfirm                    // responses with both expectation and performance, Σ expectation, Σ performance
	PerformanceFit                // x = performance, y = grade: n, Σx, Σy, Σxx, Σxy
	EquityFit                     // x = equity
	Rater                         // a tally for each dimension
	Factors                       // a tally a factor
	Facets                        // a tally for each facet
	Scorecard                     // a tally for each entry
	TCS                           // a tally a factor
	EmotionCounts                 // by emotion
	ExperienceCounts              // responses that have the field, then by member
	NeedCounts                    // by need level
	RepurchaseCounts              // likely, possible, unlikely
	RecommendCounts               // very likely, possible, unlikely
	Price                         // a tally of perceived price
	Journey                       // day panes: customers with a response on the day, those with no grade of 3 or less
	ExpectationTally              // a tally of expectation, whether or not performance is there
	NPSCounts                     // responses by likelihood to recommend, 0 to 10
	CESCounts                     // responses by customer effort, 1 to 7
	StarCounts                    // responses by stars, 1 to 5
)

// Satisfaction is the layout of satisfaction panes; names are the columns of the table.
var Satisfaction = NewLayout(
	[]string{"grades", "disconfirmation", "performance_fit", "equity_fit", "rater", "factors", "facets", "scorecard", "tcs",
		"emotion", "experience", "need", "repurchase", "recommend", "price", "journey", "expectation", "nps", "ces", "stars"},
	[]int{7, 3, 5, 5, 10, 20, 6, 6, 14, 4, 9, 3, 3, 3, 2, 2, 2, 11, 7, 5},
)

// AddResponse adds the counters of one response, the same for each of its panes. Every pane has the group of grades, which is the first; a
// response without a grade adds nothing to it, nor to what is held against the grade.
func AddResponse(d *Delta, r *event.Response) {
	grades := d.Group(Grades)
	addScales(d, r)
	if r.Grade != 0 {
		grades[r.Grade-1]++
		addBesideGrade(d, r)
	}
	tallies(d, Rater, r.Rater[:])
	tallies(d, Factors, r.Factors[:])
	tallies(d, Facets, r.Facets[:])
	tallies(d, Scorecard, r.Scorecard[:])
	tallies(d, TCS, r.TCS[:])
	count(d, EmotionCounts, r.Emotion)
	if r.HasExperience {
		g := d.Group(ExperienceCounts)
		g[0]++
		for i := range event.ExperienceNames {
			g[1+i] += int64(r.Experience >> i & 1)
		}
	}
	count(d, NeedCounts, r.NeedLevel)
	if r.PerceivedPrice != 0 {
		tally(d.Group(Price), 0, r.PerceivedPrice)
	}
}

// addBesideGrade adds what is held against the grade: expectation and performance, effects on it, and the other parts of loyalty.
func addBesideGrade(d *Delta, r *event.Response) {
	if r.Expectation != 0 {
		tally(d.Group(ExpectationTally), 0, r.Expectation)
	}
	if r.Expectation != 0 && r.Performance != 0 {
		g := d.Group(Disconfirm)
		g[0]++
		g[1] += int64(r.Expectation)
		g[2] += int64(r.Performance)
	}
	if r.Performance != 0 {
		fit(d.Group(PerformanceFit), int64(r.Performance), int64(r.Grade))
	}
	if r.HasEquity {
		fit(d.Group(EquityFit), int64(r.Equity), int64(r.Grade))
	}
	count(d, RepurchaseCounts, r.Repurchase)
	count(d, RecommendCounts, r.Recommend)
}

// addScales adds the answers in scales of their own.
func addScales(d *Delta, r *event.Response) {
	if r.HasNPS {
		d.Group(NPSCounts)[r.NPS]++
	}
	count(d, CESCounts, r.CES)
	if r.HasStars {
		d.Group(StarCounts)[r.Stars-1]++
	}
}

func tally(g []int64, i int, answer uint8) {
	g[2*i]++
	g[2*i+1] += int64(answer)
}

func tallies(d *Delta, group Group, answers []uint8) {
	for i, a := range answers {
		if a != 0 {
			tally(d.Group(group), i, a)
		}
	}
}

func count(d *Delta, group Group, code uint8) {
	if code != 0 {
		d.Group(group)[code-1]++
	}
}

func fit(g []int64, x, y int64) {
	g[0]++
	g[1] += x
	g[2] += y
	g[3] += x * x
	g[4] += x * y
}
