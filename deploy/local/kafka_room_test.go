package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"csatflow/deploy/trial/logtest"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// fill sends records of 1 kB to a partition until the broker refuses one, at most most; it returns how many it took.
func fill(t *testing.T, addr, topic string, partition, most int) (taken int, refused error) {
	t.Helper()
	client := &kafka.Client{Addr: kafka.TCP(addr)}
	for taken < most {
		records := make([]kafka.Record, min(100, most-taken))
		for i := range records {
			records[i] = kafka.Record{Value: kafka.NewBytes(make([]byte, 1000)), Time: time.Now().AddDate(-1, 0, 0)} // age must not be a reason to drop them
		}
		answer, err := client.Produce(t.Context(), &kafka.ProduceRequest{Topic: topic, Partition: partition, RequiredAcks: kafka.RequireAll, Records: kafka.NewRecordReader(records...)})
		if err == nil {
			err = answer.Error
		}
		if err != nil {
			return taken, err
		}
		taken += len(records)
	}
	return taken, nil
}

func bounds(t *testing.T, addr, topic string, partition int) (first, last int64) {
	t.Helper()
	client := &kafka.Client{Addr: kafka.TCP(addr)}
	answer, err := client.ListOffsets(t.Context(), &kafka.ListOffsetsRequest{Topics: map[string][]kafka.OffsetRequest{topic: {kafka.FirstOffsetOf(partition), kafka.LastOffsetOf(partition)}}})
	if err != nil {
		t.Fatal(err)
	}
	p := answer.Topics[topic][0]
	return p.FirstOffset, p.LastOffset
}

func commitAt(t *testing.T, addr, group, topic string, at map[int32]int64) {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(addr))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	offsets := kadm.Offsets{}
	for p, o := range at {
		offsets.AddOffset(topic, p, o, -1)
	}
	if err := kadm.NewClient(client).CommitAllOffsets(t.Context(), group, offsets); err != nil {
		t.Fatal(err)
	}
}

func TestKafkaDropsNothingThatNobodyHasReadAndRefusesWhatIsTooMuch(t *testing.T) {
	for name, data := range map[string]string{"on disk": t.TempDir(), "in memory": ""} {
		t.Run(name, func(t *testing.T) {
			k := startKafkaTest(t, KafkaOptions{Data: data, Addr: "127.0.0.1:0", Topics: []Topic{{Name: "events", Partitions: 2}}, Bytes: 4 << 20, Log: testLog(t)})
			taken, err := fill(t, k.Addr(), "events", 0, 10_000)
			if !errors.Is(err, kafka.PolicyViolation) || !strings.Contains(err.Error(), "--kafka-bytes") {
				t.Errorf("beyond the bound: %v", err)
			}
			if taken < 3500 || taken > 4200 {
				t.Errorf("%d records of 1 kB in 4 MiB", taken)
			}
			time.Sleep(3 * measureEvery)
			if first, last := bounds(t, k.Addr(), "events", 0); first != 0 || last != int64(taken) {
				t.Errorf("of %d records those from %d to %d are there", taken, first, last)
			}
			if _, err := fill(t, k.Addr(), "events", 1, 1000); err == nil {
				t.Error("another partition takes more")
			}
		})
	}
}

func TestWhatAllGroupsHaveReadMakesRoom(t *testing.T) {
	k := startKafkaTest(t, KafkaOptions{Data: t.TempDir(), Addr: "127.0.0.1:0", Topics: []Topic{{Name: "events", Partitions: 2}}, Bytes: 4 << 20, Log: testLog(t)})
	if _, err := fill(t, k.Addr(), "events", 0, 2000); err != nil {
		t.Fatal(err)
	}
	if _, err := fill(t, k.Addr(), "events", 1, 1000); err != nil {
		t.Fatal(err)
	}
	commitAt(t, k.Addr(), "quick", "events", map[int32]int64{0: 2000, 1: 1000})
	commitAt(t, k.Addr(), "slow", "events", map[int32]int64{0: 1500}) // nothing of partition 1
	total, refusals := 0, 0
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end) && refusals < 20; {
		taken, err := fill(t, k.Addr(), "events", 0, 3000)
		total += taken
		if err != nil {
			refusals++
			time.Sleep(measureEvery)
		}
	}
	first, last := bounds(t, k.Addr(), "events", 0)
	if total < 1000+1200 || last != int64(2000+total) {
		t.Errorf("%d records were taken after 3000 of which 1500 were read by all; the last offset is %d", total, last)
	}
	if first == 0 || first > 1500 {
		t.Errorf("partition 0 begins at %d where one group has read up to 1500", first)
	}
	if first, last := bounds(t, k.Addr(), "events", 1); first != 0 || last != 1000 {
		t.Errorf("partition 1, of which one group has read nothing, has those from %d to %d", first, last)
	}
	if _, err := fill(t, k.Addr(), "events", 0, 4000); err == nil || !strings.Contains(err.Error(), "--kafka-bytes") {
		t.Errorf("when nothing more is read: %v", err)
	}
	commitAt(t, k.Addr(), "slow", "events", map[int32]int64{0: last})
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(measureEvery) {
		if taken, _ := fill(t, k.Addr(), "events", 0, 500); taken == 500 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("there is no room though all has been read")
		}
	}
}

