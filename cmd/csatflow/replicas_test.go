package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	chgo "github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"csatflow/deploy/local/libchdb"
	"csatflow/deploy/trial/apachezookeeper"
	"csatflow/deploy/trial/clickhouseserver"
	"csatflow/pipeline"
	"csatflow/schemas"
	"csatflow/schemas/tables"
	"csatflow/sinks/clickhouse"
)

// replicas are three servers with a database whose tables are replicated.
type replicas struct {
	servers [3]*clickhouseserver.Server
	conns   [3]driver.Conn
}

// startReplicas starts them on a ZooKeeper, with ClickHouse's own handlers.
func startReplicas(t *testing.T) *replicas {
	t.Helper()
	if os.Getenv("CSATFLOW_TEST_REPLICAS") == "" {
		t.Skip("three servers and a ZooKeeper: make replicas")
	}
	library, err := libchdb.Fetch(t.Context(), libchdb.Options{File: os.Getenv("CSATFLOW_LIBCHDB"), Progress: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	if err := clickhouseserver.Replicates(library); err != nil {
		if os.Getenv("CSATFLOW_LIBCHDB") == "" { // the pinned library must be able to
			t.Fatal(err)
		}
		t.Skip(err)
	}
	zk, err := apachezookeeper.Start(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = zk.Kill() }) // its data are not needed any more
	r := &replicas{}
	for i := range r.servers {
		r.servers[i], err = clickhouseserver.Start(t.Context(), clickhouseserver.Options{Library: library, Dir: t.TempDir(), Replica: &clickhouseserver.Replica{ZooKeeper: zk.Addr, Name: fmt.Sprintf("r%d", i+1)}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := r.servers[i].Kill(); err != nil {
				t.Error(err)
			}
		})
		if r.conns[i], err = chgo.Open(&chgo.Options{Addr: []string{r.servers[i].Addr}}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = r.conns[i].Close() })
	}
	return r
}

func (r *replicas) exec(t *testing.T, i int, query string) {
	t.Helper()
	if err := r.conns[i].Exec(t.Context(), query); err != nil {
		t.Fatalf("replica %d: %s: %v", i+1, query, err)
	}
}

var (
	created = regexp.MustCompile(`CREATE TABLE (?:IF NOT EXISTS )?(\S+)`)
	engine  = regexp.MustCompile(`ENGINE = ReplacingMergeTree(?:\((\w*)\))?`)
)

// make makes migrate's tables, but replicated, on the first replica, and then the same on the others.
func (r *replicas) make(t *testing.T, database string) {
	t.Helper()
	m := clickhouse.Model(database, pipeline.DefaultSettings(), 400, schemas.DefaultRaterWeights, clickhouse.DefaultCompany())
	views, err := m.Views()
	if err != nil {
		t.Fatal(err)
	}
	replicated := func(q string) string {
		name := ""
		if m := created.FindStringSubmatch(q); m != nil {
			name = strings.ReplaceAll(m[1], "`", "")
		}
		return engine.ReplaceAllStringFunc(q, func(e string) string {
			arguments := []string{"'/clickhouse/tables/{shard}/" + name + "'", "'{replica}'"}
			if version := engine.FindStringSubmatch(e)[1]; version != "" {
				arguments = append(arguments, version)
			}
			return "ENGINE = ReplicatedReplacingMergeTree(" + strings.Join(arguments, ", ") + ")"
		})
	}
	for i := range r.servers {
		r.exec(t, i, "CREATE DATABASE "+database)
	}
	r.exec(t, 0, replicated("CREATE TABLE "+database+".schema_migrations (name String, applied_at DateTime('UTC') DEFAULT now()) ENGINE = ReplacingMergeTree ORDER BY name"))
	for _, table := range tables.All() {
		r.exec(t, 0, replicated(table.Create(database, 400)))
		r.exec(t, 0, "INSERT INTO "+database+".schema_migrations (name) VALUES ("+schemas.QuoteText(table.Name)+")")
	}
	var made []string
	if err := r.conns[0].QueryRow(t.Context(), "SELECT groupArray(create_table_query) FROM system.tables WHERE database = ?", database).Scan(&made); err != nil || len(made) < 15 {
		t.Fatalf("%d tables: %v", len(made), err)
	}
	for i := range r.servers {
		if i > 0 {
			for _, q := range made {
				r.exec(t, i, q)
			}
		}
		for _, step := range views {
			for _, q := range step.Statements {
				r.exec(t, i, q)
			}
		}
	}
}

// rows counts on one replica.
func (r *replicas) rows(t *testing.T, i int, table string) (n uint64) {
	t.Helper()
	if err := r.conns[i].QueryRow(t.Context(), "SELECT count() FROM "+table).Scan(&n); err != nil {
		t.Fatalf("replica %d: %v", i+1, err)
	}
	return n
}

