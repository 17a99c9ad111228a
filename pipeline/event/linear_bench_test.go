package event_test

import (
	"fmt"
	"strings"
	"testing"

	"csatflow/pipeline/event"
)

// hostile returns messages of about n bytes that may cost a reader more than their size explains.
var hostile = []struct {
	name string
	f    feed
	make func(n int) string
}{
	{"digits of an amount", purchases, func(n int) string {
		return string(with(purchases.minimal, "amount", "999999999999."+strings.Repeat("9", n)))
	}},
	{"digits of an exponent", observations, func(n int) string {
		return string(with(observations.minimal, "seconds_to_greet", "1e"+strings.Repeat("0", n)))
	}},
	{"digits of a grade", responses, func(n int) string {
		return string(with(responses.minimal, "grade", "7."+strings.Repeat("0", n)))
	}},
	{"answers", responses, func(n int) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, `,"q%d":1`, i)
		}
		return string(with(responses.minimal, "answers", "{"+b.String()[1:]+"}"))
	}},
	{"members of a scale", responses, func(n int) string {
		return string(with(responses.minimal, "rater", "{"+strings.Repeat(`"x":1,`, n/6)+`"x":1}`))
	}},
	{"unknown fields", responses, func(n int) string {
		return responses.minimal[:len(responses.minimal)-1] + strings.Repeat(`,"x":1`, n/6) + "}"
	}},
	{"escapes of a comment", responses, func(n int) string {
		return string(with(responses.minimal, "comment", `"`+strings.Repeat(`\ud83d\ude42`, n/12)+`"`))
	}},
	{"an id", responses, func(n int) string {
		return string(with(responses.minimal, "store_id", `"`+strings.Repeat("客", n/3)+`"`))
	}},
	{"nesting", responses, func(n int) string {
		return string(with(responses.minimal, "x", "["+strings.Repeat(strings.Repeat("[", 5000)+strings.Repeat("]", 5000)+",", n/10001)+"1]"))
	}},
	{"the name of a field", responses, func(n int) string {
		return string(with(responses.minimal, strings.Repeat("x", n), "nul"))
	}},
	{"white space", responses, func(n int) string { return strings.Repeat(" ", n) + responses.minimal }},
	{"a time", responses, func(n int) string {
		return string(with(responses.minimal, "occurred_at", `"2026-03-01T09:00:00.`+strings.Repeat("1", n)+`Z"`))
	}},
	{"experience", responses, func(n int) string {
		return string(with(responses.minimal, "experience", `["taught"`+strings.Repeat(`,"taught"`, n/9)+`]`))
	}},
}

// BenchmarkWorkPerByte measures a byte of a hostile message at growing sizes: if the work is linear, ns/byte stays or
// falls.
func BenchmarkWorkPerByte(b *testing.B) {
	for _, h := range hostile {
		for _, size := range []int{1 << 12, 1 << 16, 1 << 20, 1 << 24} {
			b.Run(fmt.Sprintf("%s/%d", h.name, size), func(b *testing.B) {
				message := []byte(h.make(size))
				var d event.Decoder
				b.SetBytes(int64(len(message)))
				for b.Loop() {
					_, _ = h.f.decode(&d, message) // most fail
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(message)), "ns/byte")
			})
		}
	}
}
