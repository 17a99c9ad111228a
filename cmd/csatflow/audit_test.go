package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	kafkago "github.com/segmentio/kafka-go"

	"csatflow/deploy/trial/storetest"
	"csatflow/pipeline/audit"
	"csatflow/sinks/deadletter"
)

// audited runs an audit with a report in JSON.
func audited(t *testing.T, p *deployment, want int, flags ...string) *audit.Report {
	t.Helper()
	args := append([]string{"audit", "--config", p.file, "--format", "json"}, flags...)
	code, out, errs := csatflow(t, nil, args...)
	if code != want {
		t.Fatalf("csatflow %v: exit code %d, want %d\n%s%s", args, code, want, out, errs)
	}
	r := &audit.Report{}
	if err := json.Unmarshal([]byte(out), r); err != nil {
		t.Fatalf("csatflow %v: %v\n%s", args, err, out)
	}
	return r
}

// said lists the differences of a report, one a line.
func said(r *audit.Report) (lines []string) {
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
	return lines
}

// names fails unless a report names these rows and counts no others.
func names(t *testing.T, r *audit.Report, want ...string) {
	t.Helper()
	if got := said(r); !slices.Equal(got, want) || r.RowsDiffer != int64(len(want)) || r.Agrees != (len(want) == 0) {
		t.Errorf("%d rows differ:\n%s\nwant\n%s", r.RowsDiffer, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// query reads one row.
func query(t *testing.T, conn driver.Conn, q string, to ...any) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), q).Scan(to...); err != nil {
		t.Fatalf("%s: %v", q, err)
	}
}

