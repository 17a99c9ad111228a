package httpin

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"csatflow/pipeline/event"
	"csatflow/pipeline/intake"
)

const deskFeed = `desk:
  to: complaints
  fields: {event_id: msg.id, occurred_at: msg.at, customer_id: msg.who, complaint_id: msg.ticket, step: msg.event, category: msg.topic, source: msg.via}
`

// TestWordsOfTheOwnersAreTakenInBothForms and stand in the description of the server; others are refused with the key that would add them.
func TestWordsOfTheOwnersAreTakenInBothForms(t *testing.T) {
	words := event.Words{event.SourceWords: {{Name: "whatsapp"}}, event.CategoryWords: {{Name: "billing", Like: event.CategoryPrice}}, event.StepWords: {{Name: "assigned"}}}
	d, err := intake.ReadText("test", "feeds", []byte(deskFeed))
	if err != nil {
		t.Fatal(err)
	}
	all, err := intake.Compile("feeds", d, intake.Options{Scales: intake.DefaultScales(), Words: words})
	if err != nil {
		t.Fatal(err)
	}
	s := serve(t, func(o *Options) { o.Words, o.Feeds = words, all })
	own := func(step, category, source string) string {
		return fmt.Sprintf(`{"event_id":"1","occurred_at":"2026-03-02T10:00:00Z","customer_id":"c","complaint_id":"k","step":%q,"category":%q,"source":%q}`, step, category, source)
	}
	sent := func(step, category, source string) string {
		return fmt.Sprintf(`{"id":"1","at":"2026-03-02T10:00:00Z","who":"c","ticket":"k","event":%q,"topic":%q,"via":%q}`, step, category, source)
	}
	for path, form := range map[string]func(step, category, source string) string{"/v1/events/complaints": own, "/v1/feeds/desk": sent} {
		if a := s.send(t, path, form("assigned", "billing", "whatsapp")); a.status != http.StatusAccepted || len(a.Refused) > 0 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
		for key, refused := range map[string]string{event.StepWords: form("escalated", "billing", "whatsapp"), event.CategoryWords: form("assigned", "tax", "whatsapp"), event.SourceWords: form("assigned", "billing", "fax")} {
			if a := s.send(t, path, refused); !strings.Contains(a.body, key) {
				t.Errorf("%s: %d %s, want a refusal that names %s", path, a.status, a.body, key)
			}
		}
	}
	text, err := json.Marshal(Document(nil, words))
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Components struct {
			Schemas map[string]struct{ Enum []string }
		}
	}
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	for scale, word := range map[string]string{"scale_source": "whatsapp", "scale_category": "billing", "scale_step": "assigned"} {
		if enum := document.Components.Schemas[scale].Enum; !slices.Contains(enum, word) || len(enum) < 6 {
			t.Errorf("%s is one of %q", scale, enum)
		}
	}
	plain, err := json.Marshal(Document(nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(plain), "whatsapp") {
		t.Error("the words stay in the description of others")
	}
}
