package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	chgo "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"csatflow/deploy/simulate"
	"csatflow/deploy/trial/storetest"
	"csatflow/pipeline/event"
)

// measured has the settings that the reference has built in.
const measured = "measures: {time_zone: Asia/Kolkata, crossings: [[store, source]], promise_by_category: {price: 48h}}\n"

// TestMainJob runs the main job on a real Apache Kafka and ClickHouse's engine: a simulated feed with repetitions, late
// events and bad lines, compared cell by cell with SQL over the events as received, and with the simulator's truth.
func TestMainJob(t *testing.T) {
	t.Parallel()
	events := "200000"
	if testing.Short() {
		events = "20000"
	}
	p := newDeployment(t, startKafka(t), storetest.ClickHouse(t), measured)
	must(t, "migrate", "--config", p.file, "--topics")
	dir := t.TempDir()
	must(t, "simulate", "--out", dir, "--events", events, "--seed", "7", "--duplicates", "0.03", "--late", "0.05", "--bad", "0.002", "--start", longAgo(), "--duration", "72h", "--side-topics")
	must(t, "send", "--config", p.file, filepath.Join(dir, "responses.jsonl"), filepath.Join(dir, "complaints.jsonl"), filepath.Join(dir, "asked.jsonl"))
	must(t, "run", "--config", p.file, "--until-end")

	conn := p.connect(t)
	truth := readTruth(t, dir)
	t.Run("views say what SQL over the raw tables says", func(t *testing.T) { compareWithRaw(t, conn) })
	t.Run("rolling views say what SQL over the raw tables says", func(t *testing.T) { compareRolling(t, conn, truth) })
	t.Run("who was asked is what SQL over the raw tables says", func(t *testing.T) { compareAsked(t, conn, truth) })
	t.Run("figures are the simulator's", func(t *testing.T) { compareWithTruth(t, conn, truth) })
	t.Run("bad lines are dead letters", func(t *testing.T) {
		if got, want := int64(len(p.deadLetters(t))), truth.Responses.Bad+truth.Complaints.Bad; got != want || want == 0 {
			t.Errorf("%d dead letters, the simulator made %d bad lines", got, want)
		}
	})
}

// longAgo is a start of feeds whose promises have all been kept or broken by now, so that no figure changes during
// the comparison.
func longAgo() string {
	return time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -14).Format(time.RFC3339)
}

