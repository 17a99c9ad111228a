package schemas_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"csatflow/pipeline/event"
	"csatflow/schemas"
)

// definition is what the tests look at in one of the shared definitions.
type definition struct {
	Enum       []string
	Properties map[string]map[string]any
	MaxItems   int
	Names      map[string]string `json:"x-values-zh"`
}

func definitions(t *testing.T) map[string]definition {
	t.Helper()
	text, err := fs.ReadFile(schemas.Events, "events/scales.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Defs map[string]definition `json:"$defs"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Defs
}

func same(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

func TestTheEnumerationsAreThoseOfTheDecoder(t *testing.T) {
	defs := definitions(t)
	want := map[string][]string{
		"source": event.Sources, "survey": event.Surveys, "need_level": event.NeedLevels, "customer_kind": event.CustomerKinds,
		"customer_type": event.CustomerTypes, "customer_role": event.CustomerRoles, "emotion": event.Emotions,
		"repurchase": event.Repurchases, "recommend": event.Recommends, "step": event.Steps, "category": event.Categories,
		"leave_reason": event.LeaveReasons, "experience_name": event.ExperienceNames, "remedy": event.RemedyNames,
		"observation_kind": event.ObservationKinds,
	}
	for name, names := range want {
		if got := defs[name].Enum; !same(got, names) {
			t.Errorf("%s: %q in the schema, %q in the decoder", name, got, names)
		}
	}
	for name, d := range defs {
		if len(d.Enum) > 0 && want[name] == nil {
			t.Errorf("enumeration %s is compared with nothing", name)
		}
		for value := range d.Names {
			if len(d.Enum) > 0 && !slices.Contains(d.Enum, value) {
				t.Errorf("%s: a Chinese label for %q, which is no value", name, value)
			}
		}
	}
	if n := defs["experience"].MaxItems; n != len(event.ExperienceNames) {
		t.Errorf("experience may have %d entries", n)
	}
	if n := defs["remedies"].MaxItems; n != len(event.RemedyNames) {
		t.Errorf("remedies may have %d entries", n)
	}
}

func TestTheMembersOfTheScalesAreThoseOfTheDecoder(t *testing.T) {
	defs := definitions(t)
	want := map[string][]string{
		"rater": event.RaterNames, "factors": event.FactorNames, "facets": event.FacetNames,
		"scorecard": event.ScorecardNames, "tcs": event.TCSNames, "fairness": event.FairnessNames,
	}
	for name, names := range want {
		if got := slices.Collect(maps.Keys(defs[name].Properties)); !same(got, names) {
			t.Errorf("%s: %q in the schema, %q in the decoder", name, got, names)
		}
	}
	for name, d := range defs {
		if len(d.Properties) > 0 && want[name] == nil {
			t.Errorf("scale %s is compared with nothing", name)
		}
		for member, p := range d.Properties {
			if label, _ := p["x-label-zh"].(string); label == "" && name != "fairness" {
				t.Errorf("%s.%s has no Chinese label", name, member)
			}
		}
	}
}

// Within these times the library could not write out the numbers; one of them crashes it.
func TestANumberOfExtremeSizeIsCheckedAtOnce(t *testing.T) {
	s, err := schemas.CompileEvent("purchases")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	for amount, good := range map[string]bool{
		"1e1000001": false, "-1e1000001": false, "1e999999999": false, "1e99999999999999999999": false, "-1e99999999999999999999": false,
		"1e-1000001": true, "-1E-99999999999999999999": true, "0e99999999999999999999": true, "-0.0e-1000001": true,
		"1e12": true, "1.000000000000000000000001e12": false, "-1.000000000000000000000001e12": false,
		"0." + strings.Repeat("0", 500) + "1e501": true, "1" + strings.Repeat("0", 500) + "e-495": true,
	} {
		doc, err := schemas.UnmarshalEvent([]byte(`{"event_id":"p","occurred_at":"2026-03-01T09:00:00Z","customer_id":"c","amount":` + amount + `}`))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(doc); (err == nil) != good {
			t.Errorf("amount %.40s: %v", amount, err)
		}
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("it took %v", d)
	}
}

func TestAMessageThatIsNotUTF8IsRefused(t *testing.T) {
	if _, err := schemas.UnmarshalEvent([]byte("{\"comment\":\"\xff\"}")); err == nil {
		t.Error("taken")
	}
}

func TestASyntaxErrorIsStillThereToAskFor(t *testing.T) {
	_, err := schemas.UnmarshalEvent([]byte("{]"))
	if syntax := (*json.SyntaxError)(nil); !errors.As(err, &syntax) {
		t.Errorf("got %v", err)
	}
}