func execute(t *testing.T, conn driver.Conn, statements ...string) {
	t.Helper()
	for _, s := range statements {
		if err := conn.Exec(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// TestAuditNamesExactlyWhatIsNotAsTheLogSays audits the tables of a simulated feed, unchanged and then with one error
// at a time.
func TestAuditNamesExactlyWhatIsNotAsTheLogSays(t *testing.T) {
	t.Parallel()
	kafka, clickhouse := startFakeKafka(t, 8), storetest.ClickHouse(t)
	p := newDeployment(t, kafka, clickhouse, measured+"flush: {interval: 100ms}\n")
	none := newDeployment(t, kafka, clickhouse, "")
	ends(t, exitUsage, []string{"audit", "--config", none.file}, `group "csatflow" has committed nothing`, "csatflow run")

	dir := t.TempDir()
	must(t, "simulate", "--out", dir, "--events", "8000", "--seed", "13", "--customers", "4000", "--duplicates", "0.03", "--late", "0.1", "--bad", "0.004", "--duration", "48h", "--side-topics")
	must(t, append([]string{"send", "--config", p.file}, feedFiles(t, dir)...)...)
	must(t, "run", "--config", p.file, "--until-end")
	truth := readTruth(t, dir)
	conn := p.connect(t)

	whole := audited(t, p, exitDone)
	t.Run("all agrees", func(t *testing.T) {
		names(t, whole)
		sent, bad := truth.Responses.Sent+truth.Complaints.Sent, truth.Responses.Bad+truth.Complaints.Bad
		for _, side := range truth.Side {
			sent, bad = sent+side.Sent, bad+side.Bad
		}
		if whole.Events != sent {
			t.Errorf("%d events, %d were sent", whole.Events, sent)
		}
		if bad == 0 || whole.DeadLetters.Found != bad || whole.DeadLetters.Expected != bad {
			t.Errorf("dead letters %+v, the simulator made %d bad lines", whole.DeadLetters, bad)
		}
		for _, c := range whole.Tables {
			var stored uint64
			query(t, conn, "SELECT count() FROM "+c.Table+" FINAL", &stored)
			if c.Agree != int64(stored) || c.Agree == 0 {
				t.Errorf("%s: %d rows agree, %d are stored", c.Table, c.Agree, stored)
			}
		}
		if len(whole.NotCompared) > 0 {
			t.Errorf("not compared: %v", whole.NotCompared)
		}
	})
	t.Run("the report as text", func(t *testing.T) {
		out := must(t, "audit", "--config", p.file)
		want := fmt.Sprintf("%s rows of 8 partitions agree with %s events up to the committed offsets.\n", audit.Count(whole.RowsAgree), audit.Count(whole.Events))
		if !strings.HasSuffix(out, want) {
			t.Errorf("%s\nwant at its end\n%s", out, want)
		}
	})
	t.Run("little memory takes several passes to the same result", func(t *testing.T) {
		r := audited(t, p, exitDone, "--memory", "256KiB")
		if r.Partitions[0].Passes < 2 {
			t.Errorf("%d passes", r.Partitions[0].Passes)
		}
		if r.RowsAgree != whole.RowsAgree || r.Events != whole.Events || r.DeadLetters != whole.DeadLetters {
			t.Errorf("%d rows agree with %d events, %+v; with more memory %d, %d, %+v", r.RowsAgree, r.Events, r.DeadLetters, whole.RowsAgree, whole.Events, whole.DeadLetters)
		}
	})
	t.Run("a sample", func(t *testing.T) {
		r := audited(t, p, exitDone, "--sample", "0.25")
		if share := float64(r.Tables[2].Agree) / float64(whole.Tables[2].Agree); share < 0.2 || share > 0.3 || r.Tables[0].Agree != 0 || len(r.NotCompared) != 2 || r.DeadLetters.Checked {
			t.Errorf("%v of the histories, %d panes, not compared %v, dead letters %+v", share, r.Tables[0].Agree, r.NotCompared, r.DeadLetters)
		}
		ends(t, exitUsage, []string{"audit", "--config", p.file, "--sample", "1.5"}, "sample", "up to 1")
	})
	t.Run("some partitions", func(t *testing.T) {
		one, rest := audited(t, p, exitDone, "--partitions", "3"), audited(t, p, exitDone, "--partitions", "0,1,2,4,5,6,7")
		if one.RowsAgree == 0 || one.RowsAgree+rest.RowsAgree != whole.RowsAgree || one.Events+rest.Events != whole.Events {
			t.Errorf("%d and %d rows agree, %d in all", one.RowsAgree, rest.RowsAgree, whole.RowsAgree)
		}
		ends(t, exitUsage, []string{"audit", "--config", p.file, "--partitions", "8"}, "no partition 8", "0 to 7")
	})
	t.Run("a report in a file", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "audit.json")
		if out := must(t, "audit", "--config", p.file, "--partitions", "3", "--format", "json", "--output", file); out != "" {
			t.Errorf("it says %q as well", out)
		}
		if b, err := os.ReadFile(file); err != nil || !json.Valid(b) {
			t.Errorf("%v: %s", err, b)
		}
		ends(t, exitUsage, []string{"audit", "--config", p.file, "--output", filepath.Join(t.TempDir(), "absent", "file")}, "--output")
		ends(t, exitUsage, []string{"audit", "--config", p.file, "--temp", filepath.Join(t.TempDir(), "absent")}, "--temp")
	})
	plants(t, p, conn, truth.Responses.Sent)
	t.Run("away", func(t *testing.T) {
		ends(t, exitUnreachable, []string{"audit", "--config", newDeployment(t, nobody(t), clickhouse, "").file}, "dial")
		ends(t, exitUnreachable, []string{"audit", "--config", newDeployment(t, kafka, nobody(t), "").file}, "ClickHouse")
	})
}

// plants makes one error at a time, and repairs it.
func plants(t *testing.T, p *deployment, conn driver.Conn, responses int64) {
	t.Run("one counter of one pane", func(t *testing.T) {
		var partition uint32
		var store string
		var at uint32
		query(t, conn, "SELECT partition, scope_id, toUnixTimestamp(pane_start) FROM satisfaction_panes FINAL WHERE scope_kind = 'store' AND resolution = 3600 AND bitTest(groups, 0) ORDER BY cityHash64(scope_id, pane_start) LIMIT 1", &partition, &store, &at)
		pane := fmt.Sprintf("partition = %d AND scope_kind = 'store' AND scope_id = '%s' AND resolution = 3600 AND toUnixTimestamp(pane_start) = %d AND survey = 'instant' AND brand = ''", partition, store, at)
		var sixes int64
		query(t, conn, "SELECT counters[6] FROM satisfaction_panes FINAL WHERE "+pane, &sixes)
		change := "INSERT INTO satisfaction_panes SELECT * REPLACE (version + %d AS version, arrayMap((c, i) -> if(i = 6, c + %d, c), counters, arrayEnumerate(counters)) AS counters) FROM satisfaction_panes FINAL WHERE " + pane
		execute(t, conn, fmt.Sprintf(change, 0, 1))
		defer execute(t, conn, fmt.Sprintf(change, 1, -1))
		want, only := fmt.Sprintf("satisfaction_panes differs %d 3600 %s store %s instant ; grades[5] %d not %d", partition, utc(at), store, sixes+1, sixes), strconv.Itoa(int(partition))
		names(t, audited(t, p, exitNo, "--partitions", only), want)
		names(t, audited(t, p, exitNo, "--partitions", only, "--memory", "256KiB"), want)
		audited(t, p, exitDone, "--partitions", only, "--sample", "0.5")
		code, out, _ := csatflow(t, nil, "audit", "--config", p.file)
		if code != exitNo || !strings.Contains(out, "scope_id "+store) || !strings.Contains(out, fmt.Sprintf("grades[5]: stored %d, computed %d", sixes+1, sixes)) || !regexp.MustCompile(`(?m)^1 row differs, and [0-9,]+ rows of 8 partitions agree with`).MatchString(out) {
			t.Errorf("exit code %d\n%s", code, out)
		}
	})
	t.Run("one bucket of one pane", func(t *testing.T) {
		var partition, resolution, at uint32
		var bucket int16
		var count int64
		query(t, conn, "SELECT partition, resolution, toUnixTimestamp(pane_start), buckets[1], bucket_counts[1] FROM recovery_panes FINAL WHERE scope_kind = 'all' AND notEmpty(buckets) ORDER BY cityHash64(pane_start) LIMIT 1", &partition, &resolution, &at, &bucket, &count)
		pane := fmt.Sprintf("partition = %d AND scope_kind = 'all' AND resolution = %d AND toUnixTimestamp(pane_start) = %d", partition, resolution, at)
		change := "INSERT INTO recovery_panes SELECT * REPLACE (version + 1 AS version, arrayMap((b, i) -> if(i = 1, toInt16(b + %d), b), buckets, arrayEnumerate(buckets)) AS buckets) FROM recovery_panes FINAL WHERE " + pane
		execute(t, conn, fmt.Sprintf(change, -1000))
		defer execute(t, conn, fmt.Sprintf(change, 1000))
		list := []string{fmt.Sprintf("buckets[%d] %d not 0", bucket-1000, count), fmt.Sprintf("buckets[%d] 0 not %d", bucket, count)}
		slices.Sort(list)
		names(t, audited(t, p, exitNo, "--partitions", strconv.Itoa(int(partition))), fmt.Sprintf("recovery_panes differs %d %d %s all ; %s", partition, resolution, utc(at), strings.Join(list, "; ")))
	})
	t.Run("a lost customer", func(t *testing.T) {
		var partition uint32
		var id string
		query(t, conn, "SELECT partition, customer_id FROM customer_responses FINAL WHERE kind = 'customer' ORDER BY cityHash64(customer_id) LIMIT 1", &partition, &id)
		for _, table := range []string{"customer_responses", "churn"} {
			row := fmt.Sprintf("partition = %d AND customer_id = '%s'", partition, id)
			execute(t, conn, "CREATE TABLE kept AS "+table, "INSERT INTO kept SELECT * FROM "+table+" FINAL WHERE "+row, "ALTER TABLE "+table+" DELETE WHERE "+row+" SETTINGS mutations_sync = 2")
			want := fmt.Sprintf("%s missing %d %s", table, partition, id)
			if table == "customer_responses" {
				want = fmt.Sprintf("%s missing %d customer %s", table, partition, id)
			}
			names(t, audited(t, p, exitNo, "--partitions", strconv.Itoa(int(partition))), want)
			execute(t, conn, "INSERT INTO "+table+" SELECT * FROM kept", "DROP TABLE kept SYNC")
		}
	})
	t.Run("a customer's rows in a second partition", func(t *testing.T) {
		var partition uint32
		var id string
		query(t, conn, "SELECT partition, customer_id FROM churn FINAL ORDER BY cityHash64(customer_id) LIMIT 1", &partition, &id)
		for table, key := range map[string]string{"customer_responses": " customer", "churn": ""} {
			for _, other := range []uint32{(partition + 1) % 8, 11} {
				execute(t, conn, fmt.Sprintf("INSERT INTO %[1]s SELECT * REPLACE (%[2]d AS partition, bitShiftLeft(toUInt64(1), 48) + 1 AS version) FROM %[3]s FINAL WHERE %[3]s.partition = %[4]d AND customer_id = '%[5]s'", table, other, table, partition, id))
				if table == "customer_responses" { // the other log must have its mark
					execute(t, conn, fmt.Sprintf("INSERT INTO %s SELECT * REPLACE (0 AS mark) FROM %s FINAL WHERE partition = %d AND customer_id = '%s'", table, table, other, id))
				}
				var flags []string
				if other < 8 {
					flags = []string{"--partitions", fmt.Sprintf("%d,%d", partition, other)}
				}
				r := audited(t, p, exitNo, flags...)
				if other == 11 {
					for i := range r.Differences {
						r.Differences[i].Columns = nil // there is no log for the mark
					}
				}
				names(t, r, fmt.Sprintf("%s unexplained %d%s %s", table, other, key, id))
				execute(t, conn, fmt.Sprintf("ALTER TABLE %s DELETE WHERE partition = %d AND customer_id = '%s' SETTINGS mutations_sync = 2", table, other, id))
			}
		}
	})
	t.Run("events of offsets that do not exist", func(t *testing.T) {
		for _, offset := range []int64{responses + 1000, -5} {
			execute(t, conn, fmt.Sprintf("INSERT INTO responses SELECT * REPLACE (%d AS offset) FROM responses FINAL WHERE partition = 4 LIMIT 1", offset))
			names(t, audited(t, p, exitNo, "--partitions", "4"), "responses unexplained 4 "+strconv.FormatInt(offset, 10))
			execute(t, conn, fmt.Sprintf("ALTER TABLE responses DELETE WHERE partition = 4 AND offset = %d SETTINGS mutations_sync = 2", offset))
		}
	})
	t.Run("an event that was changed", func(t *testing.T) {
		var offset int64
		query(t, conn, "SELECT offset FROM complaint_events FINAL WHERE partition = 2 ORDER BY offset LIMIT 1 OFFSET 3", &offset)
		change := fmt.Sprintf("INSERT INTO complaint_events SELECT * REPLACE (%%s AS comment) FROM complaint_events FINAL WHERE partition = 2 AND offset = %d", offset)
		var before string
		query(t, conn, fmt.Sprintf("SELECT comment FROM complaint_events FINAL WHERE partition = 2 AND offset = %d", offset), &before)
		execute(t, conn, fmt.Sprintf(change, "concat('x', comment)"))
		names(t, audited(t, p, exitNo, "--partitions", "1,2"), fmt.Sprintf("complaint_events differs 2 %d; comment x%s not %s", offset, before, before))
		execute(t, conn, fmt.Sprintf(change, "substring(comment, 2)"))
	})
	t.Run("a mark beyond the log", func(t *testing.T) {
		var partition uint32
		var id string
		var mark int64
		query(t, conn, "SELECT partition, customer_id, mark FROM customer_complaints FINAL ORDER BY cityHash64(customer_id) LIMIT 1", &partition, &id, &mark)
		row := fmt.Sprintf("FROM customer_complaints FINAL WHERE partition = %d AND customer_id = '%s'", partition, id)
		execute(t, conn, "INSERT INTO customer_complaints SELECT * REPLACE (version + 1 AS version, 1000000 AS mark) "+row)
		r := audited(t, p, exitNo, "--partitions", strconv.Itoa(int(partition)))
		if len(r.Differences) != 1 || len(r.Differences[0].Columns) != 1 || r.Differences[0].Columns[0].Column != "mark" || r.RowsDiffer != 1 {
			t.Errorf("%v", said(r))
		}
		execute(t, conn, fmt.Sprintf("INSERT INTO customer_complaints SELECT * REPLACE (version + 1 AS version, %d AS mark) ", mark)+row)
	})
	t.Run("many at once are all counted and some named of each table", func(t *testing.T) {
		execute(t, conn, "CREATE TABLE kept AS complaints", "INSERT INTO kept SELECT * FROM complaints FINAL", "TRUNCATE TABLE complaints SYNC")
		defer execute(t, conn, "INSERT INTO complaints SELECT * FROM kept", "DROP TABLE kept SYNC")
		var n uint64
		query(t, conn, "SELECT count() FROM kept WHERE partition = 5", &n)
		r := audited(t, p, exitNo, "--limit", "7", "--partitions", "5")
		if len(r.Differences) != 7 || r.RowsDiffer != int64(n) || r.Tables[4].Differ != int64(n) {
			t.Errorf("%d named, %d counted, %d are missing", len(r.Differences), r.RowsDiffer, n)
		}
	})
	t.Run("another promise", func(t *testing.T) {
		text, err := os.ReadFile(p.file)
		if err != nil {
			t.Fatal(err)
		}
		other := *p
		changed := strings.Replace(string(text), "promise_by_category: {price: 48h}", "promise_by_category: {price: 47h}", 1)
		other.file = file(t, "csatflow.yaml", changed)
		refused(t, []string{`measures.promise_by_category is "price: 47h0m0s", and the rows were made with "price: 48h0m0s"`}, "audit", "--config", other.file)
	})
	t.Run("dead letters", func(t *testing.T) { deadLetterPlants(t, p) })
	t.Run("all is mended", func(t *testing.T) { names(t, audited(t, p, exitDone)) })
}

func utc(unix uint32) string {
	return time.Unix(int64(unix), 0).UTC().Format(time.RFC3339)
}

// deadLetterPlants audits with an empty dead-letter topic, and with one letter too many.
func deadLetterPlants(t *testing.T, p *deployment) {
	text, err := os.ReadFile(p.file)
	if err != nil {
		t.Fatal(err)
	}
	with := func(topic string) *deployment {
		other := *p
		other.file = file(t, "csatflow.yaml", strings.Replace(string(text), "kafka: {", "kafka: {topics: {deadletter: "+topic+"}, ", 1))
		return &other
	}
	none := audited(t, with("absent"), exitDone, "--partitions", "0")
	if none.DeadLetters.Checked || !strings.Contains(none.DeadLetters.Reason, "no topic absent") {
		t.Errorf("without the topic: %+v", none.DeadLetters)
	}
	empty := with("empty")
	must(t, "migrate", "--config", empty.file, "--topics")
	letters := p.deadLetters(t)
	var want []string
	for _, m := range letters {
		want = append(want, fmt.Sprintf("dead_letters missing %s %s %s", header(m, deadletter.HeaderPartition), header(m, deadletter.HeaderTopic), header(m, deadletter.HeaderOffset)))
	}
	r := audited(t, empty, exitNo, "--limit", "1000")
	got := said(r)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) || r.DeadLetters.Missing != int64(len(letters)) {
		t.Errorf("%v missing, want %v", got, want)
	}

	all := with("letters")
	must(t, "migrate", "--config", all.file, "--topics")
	again := letters[0]
	again.Headers = slices.Clone(again.Headers)
	good := letters[0]
	good.Headers = nil
	offset := goodOffset(letters)
	for _, h := range letters[0].Headers {
		switch h.Key {
		case deadletter.HeaderTopic:
			h.Value = []byte("csat.responses")
		case deadletter.HeaderPartition:
			h.Value = []byte("0")
		case deadletter.HeaderOffset:
			h.Value = []byte(strconv.FormatInt(offset, 10))
		}
		good.Headers = append(good.Headers, h)
	}
	foreign := kafkago.Message{Key: []byte("k"), Value: []byte("v")}
	w := &kafkago.Writer{Addr: kafkago.TCP(p.kafka), Topic: "letters", BatchTimeout: time.Millisecond}
	defer w.Close()
	var messages []kafkago.Message
	for _, m := range append(letters, again, good, foreign) {
		messages = append(messages, kafkago.Message{Key: m.Key, Value: m.Value, Headers: m.Headers})
	}
	if err := w.WriteMessages(t.Context(), messages...); err != nil {
		t.Fatal(err)
	}
	r = audited(t, all, exitNo)
	names(t, r, fmt.Sprintf("dead_letters unexplained 0 csat.responses %d", offset))
	if r.DeadLetters.Repeated != 1 || r.DeadLetters.Foreign != 1 || r.DeadLetters.Found != int64(len(letters)) {
		t.Errorf("%+v", r.DeadLetters)
	}
}

