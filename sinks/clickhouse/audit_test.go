package clickhouse_test

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"
	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"csatflow/pipeline"
	"csatflow/pipeline/audit"
	"csatflow/pipeline/pipelinetest"
)

// readBack reads all rows that a query selects, column by column.
func readBack(t *testing.T, s audit.Tables, q *audit.Query) *pipeline.Rows {
	t.Helper()
	all := pipeline.Rows{Table: q.Schema.Table}
	for _, c := range q.Schema.Columns {
		all.Columns = append(all.Columns, pipeline.Column{Name: c.Name, Values: reflect.MakeSlice(reflect.TypeOf(c.Values), 0, 0).Interface()})
	}
	err := s.Rows(t.Context(), q, func(rows *pipeline.Rows) error {
		for i, c := range rows.Columns {
			for row := range rows.Len() {
				value := reflect.ValueOf(c.Values).Index(row)
				if value.Kind() == reflect.Slice && value.Len() > 0 { // the batch's memory is reused
					value = reflect.AppendSlice(reflect.MakeSlice(value.Type(), 0, 0), value)
				}
				all.Columns[i].Values = reflect.Append(reflect.ValueOf(all.Columns[i].Values), value).Interface()
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", q.Schema.Table, err)
	}
	return &all
}

func everything(rows *pipeline.Rows, partition int) *audit.Query {
	return &audit.Query{Schema: rows, Partition: partition, Share: math.MaxUint64, FromOffset: math.MinInt64, AfterPane: math.MinInt64}
}

func TestAnAuditReadsBackEveryColumnAsItWasWritten(t *testing.T) {
	s := opened(t)
	task := pipeline.NewTask(3, pipeline.DefaultSettings(), pipelinetest.NoObserver{})
	at := time.Date(2026, 3, 1, 10, 0, 0, 123e6, time.UTC)
	for offset, value := range []string{
		`{"event_id":"1","occurred_at":"2026-03-01T10:00:00.5Z","customer_id":"c1","grade":2,"expectation":5,"performance":3,"store_id":"s\t'1","source":"pos","emotion":"angry","equity":-2,"comment":"zum Beispiel: \\ \" ü"}`,
		`{"event_id":"2","occurred_at":"2026-03-02T10:00:00Z","customer_id":"c1","grade":7}`,
	} {
		task.Apply(&pipeline.Record{Topic: pipeline.Responses, Offset: int64(offset), Time: at, Key: []byte("c1"), Value: []byte(value)})
	}
	for offset, value := range []string{
		`{"event_id":"k1","occurred_at":"2026-03-01T11:00:00Z","customer_id":"c1","complaint_id":"K1","step":"opened","category":"product"}`,
		`{"event_id":"k2","occurred_at":"2026-03-01T12:00:00Z","customer_id":"c1","complaint_id":"K1","step":"resolved","outcome_fairness":5}`,
	} {
		task.Apply(&pipeline.Record{Topic: pipeline.Complaints, Offset: int64(offset), Time: at, Key: []byte("c1"), Value: []byte(value)})
	}
	f := task.Flush()
	if len(f.Dead) > 0 {
		t.Fatalf("diverted: %s: %s", f.Dead[0].Field, f.Dead[0].Reason)
	}
	var tables []string
	for _, stage := range f.Stages() {
		if err := s.Write(t.Context(), stage); err != nil {
			t.Fatal(err)
		}
		for i := range stage {
			rows := &stage[i]
			tables = append(tables, rows.Table)
			if rows.Table == pipeline.TablePositions { // its first row and the next have one key
				continue
			}
			got := readBack(t, s, everything(rows, 3))
			if d := gocmp.Diff(sorted(rows), sorted(got), cmpopts.EquateEmpty()); d != "" {
				t.Errorf("%s (-written +read):\n%s", rows.Table, d)
			}
			if n := readBack(t, s, everything(rows, 4)).Len(); n != 0 {
				t.Errorf("%s: %d rows of another partition", rows.Table, n)
			}
			if column(rows, "customer_id") {
				q := everything(rows, 3)
				q.Customer = []string{"customer_id"}
				q.Share = xxhash.Sum64String("c1")
				within := readBack(t, s, q).Len()
				q.Share--
				if beyond := readBack(t, s, q).Len(); within != rows.Len() || beyond != 0 {
					t.Errorf("%s: %d rows of the sample and %d beyond it, %d are there", rows.Table, within, beyond, rows.Len())
				}
			}
			q := everything(rows, 3)
			switch {
			case column(rows, "offset"):
				q.FromOffset = 1
				if n := readBack(t, s, q).Len(); n != 1 {
					t.Errorf("%s: %d rows from offset 1 on, there is 1", rows.Table, n)
				}
			case column(rows, "pane_start"):
				q.AfterPane = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC).Unix()
				if n := readBack(t, s, q).Len(); n == 0 != (rows.Table == pipeline.TableRecoveryPanes) || n >= rows.Len() {
					t.Errorf("%s: %d rows of %d after a day", rows.Table, n, rows.Len())
				}
			}
		}
	}
	if list, err := s.Partitions(t.Context(), tables); err != nil || !slices.Equal(list, []int{3}) {
		t.Errorf("partitions %v, %v", list, err)
	}
	if customers, bytes, err := s.HistorySizes(t.Context(), 3); err != nil || customers != 1 || bytes < 20 {
		t.Errorf("%d customers, %d bytes, %v", customers, bytes, err)
	}
}

func column(rows *pipeline.Rows, name string) bool {
	return slices.ContainsFunc(rows.Columns, func(c pipeline.Column) bool { return c.Name == name })
}

// sorted returns rows one by one, in an order that does not depend on the columns' slices.
func sorted(rows *pipeline.Rows) []map[string]any {
	list := make([]map[string]any, rows.Len())
	for i := range list {
		list[i] = map[string]any{}
		for _, c := range rows.Columns {
			list[i][c.Name] = reflect.ValueOf(c.Values).Index(i).Interface()
		}
	}
	slices.SortFunc(list, func(a, b map[string]any) int { return cmp.Compare(keyText(a), keyText(b)) })
	return list
}

// keyText tells the rows of one table and partition apart.
func keyText(r map[string]any) string {
	return fmt.Sprint(r["offset"], r["resolution"], r["pane_start"], r["scope_kind"], r["scope_id"], r["survey"], r["kind"], r["customer_id"], r["moment_id"])
}
