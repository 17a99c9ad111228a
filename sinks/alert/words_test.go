package alert

import "testing"

func TestADescriptionTellsWhatTheMixOfResponsesCarries(t *testing.T) {
	a := Alert{Evidence: []Evidence{
		{Dimension: "touchpoint", ID: "returns", Value: 3.5, Before: 3.51, Share: .52, Mix: .5},
		{Dimension: "employee", ID: "e-7", Value: 2.5, Before: 5.2, Share: .4, Mix: .01},
		{Dimension: "rater", ID: "empathy", Value: 3, Before: 5},
	}}
	const want = "Carried by touchpoint returns 52 % (3.50 after 3.51; 50 % by the mix of responses), employee e-7 40 % (2.50 after 5.20). Moved with it: rater empathy (3.00 after 5.00)."
	if got := a.Description(); got != want {
		t.Errorf("%s\nwant: %s", got, want)
	}
}

func TestADescriptionTellsWhatComplaintsAreHeldAgainst(t *testing.T) {
	a := Alert{Evidence: []Evidence{{Dimension: Exposure, ID: "purchases", Value: 480, Before: 470.4}, {Dimension: Beside, ID: "responses", Value: 190, Before: 400}}}
	const want = "Held against the purchases of the last day: 480, 470 are usual on this day of the week; responses of the last day: 190, 400 are usual on this day of the week."
	if got := a.Description(); got != want {
		t.Errorf("%s\nwant: %s", got, want)
	}
}
