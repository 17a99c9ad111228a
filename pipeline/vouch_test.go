package pipeline_test

import (
	"fmt"
	"testing"
	"time"

	"csatflow/pipeline"
	"csatflow/pipeline/pipelinetest"
	declared "csatflow/schemas/tables"
)

// TestAChurnRowVouchesForNoHistoriesButItsOwn: a process read a complaint and four purchases, and died when it had written the churn row of
// all five and the history of the complaint alone; another one, that had not seen the complaint, wrote two responses. Who goes on has
// histories with three events and a churn row with five, and must say of the responses that their customer has complained.
func TestAChurnRowVouchesForNoHistoriesButItsOwn(t *testing.T) {
	store := pipelinetest.NewStore()
	one, other, next := newFeeder(), newFeeder(), newFeeder()
	one.give(pipeline.Complaints, "c1", step("k1", noon, "opened"))
	write(t, store, one.Flush())
	for i := range 4 {
		one.give(pipeline.Purchases, "c1", fmt.Sprintf(`{"event_id":"b%d","occurred_at":%q,"customer_id":"c1","amount":5}`, i, noon.Format(time.RFC3339)))
	}
	died := one.Flush()
	for _, stage := range []declared.Stage{declared.FactsStage, declared.CustomersStage} {
		if err := store.Write(t.Context(), died.Of(stage)); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 2 {
		other.give(pipeline.Responses, "c1", answer(fmt.Sprintf("r%d", i), noon.Add(time.Duration(i)*time.Hour), 5, ""))
	}
	write(t, store, other.Flush())
	if err := next.Restore(t.Context(), store); err != nil {
		t.Fatal(err)
	}
	write(t, store, next.Flush())
	responses := 0
	for _, m := range store.Table(pipeline.TableMoments) {
		if m["kind"] == "response" {
			responses++
			if m["complained"] != true {
				t.Errorf("a response of a customer who has complained: %v", m)
			}
		}
	}
	if responses != 2 {
		t.Errorf("%d responses of a customer who has complained, want 2", responses)
	}
}
