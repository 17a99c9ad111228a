package clickhouse_test

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"csatflow/deploy/trial/storetest"
	"csatflow/pipeline"
	"csatflow/pipeline/pane"
	"csatflow/pipeline/pipelinetest"
	"csatflow/pipeline/rows"
	"csatflow/schemas"
	"csatflow/sinks/clickhouse"
)

// viewed is opened for a test of what views say: the engine computes it, and the race detector finds nothing there but time.
func viewed(t *testing.T) *clickhouse.Store {
	t.Helper()
	if raced {
		t.Skip("views are computed by the engine")
	}
	return opened(t)
}

// opened starts the embedded ClickHouse, or takes the user's own, and makes a database.
func opened(t *testing.T) *clickhouse.Store {
	t.Helper()
	address := storetest.ClickHouse(t)
	database := storetest.Database(address)
	s, err := clickhouse.Open(clickhouse.Config{Address: []string{address}, Database: database})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	migrated(t, s, database)
	return s
}

func migrated(t *testing.T, s *clickhouse.Store, database string) (steps []string) {
	t.Helper()
	m := clickhouse.Model(database, pipeline.DefaultSettings(), 400, schemas.DefaultRaterWeights, clickhouse.DefaultCompany())
	if err := s.Migrate(t.Context(), m, func(step string) { steps = append(steps, step) }); err != nil {
		t.Fatal(err)
	}
	if pending, err := s.Pending(t.Context()); err != nil || len(pending) != 0 {
		t.Fatalf("after Migrate %v wait (%v)", pending, err)
	}
	return steps
}

// some makes a few events of two customers and a terminal, in order of arrival.
func some(from, to int) (list []pipeline.Record) {
	for i := from; i < to; i++ {
		at := time.Date(2026, 3, 1, 10, i, 0, 0, time.UTC).Format(time.RFC3339)
		c := fmt.Sprintf("客户-%d", i%2)
		r := pipeline.Record{Topic: pipeline.Topic(i % 2), Offset: int64(i / 2), Time: time.Unix(1_800_000_000, 0), Key: []byte(c)}
		switch {
		case i%10 == 2:
			r.Key, r.Value = []byte("t1"), fmt.Appendf(nil, `{"event_id":"e%d","occurred_at":%q,"terminal_id":"t1","grade":%d}`, i, at, 1+i%7)
		case r.Topic == pipeline.Responses:
			r.Value = fmt.Appendf(nil, `{"event_id":"e%d","occurred_at":%q,"customer_id":%q,"grade":%d,"store_id":"s1","rater":{"empathy":3}}`, i, at, c, 1+i%7)
		default:
			r.Value = fmt.Appendf(nil, `{"event_id":"e%d","occurred_at":%q,"customer_id":%q,"complaint_id":"k%d","step":%q,"store_id":"s1"}`, i, at, c, i/8, []string{"opened", "contacted", "resolved", "reopened"}[i/2%4])
		}
		list = append(list, r)
		if i%5 == 0 {
			list = append(list, pipeline.Record{Topic: pipeline.Purchases, Offset: int64(i / 5), Time: r.Time, Key: []byte(c),
				Value: fmt.Appendf(nil, `{"event_id":"p%d","occurred_at":%q,"customer_id":%q,"amount":%d.25}`, i, at, c, i)})
		}
	}
	return list
}

func apply(t *testing.T, task *pipeline.Task, list []pipeline.Record) {
	t.Helper()
	for i := range list {
		task.Apply(&list[i])
	}
}

// rowsOf returns the rows of a flush as sorted text, by table.
func rowsOf(f *pipeline.Flush) map[string][]string {
	all := map[string][]string{}
	for _, stage := range f.Stages() {
		for _, rows := range stage {
			for i := range rows.Len() {
				var text strings.Builder
				for _, c := range rows.Columns {
					v := reflect.ValueOf(c.Values).Index(i)
					if v.Kind() == reflect.Pointer && !v.IsNil() {
						v = v.Elem()
					}
					fmt.Fprintf(&text, "%s=%v ", c.Name, v.Interface())
				}
				all[rows.Table] = append(all[rows.Table], text.String())
			}
			slices.Sort(all[rows.Table])
		}
	}
	return all
}

