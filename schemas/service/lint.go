package service

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Fault is an element of a good standard that a standard lacks.
type Fault struct {
	Standard string
	Element  string // specific, measurable, owned or dated
	Says     string // what is missing, and the remedy
}

// vague are words that leave open what is done: two observers would disagree.
var vague = []string{"good", "well", "properly", "appropriate", "as soon as possible", "soon", "quickly", "promptly", "nice", "polite", "adequate", "reasonable", "尽快", "适当", "良好", "及时", "热情"}

var notWord = regexp.MustCompile(`[^a-z0-9]+`)

// Lint checks each standard for the elements of a good one (text S1): specific, measurable, owned and dated.
func (s *Standards) Lint() (faults []Fault) {
	for i := range s.Standards {
		one := &s.Standards[i]
		say := func(element, format string, args ...any) {
			faults = append(faults, Fault{one.ID, element, fmt.Sprintf(format, args...)})
		}
		one.specific(say)
		one.measurable(say)
		if strings.TrimSpace(one.Owner) == "" {
			say("owned", "owner is missing: name the responsible role")
		}
		switch {
		case one.Since.IsZero():
			say("dated", "since is missing: give the first day on which it applies")
		case one.Review.IsZero():
			say("dated", "review is missing: give the day on which it is reviewed")
		case !one.Review.After(one.Since.Time):
			say("dated", "review (%s) is not after since (%s)", one.Review.Format("2006-01-02"), one.Since.Format("2006-01-02"))
		}
	}
	return faults
}

func (s *Standard) specific(say func(element, format string, args ...any)) {
	if strings.TrimSpace(s.Does.English) == "" || strings.TrimSpace(s.Does.Chinese) == "" {
		say("specific", "does must say in English (en) and Chinese (zh) who does what")
	}
	text := " " + notWord.ReplaceAllString(strings.ToLower(s.Does.English), " ") + " "
	for _, word := range vague {
		if strings.Contains(text, " "+word+" ") || word[0] >= 0x80 && strings.Contains(s.Does.Chinese, word) {
			say("specific", "%q leaves open what is done: say what an observer can see or count", word)
		}
	}
	if s.Stage == "" {
		say("specific", "stage is missing: name the stage of the service sequence")
	}
	if s.Dimension == "" {
		say("specific", "dimension is missing: one of %s", strings.Join(Dimensions, ", "))
	}
	if !slices.Contains(Parts, s.Part) {
		say("specific", "part must be one of %s, is %q", strings.Join(Parts, ", "), s.Part)
	}
}

func (s *Standard) measurable(say func(element, format string, args ...any)) {
	if !slices.Contains(Measures, s.Measure) {
		say("measurable", "measure must be one of %s, is %q", strings.Join(Measures, ", "), s.Measure)
	}
	t := &s.Target
	switch {
	case (t.AtMost == nil) == (t.AtLeast == nil):
		say("measurable", "target needs either at_most or at_least")
	case t.Unit == "":
		say("measurable", "the target has no unit")
	case s.Measure == "defect_share" && (t.AtMost == nil || *t.AtMost < 0 || *t.AtMost > 1):
		say("measurable", "the target of a defect_share is at_most a share, 0 to 1")
	case s.Measure == "seconds_to_greet" && (t.AtMost == nil || *t.AtMost <= 0):
		say("measurable", "the target of seconds_to_greet is at_most a number of seconds")
	}
	if s.Level == 0 {
		say("measurable", "level is missing: what it promises on the scale of expectation, 1 to 7")
	}
}
