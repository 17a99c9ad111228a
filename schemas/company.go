package schemas

import (
	"time"

	"csatflow/schemas/service"
)

// DefaultRaterWeights weigh the RATER dimensions in rater_index.
var DefaultRaterWeights = map[string]float64{"reliability": .32, "responsiveness": .22, "assurance": .19, "empathy": .16, "tangibles": .11}

// NewCompany collects what views say of a company. Margin, rate and visits are as in [Company]; within answerWindow a response answers an invitation.
func NewCompany(margin, referralRate float64, mysteryVisits int, answerWindow time.Duration, standards *service.Standards, beliefs *service.Beliefs, gaps *service.Gaps) Company {
	c := Company{DefaultMargin: margin, ReferralRate: referralRate, MysteryVisits: mysteryVisits, AnswerSeconds: int(answerWindow / time.Second), Beliefs: beliefs.Beliefs, GreetTarget: defaultGreet}
	faults := map[string]int{}
	for _, f := range standards.Lint() {
		faults[f.Standard]++
	}
	for i := range standards.Standards {
		s := &standards.Standards[i]
		target := s.Target.AtMost
		if target == nil {
			target = s.Target.AtLeast
		}
		row := Standard{ID: s.ID, Stage: s.Stage, Dimension: s.Dimension, Part: s.Part, Measure: s.Measure, Owner: s.Owner, English: s.Does.English, Chinese: s.Does.Chinese,
			Since: date(s.Since), Review: date(s.Review), Level: s.Level, Faults: faults[s.ID]}
		if target != nil {
			row.Target = *target
		}
		if s.Measure == "seconds_to_greet" && row.Target > 0 {
			c.GreetTarget = row.Target
		}
		c.Standards = append(c.Standards, row)
	}
	for i := range gaps.Gaps {
		g := &gaps.Gaps[i]
		for _, one := range g.Causes {
			c.GapCauses = append(c.GapCauses, GapCause{Gap: g.Number, GapID: g.ID, GapEnglish: g.Label.English, GapChinese: g.Label.Chinese,
				ID: one.ID, English: one.Label.English, Chinese: one.Label.Chinese, Evidence: one.Evidence, Remedies: g.Remedies})
		}
	}
	return c
}

// defaultGreet is the target of greeting, seconds, where no standard sets one.
const defaultGreet = 30

func date(d service.Day) string {
	if d.IsZero() {
		return "1970-01-01"
	}
	return d.Format(time.DateOnly)
}