// goodOffset is an offset of partition 0 of the responses without a dead letter.
func goodOffset(letters []kafkago.Message) int64 {
	bad := map[string]bool{}
	for _, m := range letters {
		if header(m, deadletter.HeaderTopic) == "csat.responses" && header(m, deadletter.HeaderPartition) == "0" {
			bad[header(m, deadletter.HeaderOffset)] = true
		}
	}
	for at := int64(10); ; at++ {
		if !bad[strconv.FormatInt(at, 10)] {
			return at
		}
	}
}

// TestAnAuditWithoutATopicWhoseEventsTheTablesHaveIsRefused: what follows from two topics would all seem to differ.
func TestAnAuditWithoutATopicWhoseEventsTheTablesHaveIsRefused(t *testing.T) {
	t.Parallel()
	p := newDeployment(t, startFakeKafka(t, 2), storetest.ClickHouse(t), "")
	must(t, "migrate", "--config", p.file)
	dir := t.TempDir()
	must(t, "simulate", "--out", dir, "--events", "300", "--side-topics")
	must(t, "send", "--config", p.file, dir+"/responses.jsonl", dir+"/purchases.jsonl")
	must(t, "run", "--config", p.file, "--until-end")
	must(t, "audit", "--config", p.file)
	without := p.with(t, "kafka: {", "kafka: {topics: {purchases: ''}, ")
	code, out, errs := csatflow(t, nil, "audit", "--config", without.file)
	if code != exitUsage || !strings.Contains(errs, "kafka.topics.purchases is empty") || !strings.Contains(errs, "CSATFLOW_KAFKA_TOPICS_PURCHASES=csat.purchases") {
		t.Errorf("exit code %d, %s%s", code, out, errs)
	}
}
