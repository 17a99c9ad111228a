package pipeline

import "testing"

func TestWeightsOfWhatGrowsWithTimeLeaveRowsAsTheyAre(t *testing.T) {
	s := DefaultSettings()
	before := s.modelID()
	s.Model.Buying.Weights[0], s.Model.Buying.Horizon = 1, 30
	if s.modelID() != before {
		t.Error("customers would be scored anew")
	}
	s.Model.Weights[0]++
	if s.modelID() == before {
		t.Error("customers would keep scores of other weights")
	}
}
