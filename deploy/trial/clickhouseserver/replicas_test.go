package clickhouseserver

import (
	"fmt"
	"testing"
	"time"

	"csatflow/deploy/trial/apachezookeeper"
)

func TestThreeReplicasHaveTheSameRows(t *testing.T) {
	if err := Replicates(library(t)); err != nil {
		t.Skip(err)
	}
	zk, err := apachezookeeper.Start(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = zk.Kill() }) // its data are not needed any more
	var replicas []*Server
	for i := range 3 {
		r := started(t, Options{Replica: &Replica{ZooKeeper: zk.Addr, Name: fmt.Sprintf("r%d", i+1)}})
		execute(t, r.Addr, "CREATE TABLE t (a UInt64) ENGINE = ReplicatedMergeTree('/clickhouse/tables/t', '{replica}') ORDER BY a")
		replicas = append(replicas, r)
	}
	execute(t, replicas[0].Addr, "INSERT INTO t SETTINGS insert_quorum = 3 VALUES (1)")
	for i, r := range replicas {
		if n := ask(t, r.Addr, "SELECT count() FROM t"); n != 1 {
			t.Errorf("replica %d has %d rows of an insert that all acknowledged", i, n)
		}
	}
	begun := time.Now()
	execute(t, replicas[1].Addr, "SYSTEM STOP FETCHES t")
	execute(t, replicas[0].Addr, "INSERT INTO t VALUES (2)")
	execute(t, replicas[1].Addr, "SYSTEM START FETCHES t", "SYSTEM SYNC REPLICA t LIGHTWEIGHT")
	if n := ask(t, replicas[1].Addr, "SELECT count() FROM t"); n != 2 {
		t.Errorf("after SYNC REPLICA LIGHTWEIGHT the replica has %d rows", n)
	}
	t.Log(time.Since(begun))
}
