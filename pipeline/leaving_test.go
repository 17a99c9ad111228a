package pipeline_test

import (
	"fmt"
	"testing"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/customer"
)

// A customer has more responses than a history keeps: each bad one has its row, however rarely the task is flushed.
func TestResponsesThatLeaveTheHistoryHaveTheirMoments(t *testing.T) {
	for _, every := range []int{1, 100, 10_000} {
		const n = 3 * customer.MaxMoments
		f := newFeeder()
		written := map[string]bool{}
		note := func() {
			for _, stage := range f.Flush().Stages() {
				for _, rows := range stage {
					if rows.Table != pipeline.TableMoments {
						continue
					}
					for _, c := range rows.Columns {
						if c.Name == "moment_id" {
							for _, id := range c.Values.([]string) {
								written[id] = true
							}
						}
					}
				}
			}
		}
		for i := range n {
			at := noon.Add(time.Duration(i) * time.Minute)
			if i%5 == 0 {
				at = at.Add(-48 * time.Hour) // too late to be kept
			}
			f.give(pipeline.Responses, "c1", answer(fmt.Sprint("e", i), at, 2, ""))
			if i%every == every-1 {
				note()
			}
		}
		note()
		if len(written) != n {
			t.Errorf("a flush every %d responses: %d of %d bad responses have a row in moments", every, len(written), n)
		}
	}
}
