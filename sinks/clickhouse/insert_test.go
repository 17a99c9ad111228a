package clickhouse_test

import (
	"testing"
	"time"

	"csatflow/pipeline/rows"
	"csatflow/sinks/clickhouse"
)

// TestWhatIsInsertedComesBack: milliseconds, NULLs, and texts that would end a statement.
func TestWhatIsInsertedComesBack(t *testing.T) {
	s := opened(t)
	at := time.Date(2026, 3, 1, 10, 30, 0, 250_000_000, time.FixedZone("", 3600))
	evil := `'); DROP TABLE x; -- \ "` + "`\n客户"
	var w rows.ActionLog
	for i := range 2 {
		w.Row()
		w.ActionID, w.Version, w.Action = append(w.ActionID, string(rune('a'+i))), append(w.Version, 1), append(w.Action, "call_back")
		w.CustomerID, w.EmployeeID, w.ComplaintID, w.StoreID = append(w.CustomerID, evil), append(w.EmployeeID, ""), append(w.ComplaintID, ""), append(w.StoreID, "s")
		w.OpenedAt, w.Reason, w.Outcome = append(w.OpenedAt, at), append(w.Reason, ""), append(w.Outcome, "")
		ended := (*time.Time)(nil)
		if i == 1 {
			ended = &at
		}
		w.ClosedAt = append(w.ClosedAt, ended)
	}
	if err := clickhouse.Insert(t.Context(), s.Conn(), s.Database(), w.Take()); err != nil {
		t.Fatal(err)
	}
	if err := clickhouse.Insert(t.Context(), s.Conn(), s.Database(), w.Take()); err != nil { // nothing
		t.Fatal(err)
	}
	var got []struct {
		ID, Customer string
		Opened       time.Time
		Closed       *time.Time
	}
	if err := s.Conn().Select(t.Context(), &got, "SELECT action_id AS ID, customer_id AS Customer, opened_at AS Opened, closed_at AS Closed FROM "+s.Table("action_log")+" ORDER BY ID"); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Customer != evil || !got[0].Opened.Equal(at) || got[0].Closed != nil || got[1].Closed == nil || !got[1].Closed.Equal(at) {
		t.Errorf("%+v", got)
	}
}
