package simulate

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"
	"time"
)

// parsed is a parsed event.
type parsed struct {
	EventID     string    `json:"event_id"`
	OccurredAt  time.Time `json:"occurred_at"`
	CustomerID  string    `json:"customer_id"`
	TerminalID  string    `json:"terminal_id"`
	StoreID     string    `json:"store_id"`
	Region      string    `json:"region"`
	Brand       string    `json:"brand"`
	Survey      string    `json:"survey"`
	Grade       int64     `json:"grade"`
	ComplaintID string    `json:"complaint_id"`
	Step        string    `json:"step"`
	Category    string    `json:"category"`
}

func parse(t *testing.T, line []byte) parsed {
	t.Helper()
	var p parsed
	if err := json.Unmarshal(line, &p); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	return p
}

// distinct reads a file of the feed and keeps the first event of each id; it skips bad lines.
func distinct(t *testing.T, name string) (all []parsed, lines int64) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	seen := map[string]bool{}
	for s := bufio.NewScanner(f); s.Scan(); {
		lines++
		var p parsed
		if json.Unmarshal(s.Bytes(), &p) != nil || p.EventID == "" || p.EventID[0] == 'x' || seen[p.EventID] {
			continue
		}
		seen[p.EventID] = true
		all = append(all, p)
	}
	return all, lines
}

// recount computes the sums from what was sent.
func recount(responses, complaints []parsed, stores []Sums) []Sums {
	sums := map[string]*Sums{}
	again := make([]Sums, len(stores))
	for i, s := range stores {
		again[i] = Sums{StoreID: s.StoreID, Region: s.Region}
		sums[s.StoreID] = &again[i]
	}
	for _, r := range responses {
		if r.Brand == "" && r.Survey == "" {
			sums[r.StoreID].Responses++
			sums[r.StoreID].GradeSum += r.Grade
		}
	}
	type times struct {
		store                             *Sums
		opened, resolved                  time.Time
		isResolved, isReopened, withdrawn bool
	}
	byID := map[string]*times{}
	for _, c := range complaints {
		k := byID[c.ComplaintID]
		if k == nil {
			k = &times{store: sums[c.StoreID]}
			byID[c.ComplaintID] = k
		}
		switch c.Step {
		case "opened":
			k.opened = c.OccurredAt
		case "resolved":
			k.isResolved = true
			if c.OccurredAt.After(k.resolved) {
				k.resolved = c.OccurredAt
			}
		case "reopened":
			k.isReopened = true
		case "withdrawn":
			k.withdrawn = true
		}
	}
	one := map[bool]int64{true: 1}
	for _, k := range byID {
		k.store.Opened += one[!k.opened.IsZero()]
		k.store.Resolved += one[k.isResolved]
		k.store.Reopened += one[k.isReopened]
		k.store.Withdrawn += one[k.withdrawn]
		if k.isResolved {
			k.store.RecoveryMS += k.resolved.Sub(k.opened).Milliseconds()
		}
	}
	for i := range again {
		again[i].RecoverySeconds = float64(again[i].RecoveryMS) / 1000
	}
	return again
}

func TestTheTruthIsThePlainSumsOverWhatWasWritten(t *testing.T) {
	c := withEvents(150_000)
	c.Duration, c.BadShare = 7*24*time.Hour, .01
	dir := t.TempDir()
	calls, last := 0, 0
	told, err := WriteFiles(dir, c, func(done, total int) {
		if calls++; total != c.Events || done < last {
			t.Errorf("progress %d of %d after %d", done, total, last)
		}
		last = done
	})
	if err != nil {
		t.Fatal(err)
	}
	if last != c.Events || calls < 15 {
		t.Errorf("progress ended at %d after %d calls", last, calls)
	}
	b, err := os.ReadFile(filepath.Join(dir, "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	var truth Truth
	if err := json.Unmarshal(b, &truth); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(&truth, told) {
		t.Error("truth.json differs from what WriteFiles returned")
	}
	responses, sent := distinct(t, filepath.Join(dir, "responses.jsonl"))
	checkTotals(t, "responses", truth.Responses, sent, len(responses))
	complaints, sent := distinct(t, filepath.Join(dir, "complaints.jsonl"))
	checkTotals(t, "complaint steps", truth.Complaints, sent, len(complaints))
	if again := recount(responses, complaints, truth.Stores); !slices.Equal(again, truth.Stores) {
		t.Errorf("recounted\n%+v\ntold\n%+v", again, truth.Stores)
	}
	if o := truth.Overall; o.Reopened == 0 || o.Withdrawn == 0 || o.Resolved >= o.Opened || o.RecoveryMS == 0 {
		t.Errorf("a feed without some kind of complaint: %+v", o)
	}
	gone := map[string]time.Time{}
	for _, l := range truth.Left {
		gone[l.CustomerID] = l.At
	}
	for _, r := range responses {
		if at, left := gone[r.CustomerID]; left && r.OccurredAt.After(at) {
			t.Fatalf("%s left at %v and answers at %v", r.CustomerID, at, r.OccurredAt)
		}
	}
}

func checkTotals(t *testing.T, what string, have Totals, sent int64, distinct int) {
	t.Helper()
	if have.Sent != sent || have.Distinct != int64(distinct) || have.Sent != have.Distinct+have.Duplicates+have.Bad || have.Late == 0 || have.Bad == 0 {
		t.Errorf("%s: %+v, but %d sent and %d distinct", what, have, sent, distinct)
	}
}
