package dimension_test

import (
	"slices"
	"strings"
	"testing"

	"csatflow/pipeline/dimension"
)

func set(t *testing.T, own ...dimension.Own) *dimension.Set {
	t.Helper()
	s, err := dimension.NewSet(own)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestADimensionOfTheOwnersStandsInEveryList(t *testing.T) {
	s := set(t, dimension.Own{Name: "till", Label: dimension.Label{En: "Till", Zh: "收银台"}}, dimension.Own{Name: "campaign", Topics: []string{"responses"}}, dimension.Own{Name: "desk", Topics: []string{"complaints"}})
	for what, list := range map[string][]string{"names": s.Names(), "watched": s.Watched(), "of responses": s.OfResponses()} {
		if !slices.Contains(list, "till") || slices.Contains(list, "desk") == (what == "of responses") {
			t.Errorf("%s: %q", what, list)
		}
	}
	var drill []string
	for _, d := range s.DrillDown() {
		drill = append(drill, d.Name)
	}
	if want := []string{"region", "store", "employee", "touchpoint", "till", "campaign", "source", "product_category", "customer_type"}; !slices.Equal(drill, want) {
		t.Errorf("one looks at %q, want %q", drill, want)
	}
	if text := s.Text(); text != "campaign (responses), desk (complaints), till (responses, complaints)" {
		t.Errorf("rows depend on %q", text)
	}
	if d := s.Of("campaign"); d == nil || d.Column != "attributes['campaign']" || d.Label != (dimension.Label{En: "campaign", Zh: "campaign"}) || !d.Own || d.Topics.Complaints {
		t.Errorf("%+v", d)
	}
}

func TestRowsDoNotDependOnTheOrderInWhichDimensionsAreDeclared(t *testing.T) {
	a, b := set(t, dimension.Own{Name: "a"}, dimension.Own{Name: "b"}), set(t, dimension.Own{Name: "b"}, dimension.Own{Name: "a"})
	if a.Text() != b.Text() {
		t.Errorf("%q and %q", a.Text(), b.Text())
	}
	if !slices.Equal(a.Names(), b.Names()) {
		t.Errorf("histories keep values by the places %q and %q", a.Names(), b.Names())
	}
	if dimension.Usual().Text() != "" {
		t.Error("without dimensions of the owner's there is something to keep")
	}
}

// TestOfTwoScopesThatFallAtOnceTheNarrowerOneIsTold checks the order of ranks.
func TestOfTwoScopesThatFallAtOnceTheNarrowerOneIsTold(t *testing.T) {
	s := set(t, dimension.Own{Name: "till"})
	order := []string{"store*source", "store", "employee", "touchpoint", "till", "source", "product_category", "customer_type", "region", "all"}
	if !slices.IsSortedFunc(order, func(a, b string) int { return s.Rank(a) - s.Rank(b) }) {
		t.Errorf("the ranks of %q are in another order", order)
	}
}

func TestANameThatIsNoDimensionIsToldWithTheNearest(t *testing.T) {
	_, err := set(t, dimension.Own{Name: "till"}).Find("tils")
	if err == nil || !strings.Contains(err.Error(), `no dimension "tils": did you mean "till"? There are region, store`) {
		t.Error(err)
	}
}
