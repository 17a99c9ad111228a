package clickhouse

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
)

func TestWhatReplicasLackIsToldOnceWithTheTables(t *testing.T) {
	for name, c := range map[string]struct {
		rows   []replicaRow
		quorum string
		wrong  bool
		says   string
	}{
		"all is well":                {[]replicaRow{{Total: 3, Active: 3}}, "auto", false, ""},
		"no replicas":                {nil, "auto", false, ""},
		"one replica":                {[]replicaRow{{Total: 1, Active: 1}}, "auto", false, "there is only one replica"},
		"two replicas":               {[]replicaRow{{Total: 2, Active: 2}}, "auto", false, "inserts need all of the 2 replicas"},
		"one of two":                 {[]replicaRow{{Total: 2, Active: 1}}, "auto", true, "1 of 2 replicas are active, and inserts need 2"},
		"one of three":               {[]replicaRow{{Total: 3, Active: 1}}, "auto", true, "1 of 3 replicas are active, and inserts need 2"},
		"two of three":               {[]replicaRow{{Total: 3, Active: 2}}, "auto", false, "2 of 3 replicas are active ("},
		"more than there are":        {[]replicaRow{{Total: 3, Active: 3}}, "4", true, "insert_quorum is 4, and there are 3 replicas"},
		"no quorum":                  {[]replicaRow{{Total: 3, Active: 3}}, "0", false, "insert_quorum is 0"},
		"read-only":                  {[]replicaRow{{Total: 3, Active: 3, ReadOnly: 1}}, "auto", true, "read-only"},
		"behind":                     {[]replicaRow{{Total: 3, Active: 3, Delay: 301}}, "", false, "more than 5m0s behind"},
		"a little behind":            {[]replicaRow{{Total: 3, Active: 3, Delay: 20}}, "", false, ""},
		"the same of several tables": {[]replicaRow{{Table: "a", Total: 2, Active: 2}, {Table: "b", Total: 2, Active: 2}}, "auto", false, "(a, b)"},
	} {
		found := judge(c.rows, c.quorum)
		if c.says == "" {
			if len(found) != 0 {
				t.Errorf("%s: %v", name, found)
			}
			continue
		}
		if len(found) != 1 || found[0].Wrong != c.wrong || !strings.Contains(found[0].Text, c.says) {
			t.Errorf("%s: %v, want %q (wrong: %t)", name, found, c.says, c.wrong)
		}
	}
}

func TestWhatAClusterAnswersInPassingIsTriedAgain(t *testing.T) {
	for _, code := range []int32{242, 285, 286, 289, 319, 517, 999} {
		err := fmt.Errorf("inserting: %w", &clickhouse.Exception{Code: code})
		if !Passing(err) {
			t.Errorf("code %d is not tried again", code)
		}
		if final(err) != err { //nolint:errorlint // the very same
			t.Errorf("code %d is final", code)
		}
	}
	if Passing(&clickhouse.Exception{Code: 60}) || Passing(errors.New("x")) || Passing(nil) {
		t.Error("anything is tried again")
	}
}

func TestInsertsAskForAQuorumAndReadsForNoSequence(t *testing.T) {
	for given, want := range map[string]string{"": "auto", "auto": "auto", "3": "3", "0": "0"} {
		o, err := (&Config{InsertQuorum: given}).options()
		if err != nil {
			t.Fatal(err)
		}
		if s := o.Settings; s["insert_quorum"] != want || s["insert_quorum_parallel"] != 1 || s["select_sequential_consistency"] != nil || s["insert_quorum_timeout"] != quorumTime.Milliseconds() {
			t.Errorf("%q: %v", given, s)
		}
	}
}
