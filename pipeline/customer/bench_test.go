package customer_test

import (
	"fmt"
	"testing"
	"time"

	"csatflow/pipeline/customer"
	"csatflow/pipeline/pane"
)

// overLengths runs a benchmark on histories of 5, 90 and 256 responses.
func overLengths(b *testing.B, run func(b *testing.B, g *pane.Registry, h *customer.Responses)) {
	for _, n := range []int{6, 99, 400} { // some are about competitors
		g := registry()
		h := sampleResponses(g, n)
		b.Run(fmt.Sprint(len(h.Moments)), func(b *testing.B) {
			b.ReportAllocs()
			run(b, g, h)
		})
	}
}

// next is a response ten days after the latest.
func next(h *customer.Responses) customer.Moment {
	m := *h.Latest()
	m.At, m.ID, m.Survey = m.At+240*hour, 1, 1
	return m
}

// BenchmarkApply decodes a resident history, applies a response, and encodes it again.
func BenchmarkApply(b *testing.B) {
	overLengths(b, func(b *testing.B, g *pane.Registry, h *customer.Responses) {
		c, m := customer.NewCodec(g, text), next(h)
		resident, scratch := c.AppendResident(nil, h), customer.NewResponses()
		var into []byte
		for b.Loop() {
			c.SetResident(resident, scratch)
			scratch.Apply(m, false, false)
			into = c.AppendResident(into[:0], scratch)
		}
		b.ReportMetric(float64(len(resident)), "resident-B")
	})
}

func BenchmarkJourney(b *testing.B) {
	overLengths(b, func(b *testing.B, g *pane.Registry, h *customer.Responses) {
		calendar, m := pane.NewCalendar(time.UTC), next(h)
		var into []customer.JourneyChange
		for b.Loop() {
			into = h.Journey(&m, g, calendar, into[:0])
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	overLengths(b, func(b *testing.B, g *pane.Registry, h *customer.Responses) {
		c := customer.NewCodec(g, text)
		var into []byte
		for b.Loop() {
			into = c.AppendResponses(into[:0], h)
		}
		b.ReportMetric(float64(len(into)), "stored-B")
	})
}

func BenchmarkDecode(b *testing.B) {
	overLengths(b, func(b *testing.B, g *pane.Registry, h *customer.Responses) {
		c := customer.NewCodec(g, text)
		stored, scratch := c.AppendResponses(nil, h), customer.NewResponses()
		for b.Loop() {
			if err := c.ReadResponses(stored, scratch); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkScore(b *testing.B) {
	overLengths(b, func(b *testing.B, _ *pane.Registry, h *customer.Responses) {
		model, none := customer.DefaultModel(), customer.NewComplaints()
		names, adds := make([]string, 0, 3), make([]float64, 0, 3)
		for b.Loop() {
			s := model.Score(h, nil, none, customer.NewPurchases())
			s.AppendReasons(names, adds, 3)
		}
	})
}

// BenchmarkComplaints reads a history of complaints, summarises it, and writes it.
func BenchmarkComplaints(b *testing.B) {
	for _, n := range []int{5, 90} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			c := customer.NewCodec(registry(), text)
			stored, h := c.AppendComplaints(nil, sampleComplaints(n)), customer.NewComplaints()
			var into []byte
			for b.Loop() {
				if err := c.ReadComplaints(stored, h); err != nil {
					b.Fatal(err)
				}
				for i := range h.List {
					customer.Summarise(&h.List[i], day)
				}
				into = c.AppendComplaints(into[:0], h)
			}
		})
	}
}
