package event_test

import (
	"strings"
	"testing"

	"csatflow/pipeline/event"
)

const (
	typicalResponse = `{"event_id":"r-000184467","occurred_at":"2026-03-01T09:00:00.123+08:00","customer_id":"c-0012345","grade":6,"source":"pos","touchpoint":"checkout",` +
		`"store_id":"s-007","region":"north","employee_id":"e-0123","product_category":"kitchen","order_id":"o-991","expectation":5,"performance":6,` +
		`"rater":{"reliability":6,"assurance":5,"empathy":7},"experience":["thanked","resolved"],"emotion":"happy","repurchase":"likely","recommend":"possible"}`
	typicalComplaint = `{"event_id":"k-000184467","occurred_at":"2026-03-01T09:00:00.123Z","customer_id":"c-0012345","complaint_id":"K-5521","step":"resolved","source":"call",` +
		`"store_id":"s-007","employee_id":"e-0123","category":"runaround","emotion":"angry","remedies":["apologised","compensated"],"compensation":25.5,"fairness":{"outcome":6,"process":4}}`
)

func comprehensiveResponse() []byte {
	return with(typicalResponse, "answers", `{"q1":10,"q2":9,"q3":1,"q4":10,"q5":7}`)
}

func TestDecodingATypicalMessageAllocatesNothing(t *testing.T) {
	d := event.Decoder{Words: ownWords}
	for _, c := range []struct {
		name    string
		of      feed
		message []byte
	}{
		{"response", responses, []byte(typicalResponse)},
		{"response with blanks", responses, []byte(strings.NewReplacer(`":`, `" : `, `,"`, ` , "`, `}`, ` }`).Replace(typicalResponse))},
		{"response with escapes", responses, with(typicalResponse, "comment", `"\u5ba2 said \"thanks\"\n"`)},
		{"response with unknown fields", responses, with(typicalResponse, "extra", `{"a":[1.5e3,{"b":null}],"c":"d"}`)},
		{"comprehensive response", responses, comprehensiveResponse()},
		{"complaint", complaints, []byte(typicalComplaint)},
		{"complaint of the owner's words", complaints, []byte(strings.NewReplacer(`"call"`, `"whatsapp"`, `"runaround"`, `"billing"`, `"resolved"`, `"assigned"`).Replace(typicalComplaint))},
	} {
		decode := func() error { _, err := c.of.decode(&d, c.message); return err }
		if err := decode(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if n := testing.AllocsPerRun(1000, func() { _ = decode() }); n != 0 {
			t.Errorf("%s: %v allocations", c.name, n)
		}
	}
}

func BenchmarkResponse(b *testing.B)      { benchmark(b, []byte(typicalResponse), responses) }
func BenchmarkMinimal(b *testing.B)       { benchmark(b, []byte(responses.minimal), responses) }
func BenchmarkComprehensive(b *testing.B) { benchmark(b, comprehensiveResponse(), responses) }
func BenchmarkComplaint(b *testing.B)     { benchmark(b, []byte(typicalComplaint), complaints) }

func benchmark(b *testing.B, message []byte, f feed) {
	var d event.Decoder
	b.SetBytes(int64(len(message)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.decode(&d, message); err != nil {
			b.Fatal(err)
		}
	}
}
