package simulate

import (
	"encoding/json"
	"testing"

	"csatflow/pipeline/event"
)

func TestThePipelineDecodesEveryGoodEventAndNoBadOne(t *testing.T) {
	c := withEvents(60_000)
	c.BadShare, c.ComplaintShare = .1, .2
	f := feedOf(t, c)
	var d event.Decoder
	var e Event
	bad := 0
	for f.Next(&e) {
		var err error
		var key []byte
		unknown := 0
		if e.Complaint {
			var k *event.Complaint
			if k, err = d.Complaint(e.Value); err == nil {
				key, unknown = k.CustomerID, k.Unknown
			}
		} else {
			var r *event.Response
			if r, err = d.Response(e.Value); err == nil {
				key, _ = r.Key()
				unknown = r.Unknown
			}
		}
		if (err == nil) == e.Bad {
			t.Fatalf("bad: %v, but %v: %s", e.Bad, err, e.Value)
		}
		if e.Bad {
			bad++
		} else if string(key) != string(e.Key) || unknown != 0 {
			t.Fatalf("key %q for %q, %d unknown fields: %s", e.Key, key, unknown, e.Value)
		}
	}
	if bad < 5000 {
		t.Errorf("%d bad lines of 60000, .1 were asked for", bad)
	}
}

// TestAnEmployeeIsOfOneStoreAndAStoreOfOneRegion: also in the call centre, and with fewer agents than stores.
func TestAnEmployeeIsOfOneStoreAndAStoreOfOneRegion(t *testing.T) {
	for _, employees := range []int{21, 60, 200} {
		c := withEvents(50_000)
		c.Employees, c.ComplaintShare = employees, .2
		f := feedOf(t, c)
		is := map[string]string{}
		one := func(what, of string) {
			if before, known := is[what]; known && before != of {
				t.Fatalf("%s is of %s and of %s", what, before, of)
			}
			is[what] = of
		}
		var e Event
		for f.Next(&e) {
			var p struct {
				StoreID    string `json:"store_id"`
				Region     string `json:"region"`
				EmployeeID string `json:"employee_id"`
			}
			if err := json.Unmarshal(e.Value, &p); err != nil {
				t.Fatal(err)
			}
			if p.StoreID != "" {
				one(p.StoreID, p.Region)
				one(p.EmployeeID, p.StoreID)
			}
		}
		if len(is) != c.Stores+employees {
			t.Errorf("%d stores and employees were met, there are %d", len(is), c.Stores+employees)
		}
	}
}

func TestTheOptionalFieldsComeAboutAsOftenAsTheyShould(t *testing.T) {
	c := withEvents(100_000)
	c.DuplicateShare, c.AnonymousShare, c.ComplaintShare = 0, 0, 0
	f := feedOf(t, c)
	met, offsets, all := map[string]float64{}, 0., 0.
	var e Event
	for f.Next(&e) {
		var doc map[string]any
		if err := json.Unmarshal(e.Value, &doc); err != nil {
			t.Fatal(err)
		}
		all++
		for field := range doc {
			met[field]++
		}
		if at := doc["occurred_at"].(string); at[len(at)-1] != 'Z' {
			offsets++
		}
	}
	met["other offsets than Z"] = offsets
	for field, share := range map[string]float64{
		"expectation": .6, "performance": .6, "rater": .3, "factors": .05, "facets": .05, "scorecard": .05, "tcs": .05, "experience": .1,
		"need_level": .05, "equity": .1, "perceived_price": .1, "emotion": .2, "repurchase": .25, "recommend": .25, "comment": .02,
		"answers": .01, "survey": .01, "brand": .01, "nps": .135, "ces": .135, "stars": .07, "grade_from": .017, "other offsets than Z": .05,
	} {
		if is := met[field] / all; is < share*.85 || is > share*1.15 {
			t.Errorf("%s: in %.4f of the responses, should be about %.2f", field, is, share)
		}
	}
}

func TestFeedsOfDifferentSeedsShareNoEventIDs(t *testing.T) {
	seen := map[string]uint64{}
	for _, seed := range []uint64{0, 1, 2, 7} {
		c := withEvents(5000)
		c.Seed, c.DuplicateShare = seed, 0
		f := feedOf(t, c)
		var e Event
		for f.Next(&e) {
			id := parse(t, e.Value).EventID
			if other, met := seen[id]; met {
				t.Fatalf("%s is of seeds %d and %d", id, other, seed)
			}
			seen[id] = seed
		}
	}
	if seen["r-000000001"] != 1 || seen["k-000000001"] != 1 {
		t.Error("seed 1 does not count from 1")
	}
}
