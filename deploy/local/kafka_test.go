package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/segmentio/kafka-go"
)

const kafkaVariable = "CSATFLOW_TEST_KAFKA"

var eventTopics = []Topic{{Name: "events", Partitions: 4}, {Name: "marks", Partitions: 4, Config: map[string]string{"cleanup.policy": "compact"}}}

// runKafkaChild is a process that serves Kafka on a data directory, prints its address and waits to be killed.
func runKafkaChild() {
	data, ok := os.LookupEnv(kafkaVariable)
	if !ok {
		return
	}
	k, err := StartKafka(KafkaOptions{Data: data, Addr: "127.0.0.1:0", Topics: eventTopics})
	if err != nil {
		_, _ = os.Stdout.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
	_, _ = os.Stdout.WriteString(k.Addr() + "\n")
	select {}
}

func TestKilledKafkaKeepsRecordsAndOffsets(t *testing.T) {
	data := t.TempDir()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), kafkaVariable+"="+data)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = child.Process.Kill() }()
	buf := make([]byte, 500)
	n, err := out.Read(buf)
	if err != nil {
		t.Fatal(err)
	}
	addr := strings.TrimSpace(string(buf[:n]))
	produce(t, addr, 1000)
	commit(t, addr, map[int]int64{0: 17, 3: 42})
	if _, err := StartKafka(KafkaOptions{Data: data, Addr: "127.0.0.1:0"}); !errors.Is(err, ErrInUse) {
		t.Errorf("second broker on the directory: %v", err)
	}
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()       // killed
	for round := range 2 { // after the kill, then after an orderly close
		k, err := StartKafka(KafkaOptions{Data: data, Addr: "127.0.0.1:0", Topics: append(eventTopics, Topic{Name: fmt.Sprint("new", round), Partitions: 2})})
		if err != nil {
			t.Fatal(err)
		}
		if n := count(t, k.Addr()); n != 1000 {
			t.Errorf("round %d: %d records", round, n)
		}
		if got := committed(t, k.Addr()); got[0] != 17 || got[3] != 42 {
			t.Errorf("round %d: committed %v", round, got)
		}
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	}
}

func startKafkaTest(t *testing.T, o KafkaOptions) *Kafka {
	t.Helper()
	k, err := StartKafka(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Error(err)
		}
	})
	return k
}

func produce(t *testing.T, addr string, n int) {
	t.Helper()
	w := &kafka.Writer{Addr: kafka.TCP(addr), Topic: "events", Balancer: kafka.Murmur2Balancer{}, RequiredAcks: kafka.RequireAll, BatchTimeout: 5 * time.Millisecond, Compression: kafka.Lz4}
	defer func() { _ = w.Close() }()
	messages := make([]kafka.Message, n)
	for i := range messages {
		messages[i] = kafka.Message{Key: fmt.Appendf(nil, "customer-%d", i), Value: fmt.Appendf(nil, "event %d", i)}
	}
	if err := w.WriteMessages(t.Context(), messages...); err != nil {
		t.Fatal(err)
	}
}

// count reads all partitions of the topic from their start to their end.
func count(t *testing.T, addr string) int {
	t.Helper()
	client := &kafka.Client{Addr: kafka.TCP(addr)}
	n := 0
	for p := range 4 {
		offset := int64(0)
		for {
			f, err := client.Fetch(t.Context(), &kafka.FetchRequest{Topic: "events", Partition: p, Offset: offset, MinBytes: 1, MaxBytes: 1 << 20, MaxWait: 50 * time.Millisecond})
			if err == nil {
				err = f.Error
			}
			if err != nil {
				t.Fatalf("partition %d at %d: %v", p, offset, err)
			}
			for {
				record, err := f.Records.ReadRecord()
				if err != nil {
					break
				}
				n++
				offset = record.Offset + 1
			}
			if offset >= f.HighWatermark {
				break
			}
		}
	}
	return n
}

func commit(t *testing.T, addr string, offsets map[int]int64) {
	t.Helper()
	group, generation := join(t, addr)
	if err := generation.CommitOffsets(map[string]map[int]int64{"events": offsets}); err != nil {
		t.Fatal(err)
	}
	if err := group.Close(); err != nil {
		t.Fatal(err)
	}
}

func join(t *testing.T, addr string) (*kafka.ConsumerGroup, *kafka.Generation) {
	t.Helper()
	group, err := kafka.NewConsumerGroup(kafka.ConsumerGroupConfig{
		ID: "group", Brokers: []string{addr}, Topics: []string{"events"}, HeartbeatInterval: 100 * time.Millisecond,
		SessionTimeout: 2 * time.Second, RebalanceTimeout: 2 * time.Second, JoinGroupBackoff: 200 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	generation, err := group.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return group, generation
}

func committed(t *testing.T, addr string) map[int]int64 {
	t.Helper()
	group, generation := join(t, addr)
	defer func() { _ = group.Close() }()
	offsets := map[int]int64{}
	for _, a := range generation.Assignments["events"] {
		offsets[a.ID] = a.Offset
	}
	return offsets
}

func TestKafkaGroupSharesPartitionsAndFencesTheOld(t *testing.T) {
	k := startKafkaTest(t, KafkaOptions{Addr: "127.0.0.1:0", Topics: eventTopics})
	start := time.Now()
	first, old := join(t, k.Addr())
	defer func() { _ = first.Close() }()
	if d := time.Since(start); d > 2*time.Second {
		t.Errorf("first join took %v", d)
	}
	if n := len(old.Assignments["events"]); n != 4 {
		t.Errorf("alone a member has %d partitions", n)
	}
	next := make(chan *kafka.Generation, 1)
	old.Start(func(ctx context.Context) { <-ctx.Done() })
	go func() {
		if g, err := first.Next(t.Context()); err == nil {
			next <- g
		}
	}()
	second, theirs := join(t, k.Addr())
	defer func() { _ = second.Close() }()
	ours := <-next
	if a, b := len(ours.Assignments["events"]), len(theirs.Assignments["events"]); a != 2 || b != 2 {
		t.Errorf("two members have %d and %d partitions", a, b)
	}
	if err := old.CommitOffsets(map[string]map[int]int64{"events": {0: 5}}); err == nil {
		t.Error("a commit of the old generation succeeds")
	}
	if d := time.Since(start); d > 6*time.Second {
		t.Errorf("two joins took %v", d)
	}
}

func TestKafkaSaysWhatIsWrong(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	for addr, want := range map[string]string{taken.Addr().String(): taken.Addr().String(), "0.0.0.0:0": "0.0.0.0:0", "nonsense": "nonsense"} {
		_, err := StartKafka(KafkaOptions{Addr: addr})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "--kafka") {
			t.Errorf("%s: %v", addr, err)
		}
	}
	k := startKafkaTest(t, KafkaOptions{Addr: ":0", Topics: eventTopics})
	w := &kafka.Writer{Addr: kafka.TCP(k.Addr()), Topic: "absent", RequiredAcks: kafka.RequireAll, AllowAutoTopicCreation: true, MaxAttempts: 1}
	defer func() { _ = w.Close() }()
	if err := w.WriteMessages(t.Context(), kafka.Message{Value: []byte("x")}); err == nil {
		t.Error("a topic comes by itself")
	}
}
