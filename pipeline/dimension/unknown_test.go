package dimension

import "testing"

func TestTheNearestNameIsTheOneThatTheGivenOneBeginsElseTheOneWithFewestEdits(t *testing.T) {
	known := []string{"stars", "grade", "store_id", "store_id_of_order", "region"}
	for name, want := range map[string]string{"store": "store_id", "grades": "grade", "star": "stars", "regoin": "region", "gr": "grade", "st": "stars"} {
		if got := Nearest(name, known); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
