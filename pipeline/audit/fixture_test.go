package audit

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cespare/xxhash/v2"

	"csatflow/pipeline"
)

// memoryLog is the input topics in memory.
type memoryLog struct {
	records   [][pipeline.Topics][]pipeline.Record // by partition
	first     [][pipeline.Topics]int64
	committed [][pipeline.Topics]int64
	scans     int
}

func newMemoryLog(partitions int) *memoryLog {
	l := &memoryLog{records: make([][pipeline.Topics][]pipeline.Record, partitions), first: make([][pipeline.Topics]int64, partitions)}
	for range partitions {
		l.committed = append(l.committed, pipeline.NoOffsets())
	}
	return l
}

func (l *memoryLog) add(partition int, topic pipeline.Topic, at time.Time, key, value string) {
	list := &l.records[partition][topic]
	*list = append(*list, pipeline.Record{Topic: topic, Offset: int64(len(*list)), Time: at, Key: []byte(key), Value: []byte(value)})
}

func (l *memoryLog) Name(topic pipeline.Topic) string { return "csat." + topic.String() }

func (l *memoryLog) Committed(context.Context) ([][pipeline.Topics]int64, error) {
	return l.committed, nil
}

func (l *memoryLog) Bounds(context.Context) ([][pipeline.Topics]pipeline.Bounds, error) {
	bounds := make([][pipeline.Topics]pipeline.Bounds, len(l.records))
	for p := range bounds {
		for topic := range bounds[p] {
			bounds[p][topic] = pipeline.Bounds{First: l.first[p][topic], End: int64(len(l.records[p][topic]))}
		}
	}
	return bounds, nil
}

func (l *memoryLog) Scan(_ context.Context, topic pipeline.Topic, partition int, from, to int64, each func(*pipeline.Batch) error) error {
	l.scans++
	const size = 7
	for from < to {
		next := min(from+size, to)
		records := slices.Clone(l.records[partition][topic][from:next])
		if err := each(&pipeline.Batch{Records: records, Next: next}); err != nil {
			return err
		}
		from = next
	}
	return nil
}

// row is a stored row by column name.
type row map[string]any

// memoryTables has the rows in memory, by table and key. Of one key, the row with the highest version stays; of equal
// versions, the last.
type memoryTables map[string]map[string]row

func (m memoryTables) write(rows *pipeline.Rows) {
	for i := range rows.Len() {
		r := row{}
		for _, c := range rows.Columns {
			r[c.Name] = reflect.ValueOf(c.Values).Index(i).Interface()
		}
		m.put(rows.Table, r)
	}
}

func (m memoryTables) put(name string, r row) {
	if tableOf(name) < 0 {
		return
	}
	key := keyOf(name, r)
	if m[name] == nil {
		m[name] = map[string]row{}
	}
	if old, has := m[name][key]; has && r["version"] != nil && r["version"].(uint64) < old["version"].(uint64) {
		return
	}
	m[name][key] = r
}

func keyOf(name string, r row) (key string) {
	for _, column := range tables[tableOf(name)].key {
		key += fmt.Sprint(r[column]) + "|"
	}
	return key
}

func (m memoryTables) Rows(_ context.Context, q *Query, each func(*pipeline.Rows) error) error {
	rows := m[q.Schema.Table]
	batch := &pipeline.Rows{Table: q.Schema.Table}
	keys := slices.Sorted(maps.Keys(rows))
	for _, c := range q.Schema.Columns {
		values := reflect.ValueOf(c.Values)
		for _, key := range keys {
			if row := rows[key]; row["partition"] == uint32(q.Partition) && m.selected(q, row) {
				values = reflect.Append(values, reflect.ValueOf(row[c.Name]))
			}
		}
		batch.Columns = append(batch.Columns, pipeline.Column{Name: c.Name, Values: values.Interface()})
	}
	return each(batch)
}

func (m memoryTables) selected(q *Query, r row) bool {
	if offset, has := r["offset"].(int64); has && offset < q.FromOffset {
		return false
	}
	if start, has := r["pane_start"].(time.Time); has && start.Unix() <= q.AfterPane {
		return false
	}
	if q.Share == math.MaxUint64 {
		return true
	}
	for _, name := range q.Customer {
		if id := r[name].(string); id != "" {
			return xxhash.Sum64String(id) <= q.Share
		}
	}
	return xxhash.Sum64String("") <= q.Share
}

func (m memoryTables) Partitions(_ context.Context, tables []string) (list []int, err error) {
	for _, name := range tables {
		for _, row := range m[name] {
			if p := int(row["partition"].(uint32)); !slices.Contains(list, p) {
				list = append(list, p)
			}
		}
	}
	return list, nil
}

