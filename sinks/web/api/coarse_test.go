package api_test

import (
	"net/url"
	"testing"
	"time"

	"csatflow/deploy/trial/webtest"
)

// coarse asks for an hour of an employee, of whom there are no panes of minutes.
func coarse(t *testing.T, w *webtest.Company, a *asker) {
	last := &w.Responses[len(w.Responses)-1]
	employee, end := string(last.EmployeeID), time.UnixMilli(last.OccurredAt).UTC()
	if employee == "" {
		t.Fatal("the last response has no employee")
	}
	of := url.Values{"scope_kind": {"employee"}, "scope_id": {employee}, "range": {"1h"}, "to": {end.Add(time.Minute).Format(time.RFC3339)}}.Encode()
	count := func(from, to time.Time) (n float64) {
		for i := range w.Responses {
			if at := time.UnixMilli(w.Responses[i].OccurredAt); string(w.Responses[i].EmployeeID) == employee && !at.Before(from) && at.Before(to) {
				n++
			}
		}
		return n
	}
	whole := a.question(t, "grades?"+of)
	if p := whole.Period; p.Resolution != 3600 || p.From.Truncate(time.Hour) != p.From || p.To.Truncate(time.Hour) != p.To {
		t.Errorf("the period of an hour is %+v", whole.Period)
	}
	want := count(whole.Period.From, whole.Period.To)
	if got := whole.column(t, "responses"); len(got) != 1 || got[0] != want || want == 0 {
		t.Errorf("%v responses, want %v", got, want)
	}
	hour := end.Truncate(time.Hour)
	pulse := a.question(t, "pulse?"+of)
	if got, long := pulse.column(t, "responses"), pulse.column(t, "resolution"); len(got) != 1 || got[0] != count(hour, hour.Add(time.Hour)) || long[0] != 3600. {
		t.Errorf("the pulse is %v of %v s, want %v of an hour", got, long, count(hour, hour.Add(time.Hour)))
	}
	places := a.question(t, "places?kind=employee&range=1h&to="+url.QueryEscape(end.Add(time.Minute).Format(time.RFC3339)))
	if len(places.Rows) == 0 || places.Period.Resolution != 3600 {
		t.Errorf("%d employees in panes of %d s", len(places.Rows), places.Period.Resolution)
	}
	of = url.Values{"scope_kind": {"store"}, "scope_id": {w.Alert.ID}, "range": {"1h"}}.Encode()
	if p := a.question(t, "grades?"+of).Period; p.Resolution != 60 {
		t.Errorf("a store has panes of %d s", p.Resolution)
	}
}
