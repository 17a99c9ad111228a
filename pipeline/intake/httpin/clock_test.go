package httpin

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"csatflow/pipeline/intake"
)

// TestWhereTheTimeIsNotThatOfTheClockWhatIsLaterIsRefused: an event of today would move a demo, whose time is a fortnight ago, to a day on which
// nothing else has happened.
func TestWhereTheTimeIsNotThatOfTheClockWhatIsLaterIsRefused(t *testing.T) {
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC) // that of good and of pressed
	s := serve(t, func(o *Options) { o.Clock = &intake.Clock{Now: func() time.Time { return now }, Simulated: true} })
	if a := s.send(t, "/v1/events/responses", good); a.status != http.StatusAccepted || a.taken() != 1 {
		t.Errorf("at the time: %d %s", a.status, a.body)
	}
	now = now.Add(-time.Second)
	a := s.send(t, "/v1/events/responses", "["+good+","+strings.Replace(good, "2026", "2025", 1)+"]")
	if a.status != http.StatusAccepted || a.taken() != 1 || len(a.Refused) != 1 {
		t.Fatalf("one later: %d %s", a.status, a.body)
	}
	r := a.Refused[0]
	if r.Index != 0 || r.Field != "occurred_at" || !strings.Contains(r.Reason, "2026-03-02T10:00:00Z is later than the time of this server, 2026-03-02T09:59:59Z") {
		t.Errorf("%+v", r)
	}
	if a := s.send(t, "/v1/feeds/kiosk", pressed, "X-Store", "s-1"); a.taken() != 0 || len(s.kafka.dead) != 1 || s.kafka.dead[0].Field != "occurred_at" {
		t.Errorf("a feed's: %d %s, %d dead letters", a.status, a.body, len(s.kafka.dead))
	}
}