// connect opens a connection whose default database is the configured one.
func (p *deployment) connect(t *testing.T) driver.Conn {
	t.Helper()
	conn, err := chgo.Open(&chgo.Options{Addr: []string{p.clickhouse}, Auth: chgo.Auth{Database: p.database}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func compareWithRaw(t *testing.T, conn driver.Conn) {
	t.Helper()
	said := func(what string, cells uint64) { t.Logf("%s: %d cells agree", what, cells) }
	said("satisfaction", differences(t, conn, "satisfaction", "1", satisfactionReference(satisfactionMeasures()), columnsOf(satisfactionMeasures()), 1e-6))
	said("intervals of satisfaction", differences(t, conn, "satisfaction", "1", satisfactionReference(intervalMeasures()), columnsOf(intervalMeasures()), 1e-6))
	said("other scales", differences(t, conn, "scales", "survey = 'instant' AND brand = ''", scalesReference(), append(columnsOf(scaleMeasures()), "nps"), 1e-9))
	said("clean journeys", differences(t, conn, "satisfaction", "resolution = 86400 AND journey_customers > 0", journeyReference(), []string{"journey_customers", "clean_journey_share"}, 1e-9))
	columns := []string{"opened", "resolved", "reopened", "withdrawn", "breached", "mean_recovery_seconds", "mean_first_response_seconds", "mean_contacts", "mean_handoffs",
		"mean_employees_met", "remedy_depth", "first_contact_resolution", "outcome_fairness", "process_fairness", "recovered", "recovery_paradox", "complaints_per_1000_responses"}
	for _, c := range event.Categories {
		columns = append(columns, "category_"+c+"_share")
	}
	said("recovery", differences(t, conn, "recovery", "1", recoveryReference(), columns, 1e-9))
	said("recovery quantiles", differences(t, conn, "recovery", "1", recoveryReference(), []string{"recovery_p50", "recovery_p90", "recovery_p99"}, 0.0101))
	for kind, id := range map[string]string{"all": "''", "store": "store_id"} {
		said("backlog of "+kind, differences(t, conn, "recovery", "resolution = 60 AND scope_kind = '"+kind+"'", backlogReference(kind, id), []string{"backlog", "backlog_age"}, 1e-9))
	}
}

// compareRolling computes rolling windows of stores from the raw events, window by window.
func compareRolling(t *testing.T, conn driver.Conn, truth *simulate.Truth) {
	from := truth.Config.Start.UTC().Add(truth.Config.Duration / 2).Truncate(86400e9)
	to := from.AddDate(0, 0, 1)
	const layout = "2006-01-02 15:04:05"
	for _, c := range []struct{ window, step int }{{300, 60}, {900, 300}, {3600, 600}, {86400, 3600}} {
		grid := fmt.Sprintf("SELECT toDateTime('%s', 'UTC') + number * %d AS at FROM numbers(%d)", from.Format(layout), c.step, 86400/c.step+1)
		reference := fmt.Sprintf(`SELECT toUInt32(0) AS resolution, toUInt32(toUnixTimestamp(g.at)) AS start, 'store' AS scope_kind, store_id AS scope_id, count() AS responses, avg(grade) AS mean_grade, avg(grade >= 6) AS satisfied_share,
			avgOrNullIf(rater[2], rater[2] > 0) AS rater_assurance, uniqExactIf(customer_id, customer_id != '' AND grade <= 3) AS dissatisfied_customers
			FROM (%s) AS g CROSS JOIN (SELECT * FROM %s WHERE survey = 'instant' AND brand = '' AND store_id != '') AS r WHERE occurred_at >= g.at - %d AND occurred_at < g.at GROUP BY start, store_id`, grid, rawResponses, c.window)
		view := fmt.Sprintf("(SELECT toUInt32(0) AS resolution, window_end AS pane_start, * FROM rolling_satisfaction(window_s = %d, step_s = %d, from = '%s', to = '%s'))", c.window, c.step, from.Format(layout), to.Format(layout))
		n := differences(t, conn, view, "scope_kind = 'store'", reference, []string{"responses", "mean_grade", "satisfied_share", "rater_assurance", "dissatisfied_customers"}, 1e-9)
		t.Logf("rolling satisfaction, window %d s, step %d s: %d cells agree", c.window, c.step, n)

		reference = fmt.Sprintf(`SELECT toUInt32(0) AS resolution, toUInt32(toUnixTimestamp(g.at)) AS start, 'all' AS scope_kind, '' AS scope_id, countIf(what = 1) AS opened, countIf(what = 2) AS resolved, avgOrNullIf(secs, what = 2 AND secs >= 0) AS mean_recovery_seconds
			FROM (%s) AS g CROSS JOIN (SELECT arrayJoin([(1, opened_at, toInt64(-1), has_opened), (2, resolved_at, if(has_opened, recovery_seconds, -1), has_resolved)]) AS x, x.1 AS what, x.2 AS occurred, x.3 AS secs FROM %s WHERE x.4) AS r
			WHERE occurred >= g.at - %d AND occurred < g.at GROUP BY start`, grid, complaintsReference, c.window)
		view = fmt.Sprintf("(SELECT toUInt32(0) AS resolution, window_end AS pane_start, * FROM rolling_recovery(window_s = %d, step_s = %d, from = '%s', to = '%s') WHERE opened + resolved > 0)", c.window, c.step, from.Format(layout), to.Format(layout))
		n = differences(t, conn, view, "scope_kind = 'all'", reference, []string{"opened", "resolved", "mean_recovery_seconds"}, 1e-9)
		t.Logf("rolling recovery, window %d s, step %d s: %d cells agree", c.window, c.step, n)
	}
}

// feedFiles returns the files of a feed in dir.
func feedFiles(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil || len(files) < 2 {
		t.Fatalf("files of the feed: %v, %v", files, err)
	}
	return files
}

func readTruth(t *testing.T, dir string) *simulate.Truth {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	truth := &simulate.Truth{}
	if err := json.Unmarshal(b, truth); err != nil {
		t.Fatal(err)
	}
	return truth
}

// compareWithTruth compares counts and sums, of all and of each store, with the simulator's counts.
func compareWithTruth(t *testing.T, conn driver.Conn, truth *simulate.Truth) {
	t.Helper()
	type figures struct {
		responses, gradeSum, opened, resolved uint64
		recovery                              float64
	}
	read := func(kind, id string) (f figures) {
		t.Helper()
		if err := conn.QueryRow(t.Context(), "SELECT sum(responses), toUInt64(round(sum(responses * mean_grade))) FROM satisfaction WHERE resolution = 86400 AND scope_kind = ? AND scope_id = ?", kind, id).Scan(&f.responses, &f.gradeSum); err != nil {
			t.Fatal(err)
		}
		if err := conn.QueryRow(t.Context(), "SELECT sum(opened), sum(resolved), ifNull(sum(resolved * mean_recovery_seconds), 0) FROM recovery WHERE resolution = 86400 AND scope_kind = ? AND scope_id = ?", kind, id).Scan(&f.opened, &f.resolved, &f.recovery); err != nil {
			t.Fatal(err)
		}
		return f
	}
	check := func(kind string, s *simulate.Sums) {
		t.Helper()
		got, want := read(kind, s.StoreID), figures{uint64(s.Responses), uint64(s.GradeSum), uint64(s.Opened), uint64(s.Resolved), s.RecoverySeconds}
		// A recovery counts whole seconds, the truth milliseconds.
		if d := want.recovery - got.recovery; d < 0 || d > float64(want.resolved) {
			t.Errorf("%s %q: recovery of %v s in all, the simulator made %v s", kind, s.StoreID, got.recovery, want.recovery)
		}
		got.recovery, want.recovery = 0, 0
		if got != want {
			t.Errorf("%s %q: responses, grades, opened, resolved are %v, the simulator made %v", kind, s.StoreID, got, want)
		}
	}
	check("all", &truth.Overall)
	for i := range truth.Stores {
		check("store", &truth.Stores[i])
	}
	t.Logf("%d stores agree with the simulator", len(truth.Stores))
}
