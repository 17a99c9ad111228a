package customer_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"csatflow/pipeline/customer"
	"csatflow/pipeline/dimension"
	"csatflow/pipeline/event"
	"csatflow/pipeline/pane"
)

func registry() *pane.Registry {
	kinds, err := pane.NewKinds(dimension.Usual(), [][]string{{"store", "source"}})
	if err != nil {
		panic(err)
	}
	return pane.NewRegistry(kinds)
}

// ownRegistry is a registry with two dimensions of an owner.
func ownRegistry() *pane.Registry {
	set, err := dimension.NewSet([]dimension.Own{{Name: "till"}, {Name: "campaign"}})
	if err != nil {
		panic(err)
	}
	kinds, err := pane.NewKinds(set, [][]string{{"store", "till"}})
	if err != nil {
		panic(err)
	}
	return pane.NewRegistry(kinds)
}

// drawRegistry draws how a registry is made.
func drawRegistry(t *rapid.T) func() *pane.Registry {
	if rapid.Bool().Draw(t, "own dimensions") {
		return ownRegistry
	}
	return registry
}

func drawAttributes(t *rapid.T, g *pane.Registry) pane.Attributes {
	if !g.HasOwn() {
		return ""
	}
	return pane.MakeAttributes(pane.AppendAttribute(pane.AppendAttribute(nil, ids().Draw(t, "campaign")), ids().Draw(t, "till")))
}

func ids() *rapid.Generator[string] {
	return rapid.OneOf(rapid.SampledFrom([]string{"", "s1", "s2", "店", "\x00", strings.Repeat("😀", 256)}), rapid.StringN(0, 20, -1))
}

// drawResponse draws a response; ids repeat more often than in real events.
func drawResponse(t *rapid.T, g *pane.Registry) (m customer.Moment, rival, terminal bool) {
	var d pane.Dims
	for i := range d {
		d[i] = ids().Draw(t, "dimension")
	}
	if rapid.Bool().Draw(t, "enumerations") {
		d[pane.Source], d[pane.CustomerType] = rapid.SampledFrom(event.Sources).Draw(t, "source"), rapid.SampledFrom(event.CustomerTypes).Draw(t, "type")
	}
	scale, three := rapid.Uint8Range(0, 7), rapid.Uint8Range(0, 3)
	m = customer.Moment{At: rapid.OneOf(rapid.Int64Range(-86400_000, 1<<42-1), rapid.Int64Range(0, 5)).Draw(t, "at"),
		ID: rapid.OneOf(rapid.Uint64Range(0, 100), rapid.Uint64()).Draw(t, "id"), Dims: g.RefOf(&d, drawAttributes(t, g), rapid.SampledFrom([]string{"instant", "comprehensive", "", "other"}).Draw(t, "survey"), ids().Draw(t, "brand")),
		Grade: scale.Draw(t, "grade"), Survey: rapid.Uint8Range(0, 2).Draw(t, "survey"), Expectation: scale.Draw(t, "expectation"), Performance: scale.Draw(t, "performance"),
		Emotion: rapid.Uint8Range(0, 4).Draw(t, "emotion"), Repurchase: three.Draw(t, "repurchase"), Recommend: three.Draw(t, "recommend"),
		Equity: rapid.OneOf(rapid.Int8Range(-3, 3), rapid.Just(customer.NoEquity)).Draw(t, "equity")}
	return m, rapid.IntRange(0, 5).Draw(t, "rival") == 0, rapid.IntRange(0, 5).Draw(t, "terminal") == 0
}

func drawResponses(t *rapid.T, g *pane.Registry) *customer.Responses {
	h := customer.NewResponses()
	for range rapid.IntRange(0, 12).Draw(t, "responses") {
		h.Apply(drawResponse(t, g))
	}
	return h
}

