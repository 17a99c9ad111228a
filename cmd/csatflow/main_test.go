package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"csatflow/cmd/csatflow/config"
	"csatflow/deploy/local"
	"csatflow/deploy/trial/apachekafka"
	"csatflow/deploy/trial/clickhouseserver"
	"csatflow/deploy/trial/logtest"
	"csatflow/deploy/trial/storetest"
)

// asCommand turns this test binary into csatflow itself, for tests that kill it.
const asCommand = "CSATFLOW_TEST_COMMAND"

func TestMain(m *testing.M) {
	local.RunChild()
	clickhouseserver.RunChild()
	if os.Getenv(asFloor) != "" {
		runFloor()
	}
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

// mostTime is how long a test may take, on a slow machine too.
const mostTime = 15 * time.Minute

// bounded ends the tests if this one does not end, and tells where it stands: what go test says of its own limit is lost among thousands
// of stacks.
func bounded(t *testing.T) {
	stuck := time.AfterFunc(mostTime, func() {
		fmt.Fprintf(os.Stderr, "%s goes on after %v:\n%s\n", t.Name(), mostTime, ownStacks())
		os.Exit(1)
	})
	t.Cleanup(func() { stuck.Stop() })
}

// ownStacks are the stacks of this process that are in this project's code, and that of the embedded Kafka.
func ownStacks() string {
	all := make([]byte, 16<<20)
	all = all[:runtime.Stack(all, true)]
	var own []string
	for stack := range strings.SplitSeq(string(all), "\n\n") {
		for _, of := range []string{"csatflow/cmd", "csatflow/pipeline", "csatflow/sinks", "csatflow/deploy", "kfake.(*Cluster).run("} {
			if strings.Contains(stack, of) {
				own = append(own, stack)
				break
			}
		}
	}
	return strings.Join(own, "\n\n")
}

// csatflow runs a command line in this process, and returns its exit code and output.
func csatflow(t *testing.T, env []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return csatflowIn(t, t.Context(), env, args...)
}

func csatflowIn(t *testing.T, ctx context.Context, env []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs logtest.Buffer
	code = run(&system{ctx: ctx, stdin: bytes.NewReader(nil), stdout: &out, stderr: &errs, env: env}, args)
	return code, out.String(), errs.String()
}

// must runs a command line that must exit with 0.
func must(t *testing.T, args ...string) (stdout string) {
	t.Helper()
	code, out, errs := csatflow(t, nil, args...)
	if code != exitDone {
		t.Fatalf("csatflow %v: exit code %d\n%s%s", args, code, out, errs)
	}
	return out
}

// startKafka starts a real Apache Kafka.
func startKafka(t *testing.T) (addr string) {
	t.Helper()
	b, err := apachekafka.Start(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Kill(); err != nil {
			t.Error(err)
		}
	})
	return b.Addr
}

// inputTopics are the names of the input topics.
func inputTopics() []string {
	c := config.Default()
	return topicNames(&c.Kafka).List()
}

// startFakeKafka starts the embedded Kafka, with the topics.
func startFakeKafka(t *testing.T, partitions int) (addr string) {
	t.Helper()
	var topics []local.Topic
	for _, n := range append(inputTopics(), config.Default().Kafka.Topics.DeadLetter) {
		topics = append(topics, local.Topic{Name: n, Partitions: partitions})
	}
	k, err := local.StartKafka(local.KafkaOptions{Addr: "127.0.0.1:0", Topics: topics})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	})
	return k.Addr()
}

// deployment is a configuration file with its servers.
type deployment struct {
	file, kafka, clickhouse, database string
}

func newDeployment(t *testing.T, kafka, clickhouse, more string) *deployment {
	t.Helper()
	bounded(t)
	p := &deployment{file: filepath.Join(t.TempDir(), "csatflow.yaml"), kafka: kafka, clickhouse: clickhouse, database: storetest.Database(clickhouse)}
	text := fmt.Sprintf("kafka: {brokers: [%s], group: csatflow, partitions: 8, heartbeat_interval: 300ms, session_timeout: 6s}\nclickhouse: {address: [%s], database: %s}\nlisten: 127.0.0.1:0\n%s", kafka, clickhouse, p.database, more)
	if err := os.WriteFile(p.file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return p
}
