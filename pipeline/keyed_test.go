package pipeline_test

import (
	"fmt"
	"strings"
	"testing"

	"csatflow/pipeline"
	"csatflow/pipeline/partitioner"
	"csatflow/pipeline/pipelinetest"
)

// TestAMessageInAPartitionThatIsNotItsKeysIsDivertedAndNamesBoth: its customer's other events are elsewhere.
func TestAMessageInAPartitionThatIsNotItsKeysIsDivertedAndNamesBoth(t *testing.T) {
	const n = 5
	for _, by := range append([]partitioner.Partitioner{partitioner.Any}, partitioner.Hashes...) {
		for p := range n {
			set := settings()
			set.Partitions, set.Placement = n, &partitioner.Chosen{}
			set.Placement.Set(by)
			f := &feeder{Task: pipeline.NewTask(p, set, pipelinetest.NoObserver{})}
			for topic, value := range map[pipeline.Topic]string{
				pipeline.Responses:    answer("e", noon, 3, ""),
				pipeline.Complaints:   step("e", noon, "opened"),
				pipeline.Purchases:    `{"event_id":"e","occurred_at":"2026-03-01T12:00:00Z","customer_id":"c1","amount":1}`,
				pipeline.Observations: `{"event_id":"e","occurred_at":"2026-03-01T12:00:00Z","store_id":"c1","kind":"mystery_visit"}`,
				pipeline.Departures:   `{"event_id":"e","occurred_at":"2026-03-01T12:00:00Z","customer_id":"c1"}`,
				pipeline.Asked:        `{"event_id":"e","occurred_at":"2026-03-01T12:00:00Z","terminal_id":"c1"}`,
			} {
				want, home := pipeline.Applied, by.PartitionOf([]byte("c1"), n)
				if by != partitioner.Any && home != p {
					want = pipeline.Diverted
				}
				if got := f.give(topic, "c1", value); got != want {
					t.Errorf("%s, %s in partition %d: %s", by, topic, p, got)
				}
				if want != pipeline.Diverted {
					continue
				}
				dead := f.Flush().Dead
				for _, words := range []string{fmt.Sprintf("belongs in partition %d", home), fmt.Sprintf("stands in partition %d", p), by.String(), "kafka.partitioner"} {
					if len(dead) != 1 || !strings.Contains(dead[0].Reason, words) {
						t.Errorf("%s, %s in partition %d: %+v lack %q", by, topic, p, dead, words)
					}
				}
			}
		}
	}
}