func drawComplaints(t *rapid.T, g *pane.Registry) *customer.Complaints {
	h := customer.NewComplaints()
	for range rapid.IntRange(0, 12).Draw(t, "steps") {
		h.Apply(ids().Draw(t, "complaint"), customer.Step{At: rapid.Int64().Draw(t, "at"), ID: rapid.Uint64().Draw(t, "id"), Step: rapid.Uint8Range(0, 7).Draw(t, "step"),
			Source: rapid.Uint8Range(0, 5).Draw(t, "source"), Category: rapid.Uint8Range(0, 15).Draw(t, "category"), Emotion: rapid.Uint8Range(0, 4).Draw(t, "emotion"),
			Remedies: rapid.Uint8Range(0, 15).Draw(t, "remedies"), LeaveReason: rapid.Uint8Range(0, 6).Draw(t, "reason"),
			Outcome: rapid.Uint8Range(0, 7).Draw(t, "outcome"), Process: rapid.Uint8Range(0, 7).Draw(t, "process"),
			Store: ids().Draw(t, "store"), Region: ids().Draw(t, "region"), Employee: ids().Draw(t, "employee"), Attributes: drawAttributes(t, g), Own: drawOwn(t)})
	}
	return h
}

// drawOwn draws words of the owner's.
func drawOwn(t *rapid.T) *customer.OwnWords {
	word := rapid.SampledFrom([]string{"", "", "billing", "whatsapp", "a"})
	own := customer.OwnWords{Source: word.Draw(t, "own source"), Category: word.Draw(t, "own category")}
	if own == (customer.OwnWords{}) {
		return nil
	}
	return &own
}

func text(b []byte) string { return string(b) }

func TestResponsesComeBackFromTheirStoredForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		made := drawRegistry(t)
		g, other := made(), made()
		c, oc := customer.NewCodec(g, text), customer.NewCodec(other, text)
		other.RefOf(&pane.Dims{"first", "s1"}, "", "instant", "") // so that numbers differ
		h, back := drawResponses(t, g), customer.NewResponses()
		b := c.AppendResponses(nil, h)
		if err := oc.ReadResponses(b, back); err != nil {
			t.Fatal(err)
		}
		if again := oc.AppendResponses(nil, back); !bytes.Equal(b, again) {
			t.Fatal("written again it is another")
		}
		if len(back.Moments) != len(h.Moments) || back.Count != h.Count || back.GradeSum != h.GradeSum || back.Ungraded != h.Ungraded || back.Rivals != h.Rivals || back.Left != h.Left {
			t.Fatalf("%+v, want %+v", back, h)
		}
		for i := range h.Moments {
			want, got := h.Moments[i], back.Moments[i]
			wd, ws, wb := g.Cut(want.Dims)
			gd, gs, gb := other.Cut(got.Dims)
			if !slices.Equal(g.Own(want.Dims), other.Own(got.Dims)) {
				t.Fatalf("moment %d: attributes %q, want %q", i, other.Own(got.Dims), g.Own(want.Dims))
			}
			want.Dims, got.Dims = pane.DimsRef{}, pane.DimsRef{}
			if want != got || wd != gd || ws != gs || wb != gb {
				t.Fatalf("moment %d: %+v, want %+v", i, got, want)
			}
		}
		for n := range b {
			if err := oc.ReadResponses(b[:n], back); err == nil {
				t.Fatalf("%d of %d bytes are read without an error", n, len(b))
			}
		}
	})
}

func TestComplaintsComeBackFromTheirStoredForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawRegistry(t)()
		c := customer.NewCodec(g, text)
		h, back := drawComplaints(t, g), drawComplaints(t, g) // its former content must not matter
		b := c.AppendComplaints(nil, h)
		if err := c.ReadComplaints(b, back); err != nil {
			t.Fatal(err)
		}
		list := cmp.Diff(h.List, back.List, cmpopts.IgnoreUnexported(customer.Step{}), cmpopts.EquateEmpty())
		if list != "" || !bytes.Equal(b, c.AppendComplaints(nil, back)) || back.Steps() != h.Steps() {
			t.Fatalf("(-want, +got):\n%s", list)
		}
		for _, c := range h.List {
			for _, s := range c.Steps {
				if !back.Seen(s.ID) {
					t.Fatalf("id %d is forgotten", s.ID)
				}
			}
		}
		for n := range b {
			if err := c.ReadComplaints(b[:n], back); err == nil {
				t.Fatalf("%d of %d bytes are read without an error", n, len(b))
			}
		}
	})
}

