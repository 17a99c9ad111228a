package grafana

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	chgo "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"csatflow/deploy/local"
	"csatflow/deploy/simulate"
	"csatflow/deploy/trial/storetest"
	"csatflow/pipeline"
	"csatflow/pipeline/pipelinetest"
	"csatflow/sinks/alert"
	"csatflow/sinks/clickhouse"
)

func TestMain(m *testing.M) {
	local.RunChild()
	os.Exit(m.Run())
}

const days = 6

// database makes a database of a simulated chain over the days up to now. It returns a connection with it as default
// database, like the data source's, and the time of its last event.
func database(t *testing.T) (driver.Conn, time.Time) {
	t.Helper()
	now := time.Now().UTC().Truncate(time.Second)
	set := pipeline.DefaultSettings()
	store, addr, name := storetest.New(t, set)
	task := pipeline.NewTask(0, set, pipelinetest.NoObserver{})
	storetest.Feed(t, task, simulate.Config{Seed: 1, Start: now.AddDate(0, 0, -days), Duration: days * 24 * time.Hour,
		Customers: 300, Stores: 3, Employees: 12, Events: 5000, ComplaintShare: .1, AnonymousShare: .02, SideTopics: true}, nil)
	storetest.Write(t, store, task)
	written(t, store, name, now)
	conn, err := chgo.Open(&chgo.Options{Addr: []string{addr}, Auth: chgo.Auth{Database: name, Username: "default"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Exec(context.Background(), "DROP DATABASE "+name)
		_ = conn.Close()
	})
	return conn, now
}

// written writes the rows that do not come from the pipeline: alerts, levels of risk, actions, improvements, estimates.
func written(t *testing.T, store *clickhouse.Store, name string, now time.Time) {
	t.Helper()
	log := alert.Log{Conn: store.Conn(), Database: name}
	found := func(kind, id, rule string, start time.Time) alert.Alert {
		return alert.Alert{Rule: rule, Kind: kind, ID: id, Severity: "warning", Start: start, Fired: start.Add(time.Hour), Seen: start.Add(2 * time.Hour),
			Measure: "csat_index", Figures: alert.Figures{Value: 3, Expected: 5, Low: 1, High: 3, Cases: 40, P: 1e-6}}
	}
	over := found("store", "store-001", "satisfaction_drop", now.AddDate(0, 0, -3))
	over.Resolved = over.Seen
	if err := log.Write(t.Context(), []alert.Alert{over, found("all", "", "value_at_risk", now.Add(-20*time.Hour))}); err != nil {
		t.Fatal(err)
	}
	for h := range 30 {
		if err := log.NoteRisk(t.Context(), now.Truncate(time.Hour).Add(-time.Duration(h)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	for columns, rows := range map[string]string{
		"action_log (action_id, version, action, customer_id, store_id, opened_at, reason)":                                                    "('a-1', 1, 'call_back', 'c-1', 'store-001', now64(3) - INTERVAL 1 DAY, 'graded 2 and did not complain')",
		"improvement_log (id, version, name, method, measure, scope_kind, scope_id, target, planned_at, changed_at, effect, low, high)":        "('i-1', 1, 'Two more at the tills', 'pdca', 'csat_index', 'store', 'store-001', 5, now() - INTERVAL 9 DAY, now() - INTERVAL 4 DAY, 3.5, 1.1, 5.9)",
		"csi_estimates (period_from, period_to, scope_kind, scope_id, kind, from_variable, to_variable, version, value, low, high, responses)": "(now() - INTERVAL 30 DAY, now(), 'all', '', 'index', 'satisfaction', '', 1, 71.2, 69, 73, 400), (now() - INTERVAL 30 DAY, now(), 'all', '', 'path', 'satisfaction', 'loyalty', 1, 0.6, 0.5, 0.7, 400)",
	} {
		table, list, _ := strings.Cut(columns, " (")
		if err := store.Conn().Exec(t.Context(), "INSERT INTO "+store.Table(table)+" ("+list+" VALUES "+rows); err != nil {
			t.Fatal(err)
		}
	}
}
