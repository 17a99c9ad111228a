package customer_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"testing"

	"csatflow/pipeline/customer"
	"csatflow/pipeline/event"
	"csatflow/pipeline/pane"
)

// sampleResponses makes a history of n events: out of order, some about competitors; with more than 256, some have left.
func sampleResponses(g *pane.Registry, n int) *customer.Responses {
	h := customer.NewResponses()
	for i := range n {
		k := i ^ i>>1&1 // every other pair is swapped
		d := pane.Dims{pane.Region: "north", pane.Store: fmt.Sprint("s", k%3), pane.Employee: fmt.Sprint("e", k%7), pane.Source: event.Sources[k%5],
			pane.Touchpoint: []string{"", "checkout", "店"}[k%3], pane.ProductCategory: "shoes", pane.CustomerType: []string{"", "retail"}[k%2]}
		survey := uint8(1 + k%9/8)
		m := customer.Moment{At: 1_772_000_000_000 + int64(k)*7*hour, ID: uint64(k) * 0x9e3779b97f4a7c15, Dims: g.RefOf(&d, "", event.Name(event.Surveys, survey), ""),
			Grade: uint8(1 + k%7), Survey: survey, Expectation: uint8(k % 8), Performance: uint8(k / 2 % 8), Emotion: uint8(k % 5), Repurchase: uint8(k % 4),
			Recommend: uint8(k / 3 % 4), Equity: customer.NoEquity}
		if k%3 > 0 {
			m.Equity = int8(k%7) - 3
		}
		h.Apply(m, k%11 == 5, false)
	}
	return h
}

func sampleTerminal() *customer.Responses {
	h := customer.NewResponses()
	for i := range 100 {
		h.Apply(customer.Moment{At: int64(i) * hour, ID: uint64(i) * 0x9e3779b97f4a7c15, Grade: uint8(1 + i%7), Survey: 1}, false, true)
	}
	return h
}

// sampleComplaints is n steps of a few complaints, out of order.
func sampleComplaints(n int) *customer.Complaints {
	h := customer.NewComplaints()
	for i := range n {
		k := i ^ i>>1&1
		s := customer.Step{At: 1_772_000_000_000 + int64(k)*hour, ID: uint64(k) * 0x9e3779b97f4a7c15, Step: uint8(1 + k%7), Source: uint8(k % 6), Category: uint8(k % 16),
			Emotion: uint8(k % 5), Remedies: uint8(k % 16), LeaveReason: uint8(k % 7), Outcome: uint8(k % 8), Process: uint8(k / 2 % 8), Region: "north",
			Store: []string{"", "s1", "店"}[k%3], Employee: fmt.Sprint("e", k%5)}
		h.Apply(fmt.Sprint("p", k/6), s)
	}
	return h
}

// The samples in testdata were written by the last release that wrote version 1.
func TestHistoriesOfVersion1AreReadAsThoseOfThisVersion(t *testing.T) {
	g := registry()
	c := customer.NewCodec(g, text)
	for name, want := range map[string]*customer.Responses{"responses-7.v1": sampleResponses(g, 7), "responses-90.v1": sampleResponses(g, 90),
		"responses-400.v1": sampleResponses(g, 400), "terminal-100.v1": sampleTerminal()} {
		old, got := golden(t, name), customer.NewResponses()
		if err := c.ReadResponses(old, got); err != nil {
			t.Fatal(err)
		}
		now := c.AppendResponses(nil, want)
		if again := c.AppendResponses(nil, got); !bytes.Equal(again, now) || !slices.Equal(got.Moments, want.Moments) {
			t.Errorf("%s is read as another history", name)
		}
		t.Logf("%s: %d bytes, now %d", name, len(old), len(now))
		for n := range old {
			if err := c.ReadResponses(old[:n], got); err == nil {
				t.Errorf("%s: %d of %d bytes are read without an error", name, n, len(old))
			}
		}
	}
	for name, want := range map[string]*customer.Complaints{"complaints-5.v1": sampleComplaints(5), "complaints-90.v1": sampleComplaints(90)} {
		old, got := golden(t, name), customer.NewComplaints()
		if err := c.ReadComplaints(old, got); err != nil {
			t.Fatal(err)
		}
		now := c.AppendComplaints(nil, want)
		if again := c.AppendComplaints(nil, got); !bytes.Equal(again, now) {
			t.Errorf("%s is read as another history", name)
		}
		t.Logf("%s: %d bytes, now %d", name, len(old), len(now))
		for n := range old {
			if err := c.ReadComplaints(old[:n], got); err == nil {
				t.Errorf("%s: %d of %d bytes are read without an error", name, n, len(old))
			}
		}
	}
}

func golden(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