func save(t *testing.T, s *clickhouse.Store, f *pipeline.Flush) {
	t.Helper()
	for _, stage := range f.Stages() {
		if err := s.Write(t.Context(), stage); err != nil {
			t.Fatal(err)
		}
	}
}

func TestARestoredTaskFlushesWhatOneThatWasNeverStoppedFlushes(t *testing.T) {
	s := opened(t)
	never := pipeline.NewTask(2, pipeline.DefaultSettings(), pipelinetest.NoObserver{})
	apply(t, never, some(0, 40))
	save(t, s, never.Flush())

	restored := pipeline.NewTask(2, pipeline.DefaultSettings(), pipelinetest.NoObserver{})
	if err := restored.Restore(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	restored.Seek(pipeline.Responses, 20)
	restored.Seek(pipeline.Complaints, 20)
	restored.Seek(pipeline.Purchases, 8)
	if restored.Customers() != 3 || restored.Customers() != never.Customers() || restored.Panes() != never.Panes() || restored.Marks() != [pipeline.Topics]int64{pipeline.Responses: 19, pipeline.Complaints: 19, pipeline.Purchases: 7, pipeline.Observations: -1, pipeline.Departures: -1, pipeline.Asked: -1} {
		t.Errorf("restored %d customers, %d panes up to %v; there were %d and %d", restored.Customers(), restored.Panes(), restored.Marks(), never.Customers(), never.Panes())
	}
	apply(t, never, some(40, 60))
	apply(t, restored, some(40, 60))
	want := rowsOf(never.Flush())
	if len(want[pipeline.TableSatisfactionPanes]) == 0 || len(want[pipeline.TableCustomerComplaint]) == 0 || len(want[pipeline.TableCustomerPurchases]) == 0 {
		t.Fatalf("nothing to compare: %v", want)
	}
	if d := cmp.Diff(want, rowsOf(restored.Flush())); d != "" {
		t.Errorf("(-never stopped, +restored):\n%s", d)
	}
	empty := pipeline.NewTask(3, pipeline.DefaultSettings(), pipelinetest.NoObserver{})
	if err := empty.Restore(t.Context(), s); err != nil || empty.Customers() != 0 || empty.Panes() != 0 {
		t.Errorf("another partition has %d customers, %d panes (%v)", empty.Customers(), empty.Panes(), err)
	}
	if older, err := s.OlderLogic(t.Context(), 2); err != nil || older {
		t.Errorf("rows of this release are taken for an older one's (%v)", err)
	}
}

func TestMigratingAgainKeepsEveryRow(t *testing.T) {
	s := opened(t)
	task := pipeline.NewTask(0, pipeline.DefaultSettings(), pipelinetest.NoObserver{})
	apply(t, task, some(0, 20))
	save(t, s, task.Flush())
	database := s.Database()
	count := func() (n uint64) {
		t.Helper()
		for _, table := range []string{pipeline.TableResponses, pipeline.TableSatisfactionPanes, pipeline.TableCustomerResponses, pipeline.TableChurn} {
			var rows uint64
			if err := s.Conn().QueryRow(t.Context(), "SELECT count() FROM "+database+"."+table+" FINAL").Scan(&rows); err != nil || rows == 0 {
				t.Fatalf("%s: %d rows, %v", table, rows, err)
			}
			n += rows
		}
		return n
	}
	before := count()
	for _, step := range migrated(t, s, database) {
		if strings.HasPrefix(step, "tables") {
			t.Errorf("a second Migrate ran %s", step)
		}
	}
	if after := count(); after != before {
		t.Errorf("%d rows before, %d after", before, after)
	}
}

func TestPanesAreReadByNameEvenWhenTheirNamesAreLong(t *testing.T) {
	s := opened(t)
	start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	name := func(i int) string { return fmt.Sprintf("%04d", i) + strings.Repeat("店", 252) }
	const n = 3000
	ids := make([]pipeline.PaneID, 0, 2*n)
	var resolution, partition, groups []uint32
	var starts []time.Time
	var kinds, scopes, surveys, brands []string
	var marks []int64
	var versions []uint64
	var counters [][]int64
	for i := range n {
		scope := name(i) + []string{"", `'`, `\`, "*"}[i%4]
		ids = append(ids, pipeline.PaneID{Resolution: 86400, Start: start.Unix(), Series: pane.Series{ScopeKind: "store", ScopeID: scope, Survey: "instant"}})
		resolution, starts, kinds, scopes = append(resolution, 86400), append(starts, start), append(kinds, "store"), append(scopes, scope)
		partition, marks, versions, groups = append(partition, 1), append(marks, int64(i)), append(versions, rows.MinVersion()+uint64(i)), append(groups, 1)
		counters, surveys, brands = append(counters, []int64{int64(i), 0, -1, 256, math.MinInt64, math.MaxInt64, int64(i) << 40}), append(surveys, "instant"), append(brands, "")
	}
	rows := pipeline.Rows{Table: pipeline.TableSatisfactionPanes, Columns: []pipeline.Column{{Name: "resolution", Values: resolution}, {Name: "pane_start", Values: starts}, {Name: "scope_kind", Values: kinds}, {Name: "scope_id", Values: scopes},
		{Name: "partition", Values: partition}, {Name: "mark", Values: marks}, {Name: "version", Values: versions}, {Name: "groups", Values: groups}, {Name: "counters", Values: counters}, {Name: "survey", Values: surveys}, {Name: "brand", Values: brands}}}
	if err := s.Write(t.Context(), []pipeline.Rows{rows}); err != nil {
		t.Fatal(err)
	}
	absent := ids[0]
	absent.ScopeID = "absent"
	found := map[pipeline.PaneID]int64{}
	collect := func(r pipeline.PaneRow) error {
		v := r.Counters[0]
		if !slices.Equal(r.Counters, counters[v]) {
			t.Errorf("counters came back as %v, want %v", r.Counters, counters[v])
		}
		found[r.PaneID] = v
		return nil
	}
	if err := s.PanesAt(t.Context(), 1, pipeline.Responses, append(ids, absent), collect); err != nil {
		t.Fatal(err)
	}
	for i, id := range ids {
		if v, ok := found[id]; !ok || v != int64(i) {
			t.Fatalf("pane %d came back as %d, %t", i, v, ok)
		}
	}
	if len(found) != n {
		t.Errorf("%d panes came back, want %d", len(found), n)
	}
	clear(found)
	left, err := s.Panes(t.Context(), 1, pipeline.Responses, 2*n, collect)
	if err != nil || left != 0 || len(found) != n {
		t.Errorf("all panes: %d, left out before %d, %v", len(found), left, err)
	}
}

func TestWhatNoFurtherTryMendsIsFinalAndAServerThatIsAwayIsNot(t *testing.T) {
	s := opened(t)
	var final *pipeline.FinalError
	none := pipeline.Rows{Table: "no_such_table", Columns: []pipeline.Column{{Name: "a", Values: []uint32{1}}}}
	if err := s.Write(t.Context(), []pipeline.Rows{none}); !errors.As(err, &final) || !strings.Contains(err.Error(), "no_such_table") || !strings.Contains(err.Error(), "csatflow migrate") {
		t.Errorf("a table that is not there: %v", err)
	}
	other := pipeline.Rows{Table: pipeline.TableChurn, Columns: []pipeline.Column{{Name: "no_such_column", Values: []uint32{1}}}}
	if err := s.Write(t.Context(), []pipeline.Rows{other}); !errors.As(err, &final) {
		t.Errorf("a column that is not there: %v", err)
	}
	away, err := clickhouse.Open(clickhouse.Config{Address: []string{"127.0.0.1:1"}, Database: "csat"})
	if err != nil {
		t.Fatal(err)
	}
	defer away.Close()
	final = nil
	if err := away.Write(t.Context(), []pipeline.Rows{none}); err == nil || errors.As(err, &final) {
		t.Errorf("a server that is away: %v", err)
	}
	if err := away.Scores(t.Context(), 0, func(pipeline.ScoreRow) error { return nil }); err == nil || errors.As(err, &final) {
		t.Errorf("reading from a server that is away: %v", err)
	}
	if _, err := away.Ping(t.Context()); err == nil {
		t.Error("a server that is away answers")
	}
}

func TestSettingsThatCannotBeAreToldWithTheirKey(t *testing.T) {
	for word, c := range map[string]clickhouse.Config{
		"clickhouse.compression": {Compression: "gzip"},
		"clickhouse.ca_file":     {TLS: true, CAFile: "absent.pem"},
	} {
		c.Address = []string{"127.0.0.1:1"}
		if _, err := clickhouse.Open(c); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