// lagging writes to the first of three replicas while the others do not fetch histories, until so returns true. Then it kills
// the writer and that replica, and lets the others fetch again. The new configuration names only the others.
func (r *replicas) lagging(t *testing.T, quorum string, so func(histories, positions string)) *deployment {
	t.Helper()
	addresses := func(from int) (list string) {
		for _, s := range r.servers[from:] {
			list += s.Addr + ", "
		}
		return strings.TrimSuffix(list, ", ")
	}
	p := newDeployment(t, startFakeKafka(t, 8), addresses(0), "flush: {interval: 200ms}\n")
	change := func(from, to string) {
		t.Helper()
		text, err := os.ReadFile(p.file)
		if err != nil || !strings.Contains(string(text), from) {
			t.Fatalf("no %q in the configuration (%v)", from, err)
		}
		if err := os.WriteFile(p.file, []byte(strings.Replace(string(text), from, to, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	change("database:", "insert_quorum: "+quorum+", database:")
	r.make(t, p.database)
	dir := t.TempDir()
	must(t, "simulate", "--out", dir, "--events", "10000", "--seed", "5", "--start", longAgo(), "--duration", "48h")
	must(t, "send", "--config", p.file, filepath.Join(dir, "responses.jsonl"), filepath.Join(dir, "complaints.jsonl"))
	histories, positions := p.database+".customer_responses", p.database+".positions WHERE next > 0"
	for i := 1; i < 3; i++ {
		r.exec(t, i, "SYSTEM STOP FETCHES "+histories)
	}
	writer := start(t, "run", "--config", p.file)
	within(t, time.Minute, "the histories are on the first replica", func() bool { return r.rows(t, 0, histories) > 0 })
	so(histories, positions)
	if err := writer.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-writer.done
	if err := r.servers[0].Kill(); err != nil {
		t.Fatal(err)
	}
	for i := 1; i < 3; i++ {
		r.exec(t, i, "SYSTEM START FETCHES "+histories)
	}
	change(addresses(0), addresses(1))
	return p
}

// agrees runs to the end of the topics and audits.
func agrees(t *testing.T, p *deployment) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if code, _, errs := csatflowIn(t, ctx, nil, "run", "--config", p.file, "--until-end"); code != exitDone {
		t.Fatalf("the next run ends with %d: %s", code, errs)
	}
	t.Log(must(t, "audit", "--config", p.file))
}

func TestAKilledWriterAndLaggingReplicasLoseNothing(t *testing.T) {
	r := startReplicas(t)
	t.Run("what one replica has is not acknowledged, and a survivor goes on without it", func(t *testing.T) {
		p := r.lagging(t, "auto", func(_, positions string) {
			time.Sleep(3 * time.Second) // time in which a flush without a quorum would go on
			if n := r.rows(t, 0, positions); n != 0 {
				t.Errorf("%d positions were written of histories that one replica has", n)
			}
		})
		agrees(t, p)
	})
	if err := r.servers[0].Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Run("without a quorum a survivor waits for the replica that has the rows", func(t *testing.T) {
		p := r.lagging(t, "0", func(_, positions string) {
			within(t, time.Minute, "the positions are on the others", func() bool { return r.rows(t, 1, positions) > 0 && r.rows(t, 2, positions) > 0 })
		})
		// What the survivors have of positions they still hand to each other.
		all, before := p.database+".positions", uint64(0)
		within(t, time.Minute, "the survivors have the same positions", func() bool {
			was := before
			time.Sleep(time.Second)
			before = r.rows(t, 1, all)
			return before == was && before == r.rows(t, 2, all)
		})
		waiting := start(t, "run", "--config", p.file)
		time.Sleep(5 * time.Second)
		if n := r.rows(t, 1, p.database+".positions"); n != before {
			t.Errorf("it went on: %d rows of positions, %d before", n, before)
		}
		if err := waiting.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-waiting.done
		if err := r.servers[0].Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		agrees(t, p)
	})
}

func TestCheckSaysWhatAClusterLacks(t *testing.T) {
	r := startReplicas(t)
	all := r.servers[0].Addr + ", " + r.servers[1].Addr + ", " + r.servers[2].Addr
	p := newDeployment(t, startFakeKafka(t, 8), all, "")
	r.make(t, p.database)
	says := func(code int, words ...string) {
		t.Helper()
		got, out, errs := csatflow(t, nil, "check", "--config", p.file)
		if got != code {
			t.Errorf("exit code %d, want %d: %s%s", got, code, out, errs)
		}
		for _, w := range words {
			if !strings.Contains(out, w) {
				t.Errorf("it does not say %q: %s", w, out)
			}
		}
		if len(words) == 0 && strings.Contains(out, "warning  ClickHouse") {
			t.Errorf("it warns of a cluster in which all is well: %s", out)
		}
	}
	says(exitDone)
	r.exec(t, 0, "CREATE TABLE "+p.database+".alone (a UInt8) ENGINE = MergeTree ORDER BY a")
	says(exitUsage, "WRONG", "alone are not")
	r.exec(t, 0, "DROP TABLE "+p.database+".alone SYNC")
	if err := r.servers[2].Kill(); err != nil {
		t.Fatal(err)
	}
	within(t, 20*time.Second, "Keeper sees that a replica is gone", func() bool {
		return r.rows(t, 0, "system.replicas WHERE active_replicas = 3") == 0
	})
	says(exitDone, "2 of 3 replicas are active", "warning  ClickHouse "+r.servers[2].Addr)
	if err := r.servers[1].Kill(); err != nil {
		t.Fatal(err)
	}
	within(t, 20*time.Second, "Keeper sees that two replicas are gone", func() bool {
		return r.rows(t, 0, "system.replicas WHERE active_replicas > 1") == 0
	})
	says(exitUsage, "1 of 3 replicas are active, and inserts need 2")
}
