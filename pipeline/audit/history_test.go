package audit

import (
	"bytes"
	"os"
	"testing"

	"csatflow/pipeline"
	"csatflow/pipeline/customer"
	"csatflow/pipeline/dimension"
	"csatflow/pipeline/pane"
)

// The samples were written by the last release that wrote version 1 of histories.
func TestAHistoryThatAnOlderReleaseWroteIsTheSameInItsForm(t *testing.T) {
	kinds, err := pane.NewKinds(dimension.Usual(), nil)
	if err != nil {
		t.Fatal(err)
	}
	c := customer.NewCodec(pane.NewRegistry(kinds), func(b []byte) string { return string(b) })
	for name, table := range map[string]string{"responses-400.v1": pipeline.TableCustomerResponses, "complaints-90.v1": pipeline.TableCustomerComplaint} {
		old, err := os.ReadFile("../customer/testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		var now []byte
		if table == pipeline.TableCustomerResponses {
			h := customer.NewResponses()
			err = c.ReadResponses(old, h)
			now = c.AppendResponses(nil, h)
		} else {
			h := customer.NewComplaints()
			err = c.ReadComplaints(old, h)
			now = c.AppendComplaints(nil, h)
		}
		if err != nil {
			t.Fatal(err)
		}
		h := newHistories(table, kinds)
		if a, b := h.encode(nil, string(old)), h.encode(nil, string(now)); !bytes.Equal(a, b) || bytes.Equal(old, now) {
			t.Errorf("%s: the two forms of a history are told apart", name)
		}
		other := bytes.Clone(old)
		other[len(other)-1] ^= 1 // of the last name
		if a, b := h.encode(nil, string(old)), h.encode(nil, string(other)); bytes.Equal(a, b) {
			t.Errorf("%s: another history is taken for the same", name)
		}
		if a := h.encode(nil, "\x01broken"); !bytes.Equal(a, text(nil, "\x01broken")) {
			t.Errorf("what cannot be read is not compared as it is")
		}
	}
}
