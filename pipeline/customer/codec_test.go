package customer_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"csatflow/pipeline/customer"
	"csatflow/pipeline/pane"
)

func registry() *pane.Registry {
	kinds, err := pane.NewKinds([][]string{{"store", "source"}})
	if err != nil {
		panic(err)
	}
	return pane.NewRegistry(kinds)
}

func ids() *rapid.Generator[string] {
	return rapid.OneOf(rapid.SampledFrom([]string{"", "s1", "s2", "店", "\x00", strings.Repeat("😀", 256)}), rapid.StringN(0, 20, -1))
}

func drawResponses(t *rapid.T, g *pane.Registry) *customer.Responses {
	h := customer.NewResponses()
	for range rapid.IntRange(0, 12).Draw(t, "responses") {
		var d pane.Dims
		for i := range d {
			d[i] = ids().Draw(t, "dimension")
		}
		code := rapid.Uint8Range(0, 7)
		h.Apply(customer.Moment{At: rapid.Int64Range(0, 1<<45).Draw(t, "at"), ID: rapid.Uint64().Draw(t, "id"), Dims: g.RefOf(&d, "instant", ids().Draw(t, "brand")),
			Grade: code.Draw(t, "grade"), Survey: code.Draw(t, "survey"), Expectation: code.Draw(t, "expectation"), Performance: code.Draw(t, "performance"),
			Emotion: code.Draw(t, "emotion"), Repurchase: code.Draw(t, "repurchase"), Recommend: code.Draw(t, "recommend"), Equity: rapid.Int8().Draw(t, "equity")},
			rapid.Bool().Draw(t, "rival"), rapid.Bool().Draw(t, "terminal"))
	}
	return h
}

func drawComplaints(t *rapid.T) *customer.Complaints {
	h := customer.NewComplaints()
	for range rapid.IntRange(0, 12).Draw(t, "steps") {
		code := rapid.Uint8()
		h.Apply(ids().Draw(t, "complaint"), customer.Step{At: rapid.Int64().Draw(t, "at"), ID: rapid.Uint64().Draw(t, "id"), Step: code.Draw(t, "step"),
			Source: code.Draw(t, "source"), Category: code.Draw(t, "category"), Emotion: code.Draw(t, "emotion"), Remedies: code.Draw(t, "remedies"),
			LeaveReason: code.Draw(t, "reason"), Outcome: code.Draw(t, "outcome"), Process: code.Draw(t, "process"),
			Store: ids().Draw(t, "store"), Region: ids().Draw(t, "region"), Employee: ids().Draw(t, "employee")})
	}
	return h
}

func text(b []byte) string { return string(b) }

func TestResponsesComeBackFromTheirStoredForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, other := registry(), registry()
		h := drawResponses(t, g)
		b := h.AppendTo(nil, g)
		back, err := customer.ReadResponses(b, other)
		if err != nil {
			t.Fatal(err)
		}
		if again := back.AppendTo(nil, other); !bytes.Equal(b, again) {
			t.Fatal("written again it is another")
		}
		if len(back.Moments) != len(h.Moments) || back.Count != h.Count || back.GradeSum != h.GradeSum || back.Rivals != h.Rivals || back.Left != h.Left {
			t.Fatalf("%+v, want %+v", back, h)
		}
		for i := range h.Moments {
			want, got := h.Moments[i], back.Moments[i]
			wd, ws, wb := g.Cut(want.Dims)
			gd, gs, gb := other.Cut(got.Dims)
			want.Dims, got.Dims = pane.DimsRef{}, pane.DimsRef{}
			if want != got || wd != gd || ws != gs || wb != gb {
				t.Fatalf("moment %d: %+v, want %+v", i, got, want)
			}
		}
		for n := range b {
			if _, err := customer.ReadResponses(b[:n], registry()); err == nil {
				t.Fatalf("%d of %d bytes are read without an error", n, len(b))
			}
		}
	})
}

func TestComplaintsComeBackFromTheirStoredForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawComplaints(t)
		b := h.AppendTo(nil)
		back, err := customer.ReadComplaints(b, text)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(h.List, back.List); d != "" || !bytes.Equal(b, back.AppendTo(nil)) || back.Full() != h.Full() {
			t.Fatalf("(-want, +got):\n%s", d)
		}
		for _, c := range h.List {
			for _, s := range c.Steps {
				if !back.Seen(s.ID) {
					t.Fatalf("id %d is forgotten", s.ID)
				}
			}
		}
		for n := range b {
			if _, err := customer.ReadComplaints(b[:n], text); err == nil {
				t.Fatalf("%d of %d bytes are read without an error", n, len(b))
			}
		}
	})
}

func TestAFormatOfAnotherReleaseIsRefused(t *testing.T) {
	if _, err := customer.ReadResponses([]byte{2, 0, 0, 0, 0, 0, 0}, registry()); err == nil || !strings.Contains(err.Error(), "format 2") {
		t.Error(err)
	}
	if _, err := customer.ReadComplaints([]byte{9, 0, 0}, text); err == nil || !strings.Contains(err.Error(), "format 9") {
		t.Error(err)
	}
}

func FuzzReadResponses(f *testing.F) {
	g := registry()
	h := customer.NewResponses()
	h.Apply(customer.Moment{At: 5, ID: 1, Dims: g.RefOf(&pane.Dims{"north", "店"}, "instant", ""), Grade: 3}, false, false)
	f.Add(h.AppendTo(nil, g))
	f.Fuzz(func(t *testing.T, b []byte) {
		g := registry()
		h, err := customer.ReadResponses(b, g)
		if err != nil {
			return
		}
		if _, err := customer.ReadResponses(h.AppendTo(nil, g), g); err != nil {
			t.Errorf("what was read cannot be written and read again: %v", err)
		}
	})
}

func FuzzReadComplaints(f *testing.F) {
	h := customer.NewComplaints()
	h.Apply("p", customer.Step{At: 5, ID: 1, Step: 1, Store: "店"})
	f.Add(h.AppendTo(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := customer.ReadComplaints(b, text)
		if err != nil {
			return
		}
		if _, err := customer.ReadComplaints(h.AppendTo(nil), text); err != nil {
			t.Errorf("what was read cannot be written and read again: %v", err)
		}
	})
}
