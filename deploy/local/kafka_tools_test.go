package local

import (
	_ "embed"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"csatflow/deploy/trial/maven"
)

//go:embed testdata/kafkatools.xml
var toolsPom []byte

func TestApacheKafkasOwnToolsDescribeTheEmbeddedKafka(t *testing.T) {
	jars, err := maven.Jars(t.Context(), "kafkatools", toolsPom)
	if err != nil {
		t.Fatal(err)
	}
	k := startKafkaTest(t, KafkaOptions{Data: t.TempDir(), Addr: "127.0.0.1:0", Topics: eventTopics, Log: testLog(t)})
	if _, err := fill(t, k.Addr(), "events", 0, 30); err != nil {
		t.Fatal(err)
	}
	if _, err := fill(t, k.Addr(), "events", 3, 12); err != nil {
		t.Fatal(err)
	}
	commit(t, k.Addr(), map[int]int64{0: 1}) // of "group", whose members subscribe
	commitAt(t, k.Addr(), "readers", "events", map[int32]int64{0: 20, 3: 12})
	for _, x := range []struct {
		class string
		args  []string
		want  []string // patterns of lines
	}{
		{"TopicCommand", []string{"--describe", "--topic", "events"}, []string{`Topic: events\s.*PartitionCount: 4\s+ReplicationFactor: 1\b`, `Topic: events\s+Partition: 3\s+Leader: 0\s+Replicas: 0\s+Isr: 0`}},
		{"TopicCommand", []string{"--list"}, []string{`^events$`, `^marks$`}},
		{"consumer.group.ConsumerGroupCommand", []string{"--describe", "--group", "readers"}, []string{`readers\s+events\s+0\s+\S*\s*20\s+30\s+10\b`, `readers\s+events\s+3\s+\S*\s*12\s+12\s+0\b`}},
		{"consumer.group.ConsumerGroupCommand", []string{"--list"}, []string{`^group$`, `^readers$`}},
		{"GetOffsetShell", []string{"--topic", "events"}, []string{`^events:0:30$`, `^events:1:0$`, `^events:3:12$`}},
		{"consumer.group.ConsumerGroupCommand", []string{"--reset-offsets", "--group", "readers", "--topic", "events", "--to-earliest", "--execute"}, []string{`readers\s+events\s+0\s+0\b`}},
		{"LogDirsCommand", []string{"--describe", "--topic-list", "events"}, []string{`"partition":"events-3"`}},
	} {
		args := append([]string{"-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", filepath.Join(jars, "*"), "org.apache.kafka.tools." + x.class, "--bootstrap-server", k.Addr()}, x.args...)
		out, err := exec.CommandContext(t.Context(), "java", args...).CombinedOutput()
		if err != nil || strings.Contains(string(out), "Exception") {
			t.Errorf("%s %v: %v\n%s", x.class, x.args, err, out)
			continue
		}
		for _, want := range x.want {
			if !regexp.MustCompile(`(?m)` + want).Match(out) {
				t.Errorf("%s %v says nothing of %s:\n%s", x.class, x.args, want, out)
			}
		}
	}
}