// Earlier topics of csatflow cut a file at 62 MB that was sent before its reader started.
func TestALargeFileSentBeforeAnybodyReadsIsKeptOnDiskAndNotInMemory(t *testing.T) {
	var topics []Topic
	for i := range 7 {
		topics = append(topics, Topic{Name: fmt.Sprint("topic-", i), Partitions: 8})
	}
	k := startKafkaTest(t, KafkaOptions{Data: t.TempDir(), Addr: "127.0.0.1:0", Topics: topics, Log: testLog(t)})
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	const each = 25_000
	for p := range 8 {
		if taken, err := fill(t, k.Addr(), "topic-0", p, each); err != nil || taken != each {
			t.Fatalf("partition %d took %d: %v", p, taken, err)
		}
	}
	after := heap()
	for p := range 8 {
		if first, last := bounds(t, k.Addr(), "topic-0", p); first != 0 || last != each {
			t.Errorf("partition %d has those from %d to %d", p, first, last)
		}
	}
	grown := int64(after) - int64(before)
	t.Logf("200 MB sent, the heap grew by %d kB", grown>>10)
	if grown > 20<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
}

func TestTopicsOfAnEarlierReleaseKeepWhatIsUnread(t *testing.T) {
	topics := []Topic{{Name: "events", Partitions: 8}, {Name: "own", Partitions: 8, Config: map[string]string{"retention.bytes": "5000000"}}}
	former := map[string]string{"retention.bytes": strconv.Itoa(formerBytes / 16 * formerSegments / (formerSegments + 1))}
	data := t.TempDir()
	first, err := StartKafka(KafkaOptions{Data: data, Addr: "127.0.0.1:0", Topics: []Topic{{Name: "events", Partitions: 8, Config: former}, topics[1]}})
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	k := startKafkaTest(t, KafkaOptions{Data: data, Addr: "127.0.0.1:0", Topics: topics})
	client := &kafka.Client{Addr: kafka.TCP(k.Addr())}
	for topic, want := range map[string]string{"events": "-1", "own": "5000000"} {
		answer, err := client.DescribeConfigs(context.Background(), &kafka.DescribeConfigsRequest{Resources: []kafka.DescribeConfigRequestResource{{ResourceType: kafka.ResourceTypeTopic, ResourceName: topic, ConfigNames: []string{"retention.bytes"}}}})
		if err != nil {
			t.Fatal(err)
		}
		if got := answer.Resources[0].ConfigEntries[0].ConfigValue; got != want {
			t.Errorf("retention.bytes of %s is %s", topic, got)
		}
	}
}

func TestATopicThatNobodyReadsDoesNotFillKafka(t *testing.T) {
	var said logtest.Buffer
	o := KafkaOptions{Data: t.TempDir(), Addr: "127.0.0.1:0", Bytes: 4 << 20, Log: slog.New(slog.NewTextHandler(&said, nil)),
		Topics: []Topic{{Name: "events", Partitions: 2}, {Name: "letters", Partitions: 2, Bytes: 1 << 20}}}
	k := startKafkaTest(t, o)
	if _, err := fill(t, k.Addr(), "events", 0, 1000); err != nil {
		t.Fatal(err)
	}
	total := 0
	for end := time.Now().Add(20 * time.Second); total < 10_000 && time.Now().Before(end); { // more than the bound of all topics
		taken, _ := fill(t, k.Addr(), "letters", 0, 10_000-total)
		if total += taken; total < 10_000 {
			time.Sleep(measureEvery) // try again what was refused
		}
	}
	if total < 10_000 {
		t.Fatalf("only %d letters were taken", total)
	}
	// A group that has read only the first record does not keep the others either.
	commitAt(t, k.Addr(), "slow", "letters", map[int32]int64{0: 1})
	var first, last int64
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(measureEvery) {
		if first, last = bounds(t, k.Addr(), "letters", 0); last-first <= 1<<20/1000 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("letters still has %d to %d", first, last)
		}
	}
	if last != 10_000 || last-first < 500 {
		t.Errorf("letters has those from %d to %d: the newest are wanted", first, last)
	}
	if first, last := bounds(t, k.Addr(), "events", 0); first != 0 || last != 1000 {
		t.Errorf("of the events, which are unread, those from %d to %d are there", first, last)
	}
	dropped := int64(0)
	for _, m := range regexp.MustCompile(`level=WARN .* topic=letters records=(\d+) `).FindAllStringSubmatch(said.String(), -1) {
		n, err := strconv.ParseInt(m[1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		dropped += n
	}
	if dropped != first {
		t.Errorf("the log tells of %d dropped records, %d are gone:\n%s", dropped, first, said.String())
	}
}
