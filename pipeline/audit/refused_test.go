package audit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"csatflow/pipeline"
	"csatflow/pipeline/rows"
)

func TestRowsOfAnOlderLogicAreCountedAndOfANewerOneRefused(t *testing.T) {
	w := served(t)
	at := w.tables.find(t, pipeline.TableChurn, anyRow)
	w.plant(pipeline.TableChurn, at, row{"customer_id": "someone", "version": rows.MinVersion() - 1})
	if r := w.mustName(t); r.Tables[tableOf(pipeline.TableChurn)].OlderLogic != 1 {
		t.Errorf("%+v", r.Tables)
	}
	w.plant(pipeline.TableChurn, at, row{"version": uint64(rows.LogicVersion+1) << numberBits})
	w.refuses(t, "newer release")
}

func TestPanesOfAnotherConfigurationsScopesAreCounted(t *testing.T) {
	w := served(t)
	at := w.tables.find(t, pipeline.TableSatisfactionPanes, anyRow)
	w.plant(pipeline.TableSatisfactionPanes, at, row{"scope_kind": "store*source", "scope_id": "s1*pos"})
	if r := w.mustName(t); r.Tables[tableOf(pipeline.TableSatisfactionPanes)].OtherScope != 1 {
		t.Errorf("%+v", r.Tables)
	}
}

func (w *fixture) refuses(t *testing.T, words string) {
	t.Helper()
	_, err := Run(context.Background(), &w.options, w.log, w.tables, w.letters)
	var refusal *RefusalError
	if !errors.As(err, &refusal) || !strings.Contains(err.Error(), words) {
		t.Errorf("%v, want a refusal that says %q", err, words)
	}
}

func TestWhatCannotBeAuditedIsRefused(t *testing.T) {
	w := served(t)
	w.options.Sample = 0
	w.refuses(t, "above 0")
	w = served(t)
	w.options.Partitions = []int{4}
	w.refuses(t, "no partition 4")
	w = served(t)
	w.log.committed[0][pipeline.Complaints] = 1 << 40
	w.refuses(t, "made anew")
	w = served(t)
	w.log.committed[0] = pipeline.NoOffsets()
	w.refuses(t, "committed nothing")
}

func TestLettersBeyondTheAuditAreNoDifference(t *testing.T) {
	w := served(t)
	w.letters.origins = append(w.letters.origins, Origin{}, Origin{true, pipeline.Responses, 0, 1 << 30}, Origin{true, pipeline.Responses, 7, 0}, w.letters.origins[0])
	r := w.mustName(t)
	if d := r.DeadLetters; d.Foreign != 1 || d.Outside != 2 || d.Repeated != 1 {
		t.Errorf("%+v", d)
	}
	lost := w.letters.origins[0]
	w.letters.origins = w.letters.origins[1 : len(w.letters.origins)-1]
	w.mustName(t, fmt.Sprintf("dead_letters missing 0 csat.%s %d", lost.Topic, lost.Offset))
	w.letters.cut = 3
	if r := w.mustName(t); r.DeadLetters.Expired != 1 {
		t.Errorf("%+v", r.DeadLetters)
	}
}

func TestTheReportAsText(t *testing.T) {
	r := &Report{Sample: 0.01, RowsAgree: 12345678, RowsDiffer: 3, Events: 2060000,
		Tables:      []TableReport{{Table: "churn", Differ: 3, Ahead: 1, LeftHistory: 2}},
		Partitions:  []PartitionReport{{InTopics: true, Topics: []TopicReport{{Topic: "csat.responses", Committed: -1, End: 4}}}, {Partition: 1, InTopics: true}},
		DeadLetters: DeadLetterReport{Checked: true, Expected: 4, Found: 3, Missing: 1},
		NotCompared: []Exclusion{{"moments", 1, "the log is cut"}, {"churn", 1, "the log is cut"}},
		Differences: []Difference{{Table: "churn", Partition: 1, Finding: Differs, Key: []Field{{"customer_id", "a b"}}, Columns: []ColumnDifference{{"churn_band", "low", "high"}}, Note: "look"}},
	}
	var b strings.Builder
	if err := r.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	want := `churn: a row differs: partition 1, customer_id "a b"
    churn_band: stored low, computed high
    look
and 2 more that are not named (--limit).
churn: 3 rows differ.
churn: 1 row is ahead of the committed offsets: not compared.
churn: 2 rows are of responses that have left the customer's history: not compared.
Not compared: moments, churn of partition 1: the log is cut.
Partition 0: the group has committed nothing of csat.responses, so nothing of it is compared.
Dead letters: 3 of 4 messages that cannot be applied have one; 1 missing.
If many rows differ: is this the configuration that csatflow run has (measures)?
3 rows differ, and 12,345,678 rows of 2 partitions agree with 2,060,000 events up to the committed offsets, of 1 % of the customers.
`
	if b.String() != want {
		t.Errorf("%s\nwant\n%s", b.String(), want)
	}
}