// A history that goes through all its forms between events equals one that stayed in memory; its remembered ids equal
// a plain list of the last 64.
func TestAHistoryIsTheSameWhateverFormItHasHad(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawRegistry(t)()
		c := customer.NewCodec(g, text)
		plain, other := customer.NewResponses(), customer.NewResponses()
		var last []uint64
		n := rapid.SampledFrom([]int{5, 100, 400}).Draw(t, "events")
		forms, r := rapid.Uint64().Draw(t, "seed"), 0
		source := rand.New(rand.NewPCG(forms, 1))
		some := make([]customer.Moment, 8)
		for i := range some {
			some[i], _, _ = drawResponse(t, g)
		}
		for range n {
			m := some[source.IntN(len(some))]
			m.At, m.ID = source.Int64N(1000), source.Uint64N(uint64(3*n/2))
			rival := source.IntN(9) == 0
			want := !slices.Contains(last, m.ID)
			if want {
				last = append(last, m.ID)
				last = last[max(len(last)-customer.SeenIDs, 0):]
			}
			applied, left := plain.Apply(m, rival, false)
			applied2, left2 := other.Apply(m, rival, false)
			if applied != want || applied2 != want || (left == nil) != (left2 == nil) || left != nil && *left != *left2 {
				t.Fatalf("event %d is applied: %v and %v, want %v", r, applied, applied2, want)
			}
			r++
			switch source.IntN(4) {
			case 0:
				b := c.AppendResponses(nil, other)
				if !bytes.Equal(b, c.AppendResponses(nil, plain)) {
					t.Fatalf("event %d: the stored form depends on the past", r)
				}
				if err := c.ReadResponses(b, other); err != nil {
					t.Fatal(err)
				}
			case 1:
				other.Mark = int64(r)
				b := c.AppendResident(nil, other)
				if c.SetResident(b, other); other.Mark != int64(r) || customer.AbsorbedOfResident(b) != plain.Absorbed() {
					t.Fatal("the resident form is another")
				}
			}
			if !slices.Equal(plain.Moments, other.Moments) || plain.Left != other.Left || plain.GradeSum != other.GradeSum || plain.Absorbed() != other.Absorbed() {
				t.Fatalf("event %d: the histories differ", r)
			}
		}
	})
}

func TestAFormatOfAnotherReleaseIsRefused(t *testing.T) {
	c := customer.NewCodec(registry(), text)
	if err := c.ReadResponses([]byte{3, 0, 0, 0, 0, 0, 0}, customer.NewResponses()); err == nil || !strings.Contains(err.Error(), "format 3") {
		t.Error(err)
	}
	if err := c.ReadComplaints([]byte{9, 0, 0}, customer.NewComplaints()); err == nil || !strings.Contains(err.Error(), "format 9") {
		t.Error(err)
	}
}

func FuzzReadResponses(f *testing.F) {
	g := registry()
	f.Add(customer.NewCodec(g, text).AppendResponses(nil, sampleResponses(g, 7)))
	own := ownRegistry()
	f.Add(customer.NewCodec(own, text).AppendResponses(nil, sampleResponses(own, 7)))
	if old, err := os.ReadFile("testdata/responses-7.v1"); err == nil {
		f.Add(old)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, g := range []*pane.Registry{registry(), ownRegistry()} {
			readAgain(t, g, b)
		}
	})
}

func readAgain(t *testing.T, g *pane.Registry, b []byte) {
	c, h := customer.NewCodec(g, text), customer.NewResponses()
	if err := c.ReadResponses(b, h); err != nil {
		return
	}
	stored := c.AppendResponses(nil, h)
	if err := c.ReadResponses(stored, h); err != nil || !bytes.Equal(stored, c.AppendResponses(nil, h)) {
		t.Errorf("what was read cannot be written and read again: %v", err)
	}
	for i := range h.Moments { // its content can be used
		g.Scopes(h.Moments[i].Dims)
	}
}

func FuzzReadComplaints(f *testing.F) {
	f.Add(customer.NewCodec(registry(), text).AppendComplaints(nil, sampleComplaints(5)))
	if old, err := os.ReadFile("testdata/complaints-5.v1"); err == nil {
		f.Add(old)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, h := customer.NewCodec(registry(), text), customer.NewComplaints()
		if err := c.ReadComplaints(b, h); err != nil {
			return
		}
		stored := c.AppendComplaints(nil, h)
		if err := c.ReadComplaints(stored, h); err != nil || !bytes.Equal(stored, c.AppendComplaints(nil, h)) {
			t.Errorf("what was read cannot be written and read again: %v", err)
		}
	})
}