func (m memoryTables) HistorySizes(_ context.Context, partition int) (customers, bytes uint64, err error) {
	for _, name := range []string{pipeline.TableCustomerResponses, pipeline.TableCustomerComplaint} {
		for _, row := range m[name] {
			if row["partition"] == uint32(partition) {
				customers++
				bytes += uint64(len(row["history"].(string)))
			}
		}
	}
	return customers, bytes, nil
}

func (m memoryTables) Split(_ context.Context, most int) (total int64, some []SplitCustomer, err error) {
	at := map[[2]string][]int{}
	for _, name := range []string{pipeline.TableCustomerResponses, pipeline.TableCustomerComplaint, pipeline.TableCustomerPurchases} {
		for _, row := range m[name] {
			kind, _ := row["kind"].(string)
			who := [2]string{cmp.Or(kind, "customer"), row["customer_id"].(string)}
			if p := int(row["partition"].(uint32)); !slices.Contains(at[who], p) {
				at[who] = append(at[who], p)
			}
		}
	}
	for who, list := range at {
		if len(list) > 1 {
			slices.Sort(list)
			some = append(some, SplitCustomer{who[0], who[1], list})
		}
	}
	return int64(len(some)), some[:min(len(some), most)], nil
}

// find returns a stored row.
func (m memoryTables) find(t testing.TB, table string, wanted func(row) bool) row {
	t.Helper()
	rows := m[table]
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		if wanted(rows[key]) {
			return rows[key]
		}
	}
	t.Fatalf("%s has no such row", table)
	return nil
}

// memoryLetters is the dead-letter topic in memory.
type memoryLetters struct {
	origins []Origin
	cut     int64
}

func (l *memoryLetters) Each(_ context.Context, each func(Origin) error) (int64, error) {
	for _, o := range l.origins {
		if err := each(o); err != nil {
			return 0, err
		}
	}
	return l.cut, nil
}

// fixture has a log, the tables that a service made of it, and an audit of these.
type fixture struct {
	log     *memoryLog
	tables  memoryTables
	letters *memoryLetters
	options Options
}

// now is the time of audits in tests; events are from the days before.
var now = time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)

func newFixture(t testing.TB, partitions int) *fixture {
	set := pipeline.DefaultSettings()
	set.Partitions = partitions
	return &fixture{log: newMemoryLog(partitions), tables: memoryTables{}, letters: &memoryLetters{},
		options: Options{Settings: set, Group: "csatflow", Sample: 1, Memory: 64 << 20, Limit: 100, TempDir: t.TempDir(), RawDays: 400, Now: now}}
}

// serve makes a service whose task applies the log, topics in turn, with a flush every so many records; each flush commits.
func (w *fixture) serve(partition, every int) *service {
	return &service{w: w, every: every, task: pipeline.NewTask(partition, w.options.Settings, noObserver{})}
}

type service struct {
	w     *fixture
	task  *pipeline.Task
	every int
	n     int
	next  [pipeline.Topics]int64
}

func (s *service) apply(topic pipeline.Topic) bool {
	list := s.w.log.records[s.task.Partition][topic]
	if s.next[topic] >= int64(len(list)) {
		return false
	}
	rec := list[s.next[topic]]
	s.task.Apply(&rec)
	s.next[topic]++
	s.task.EndBatch(&pipeline.Batch{Topic: topic, Records: []pipeline.Record{rec}, Next: s.next[topic]})
	if s.n++; s.n%s.every == 0 {
		s.flush()
	}
	return true
}

// flush writes, and commits.
func (s *service) flush() {
	f := s.task.Flush()
	for _, stage := range f.Stages() {
		for i := range stage {
			s.w.tables.write(&stage[i])
		}
	}
	for _, d := range f.Dead {
		s.w.letters.origins = append(s.w.letters.origins, Origin{true, d.Topic, d.Partition, d.Offset})
	}
	s.w.log.committed[s.task.Partition] = f.Next
}

func (w *fixture) audit(t testing.TB) *Report {
	t.Helper()
	r, err := Run(context.Background(), &w.options, w.log, w.tables, w.letters)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// names lists the differences that the report names, one a line.
func names(r *Report) string {
	var lines []string
	for _, d := range r.Differences {
		line := fmt.Sprintf("%s %s %d", d.Table, d.Finding, d.Partition)
		for _, f := range d.Key {
			line += " " + f.Value
		}
		for _, c := range d.Columns {
			line += fmt.Sprintf("; %s %s not %s", c.Column, c.Stored, c.Computed)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func (w *fixture) mustName(t testing.TB, want ...string) *Report {
	t.Helper()
	r := w.audit(t)
	if got := names(r); got != strings.Join(want, "\n") || r.RowsDiffer != int64(len(want)) || r.Agrees != (len(want) == 0) {
		t.Fatalf("%d rows differ:\n%s\nwant\n%s", r.RowsDiffer, got, strings.Join(want, "\n"))
	}
	return r
}
