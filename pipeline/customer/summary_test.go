package customer_test

import (
	"fmt"
	"slices"
	"testing"

	"csatflow/pipeline/customer"
	"csatflow/pipeline/event"
)

const hour = int64(3600 * 1000)

// in is steps with their hour, in order of arrival.
type in struct {
	hour float64
	step customer.Step
}

func history(t *testing.T, steps []in) *customer.Complaints {
	t.Helper()
	h := customer.NewComplaints()
	for i, s := range steps {
		s.step.At, s.step.ID = int64(s.hour*float64(hour)), uint64(i+1)
		h.Apply("p", s.step)
	}
	return h
}

func day(uint8, string) int64 { return 24 * 3600 }

func st(code uint8) customer.Step { return customer.Step{Step: code} }

func TestSummariseReadsWhereAComplaintStands(t *testing.T) {
	o, c, h, m, r, w, re := st(event.StepOpened), st(event.StepContacted), st(event.StepHandedOff), st(event.StepRemedied), st(event.StepResolved), st(event.StepWithdrawn), st(event.StepReopened)
	for _, x := range []struct {
		name  string
		steps []in
		// state; hours, -1 for never: opened, resolved, withdrawn, first response, breached; seconds: recovery, response; reopened; first contact
		want string
	}{
		{"resolved at once", []in{{1, o}, {3, c}, {4, r}}, "resolved 1 4 -1 3 -1 10800 7200 0 true"},
		{"arrives backwards", []in{{4, r}, {3, c}, {1, o}}, "resolved 1 4 -1 3 -1 10800 7200 0 true"},
		{"open", []in{{1, o}}, "open 1 -1 -1 -1 25 -1 -1 0 false"},
		{"two contacts", []in{{1, o}, {2, c}, {3, c}, {4, r}}, "resolved 1 4 -1 2 -1 10800 3600 0 false"},
		{"handed off", []in{{1, o}, {2, h}, {4, r}}, "resolved 1 4 -1 4 -1 10800 10800 0 false"},
		{"remedied first", []in{{1, o}, {2, m}, {4, r}}, "resolved 1 4 -1 2 -1 10800 3600 0 true"},
		{"late", []in{{0, o}, {25, r}}, "resolved 0 25 -1 25 24 90000 90000 0 true"},
		{"at the promise", []in{{0, o}, {24, r}}, "resolved 0 24 -1 24 -1 86400 86400 0 true"},
		{"reopened and resolved again", []in{{0, o}, {2, r}, {3, re}, {30, r}}, "resolved 0 30 -1 2 24 108000 7200 1 false"},
		{"reopened and open", []in{{0, o}, {2, r}, {3, re}}, "open 0 2 -1 2 24 7200 7200 1 false"},
		{"withdrawn before the promise", []in{{0, o}, {23, w}}, "withdrawn 0 -1 23 -1 -1 -1 -1 0 false"},
		{"withdrawn after the promise", []in{{0, o}, {25, w}}, "withdrawn 0 -1 25 -1 24 -1 -1 0 false"},
		{"withdrawn, then opened again", []in{{0, o}, {1, w}, {2, re}}, "open 0 -1 -1 -1 24 -1 -1 1 false"},
		{"a contact before the opening", []in{{1, c}, {2, o}, {3, r}}, "resolved 2 3 -1 3 -1 3600 3600 0 true"},
		{"a resolution before the opening", []in{{1, r}, {2, o}}, "open 2 -1 -1 -1 26 -1 -1 0 false"},
		{"no opening", []in{{1, c}, {2, r}}, "resolved -1 2 -1 1 -1 -1 -1 0 false"},
		{"no opening, withdrawn", []in{{2, w}}, "withdrawn -1 -1 2 -1 -1 -1 -1 0 false"},
		{"all at one instant", []in{{1, r}, {1, o}, {1, c}}, "resolved 1 1 -1 1 -1 0 0 0 true"},
		{"resolved and reopened at one instant", []in{{0, o}, {1, re}, {1, r}}, "open 0 1 -1 1 24 3600 3600 1 false"},
		{"a contact after the resolution does not reopen", []in{{0, o}, {2, r}, {5, c}, {6, m}, {7, h}}, "resolved 0 2 -1 2 -1 7200 7200 0 false"},
		{"opened twice", []in{{0, o}, {1, o}, {2, r}}, "resolved 0 2 -1 2 -1 7200 7200 0 true"},
		{"nothing", nil, "open -1 -1 -1 -1 -1 -1 -1 0 false"},
	} {
		complaint := history(t, x.steps).Find("p")
		if complaint == nil {
			complaint = &customer.Complaint{}
		}
		s := customer.Summarise(complaint, day)
		got := s.State.String()
		for _, at := range []int64{s.OpenedAt, s.ResolvedAt, s.WithdrawnAt, s.FirstResponseAt, s.BreachedAt} {
			if at == customer.Never {
				at = -hour
			}
			got += fmt.Sprint(" ", at/hour)
		}
		got += fmt.Sprint(" ", s.RecoverySeconds, " ", s.ResponseSeconds, " ", len(s.Reopened), " ", s.FirstContact)
		if got != x.want {
			t.Errorf("%s: %s, want %s", x.name, got, x.want)
		}
	}
}

func TestOpenIntervalsEndWithEachClosing(t *testing.T) {
	h := history(t, []in{{0, st(event.StepOpened)}, {2, st(event.StepResolved)}, {3, st(event.StepReopened)}, {4, st(event.StepWithdrawn)}, {5, st(event.StepReopened)}})
	got := customer.Summarise(h.Find("p"), day).OpenIntervals
	if want := []customer.Interval{{From: 0, To: 2 * hour}, {From: 3 * hour, To: 4 * hour}, {From: 5 * hour, To: customer.Never}}; !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

func TestThePromiseIsThatOfTheFirstCategory(t *testing.T) {
	promise := func(category uint8, _ string) int64 { return map[uint8]int64{0: 100, 8: 3600, 9: 7200}[category] }
	h := history(t, []in{{0, st(event.StepOpened)}, {1, customer.Step{Step: event.StepContacted, Category: 8}}, {2, customer.Step{Step: event.StepResolved, Category: 9}}})
	if s := customer.Summarise(h.Find("p"), promise); s.Promise != 3600 || s.Category != 8 || s.BreachedAt != hour {
		t.Errorf("promise %d, category %d, breached %d", s.Promise, s.Category, s.BreachedAt)
	}
}

func TestScopesAreFirstNamedAndFairnessEmotionAndLeaveReasonLastSaid(t *testing.T) {
	h := history(t, []in{
		{3, customer.Step{Step: event.StepResolved, Employee: "e1", Outcome: 6, Remedies: 4, Store: "s2"}},
		{0, customer.Step{Step: event.StepOpened, Region: "r1", Outcome: 2, Process: 3, Emotion: 3, LeaveReason: 4}},
		{1, customer.Step{Step: event.StepContacted, Employee: "e2", Store: "s1", Source: 2, Region: "r2", Remedies: 1}},
		{2, customer.Step{Step: event.StepHandedOff, Employee: "e1", Emotion: 1}},
	})
	s := customer.Summarise(h.Find("p"), day)
	got := fmt.Sprint(s.Region, s.Store, s.Source, s.Employee, s.EmployeesMet, s.Outcome, s.OutcomeAt/hour, s.Process, s.ProcessAt, s.Emotion, s.LeaveReason, s.Remedies, s.LastAt/hour)
	if want := fmt.Sprint("r1", "s1", 2, "e2", 2, 6, 3, 3, 0, 1, 4, 5, 3); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
