package intake

import (
	"encoding/json"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"csatflow/pipeline/event"
	"csatflow/schemas/feeds"
)

// required are good values of required fields.
var required = map[string]any{"event_id": "e", "occurred_at": "2026-03-02T10:00:00Z", "customer_id": 7, "grade": 6, "complaint_id": "k", "step": "opened", "amount": 2.5, "kind": "mystery_visit", "store_id": "s"}

// anyFeed has every field of a topic straight from the payload.
func anyFeed(t testing.TB, topic *feeds.Feed) *Feed {
	rule := Rule{To: topic.Name}
	for _, f := range topic.Fields {
		rule.Fields = append(rule.Fields, Field{Name: f.Name, Source: Source{Text: "msg.?" + f.Name}})
	}
	all, err := Compile("feeds", Declarations{"any": {Name: "any", Rules: []Rule{rule}}}, Options{Scales: DefaultScales()})
	if err != nil {
		t.Fatal(err)
	}
	return all["any"]
}

// values draws what a sender may put into a field: often what fits, often not.
func values(f *feeds.Field) *rapid.Generator[any] {
	fit := rapid.Just[any]("x")
	switch f.Kind {
	case feeds.Instant:
		fit = rapid.SampledFrom([]any{"2026-03-02T10:00:00Z", "2026-03-02T10:00:00.123+08:00", "2026-03-02"})
	case feeds.Scale, feeds.Integer, feeds.Count, feeds.Number:
		fit = rapid.OneOf(rapid.Map(rapid.IntRange(-4, 9), func(n int) any { return n }), rapid.Map(rapid.Float64Range(-10, 10), func(n float64) any { return n }))
	case feeds.Set:
		fit = rapid.SampledFrom([]any{[]string{}, []string{"smiled_at"}, []string{"apologised", "corrected"}, []any{1}})
	case feeds.Scales, feeds.Answers:
		fit = rapid.SampledFrom([]any{map[string]any{}, map[string]any{"empathy": 5}, map[string]any{"q1": 10}, map[string]any{"outcome": "x"}})
	case feeds.Attributes:
		fit = rapid.SampledFrom([]any{map[string]any{"till": "7"}, map[string]any{"till": 7}, map[string]any{"": "x"}})
	case feeds.Name:
		fit = rapid.SampledFrom([]any{"pos", "opened", "instant", "product", "mystery_visit", "angry", "none of them"})
	case feeds.ID, feeds.Text:
		fit = rapid.OneOf(rapid.Map(rapid.StringN(1, 20, 300), func(s string) any { return s }), rapid.Map(rapid.Int64(), func(n int64) any { return n }))
	}
	return rapid.OneOf(fit, fit, fit, fit, rapid.SampledFrom([]any{nil, true, "", -1, 1e300, []any{}, map[string]any{}}))
}

// TestWhatIsMappedIsTakenByThePipelinesDecoder, with the same key, whatever the payload.
func TestWhatIsMappedIsTakenByThePipelinesDecoder(t *testing.T) {
	for i := range feeds.All {
		topic := &feeds.All[i]
		f := anyFeed(t, topic)
		taken := 0
		rapid.Check(t, func(t *rapid.T) {
			payload := map[string]any{}
			for j := range topic.Fields {
				field := &topic.Fields[j]
				given := rapid.IntRange(0, 9).Draw(t, "given")
				switch good, required := required[field.Name]; {
				case required && given < 9:
					payload[field.Name] = good
				case required || given == 0:
					payload[field.Name] = values(field).Draw(t, field.Name)
				}
			}
			if topic.Name == "responses" {
				payload["terminal_id"] = "t"
			}
			b, err := json.Marshal(payload)
			if err != nil {
				t.Skip()
			}
			msg, err := DecodeJSON(b)
			if err != nil {
				t.Fatalf("%s: %v", b, err)
			}
			events, err := f.Map(&Payload{Message: msg})
			var r *Refusal
			if err != nil && (!errors.As(err, &r) || r.Feed != "any" || r.Reason == "") {
				t.Fatalf("%s: %v is no refusal that says why", b, err)
			}
			for _, e := range events {
				taken++
				key, _, err := (&event.Decoder{}).KeyOf(e.Topic, e.Value)
				if err != nil || string(key) != string(e.Key) || len(key) == 0 {
					t.Fatalf("%s is mapped to %s with the key %q: %q, %v", b, e.Value, e.Key, key, err)
				}
			}
		})
		if taken == 0 && !testing.Short() { // then there are few payloads
			t.Errorf("of %s nothing was taken", topic.Name)
		}
	}
}

// FuzzMap: whatever a payload is, it is mapped to events that the decoder takes, or refused with a reason.
func FuzzMap(f *testing.F) {
	for _, payload := range []string{pressed, `{"type":"rating"}`, `[]`, `null`, `{"type":"rating","id":1e400,"ts_ms":"x"}`, `{"type":"rating","id":"\ud800","ts_ms":1,"device":"d","stars":1,"site":"S-16","campaign":"x"}`} {
		f.Add([]byte(payload))
	}
	feed := feedOf(f, kiosk)
	decoder := &event.Decoder{}
	f.Fuzz(func(t *testing.T, payload []byte) {
		msg, err := DecodeJSON(payload)
		if err != nil {
			return
		}
		events, err := feed.Map(&Payload{Message: msg})
		var r *Refusal
		if err != nil && (!errors.As(err, &r) || r.Reason == "") {
			t.Errorf("%s: %v", payload, err)
		}
		for _, e := range events {
			if _, _, err := decoder.KeyOf(e.Topic, e.Value); err != nil {
				t.Errorf("%s is mapped to %s: %v", payload, e.Value, err)
			}
		}
	})
}
