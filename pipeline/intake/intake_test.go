package intake

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const kiosk = `kiosk:
  when: msg.type == "rating"
  to: responses
  fields:
    event_id: msg.id
    occurred_at: timestamp(int(msg.ts_ms) / 1000)
    customer_id: 'has(msg.loyalty) ? msg.loyalty : ""'
    terminal_id: msg.device
    grade: stars(msg.stars)
    store_id: lookup("stores", msg.site)
    attributes: {campaign: msg.campaign}
`

const pressed = `{"type":"rating","id":4711,"ts_ms":1772445600123,"device":"till-7","stars":5,"site":"S-16","campaign":"spring"}`

// options has a look-up file stores with the sites S-16 and 17, and a key.
func options(t testing.TB) Options {
	t.Helper()
	file := filepath.Join(t.TempDir(), "stores.csv")
	if err := os.WriteFile(file, []byte("site,store,region\nS-16,store-016,north\n17,store-017,south\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := OpenLookups(map[string]string{"stores": file}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return Options{Scales: DefaultScales(), Lookups: l, HashKey: []byte("0123456789abcdef")}
}

func compiled(t testing.TB, text string) (Feeds, error) {
	t.Helper()
	d, err := ReadText("csatflow.yaml", "intake.feeds", []byte(text))
	if err != nil {
		return nil, err
	}
	return Compile("intake.feeds", d, options(t))
}

func feedOf(t testing.TB, text string) *Feed {
	t.Helper()
	all, err := compiled(t, text)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		return f
	}
	t.Fatal("no feed")
	return nil
}

func mapped(t testing.TB, f *Feed, payload string) ([]Event, error) {
	t.Helper()
	msg, err := DecodeJSON([]byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	return f.Map(&Payload{Message: msg})
}

// TestAConvertedGradeSaysFromWhichScale: and one that was given, or answers in scales of their own, do not.
func TestAConvertedGradeSaysFromWhichScale(t *testing.T) {
	for grade, want := range map[string]string{
		`stars(msg.stars)`: `"grade":7,"grade_from":"stars"`,
		`msg.kind == "smileys" ? smileys(msg.stars) : int(msg.stars)`:      `"grade":5`,
		`msg.kind != "smileys" ? scale("nps", msg.stars) : int(msg.stars)`: `"grade":3,"grade_from":"nps"`,
		`8 - stars(msg.stars)`:                          `"grade":1,"grade_from":"stars"`, // arithmetic makes no sense with names
		`scale(msg.kind == "x" ? "nps" : "smileys", 2)`: `"grade":2,"grade_from":"nps"`,
		`int(msg.stars)`:                                `"grade":5`,
	} {
		f := feedOf(t, strings.Replace(kiosk, "grade: stars(msg.stars)", "grade: '"+grade+"'", 1))
		events, err := mapped(t, f, strings.Replace(pressed, `{`, `{"kind":"x",`, 1))
		if err != nil || len(events) != 1 {
			t.Errorf("%s: %d events, %v", grade, len(events), err)
			continue
		}
		var got struct {
			Grade int    `json:"grade"`
			From  string `json:"grade_from"`
		}
		if err := json.Unmarshal(events[0].Value, &got); err != nil {
			t.Fatal(err)
		}
		said := fmt.Sprintf(`"grade":%d`, got.Grade)
		if got.From != "" {
			said += fmt.Sprintf(`,"grade_from":%q`, got.From)
		}
		if said != want {
			t.Errorf("%s makes %s, want %s", grade, said, want)
		}
	}
	for fields, want := range map[string]string{
		"nps: int(msg.stars)":                                  `"nps":5`,
		"stars: int(msg.stars)":                                `"stars":5`,
		"grade: stars(msg.stars)\n    grade_from: '\"faces\"'": `"grade":7,"grade_from":"faces"`,
	} {
		f := feedOf(t, strings.Replace(kiosk, "grade: stars(msg.stars)", fields, 1))
		events, err := mapped(t, f, pressed)
		if err != nil || len(events) != 1 || !strings.Contains(string(events[0].Value), want) || strings.Count(string(events[0].Value), "grade_from") > strings.Count(want, "grade_from") {
			t.Errorf("%s: %v, %v", fields, events, err)
		}
	}
}

func TestAKiosksRatingBecomesAResponse(t *testing.T) {
	f := feedOf(t, kiosk)
	events, err := mapped(t, f, pressed)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"event_id":"4711","occurred_at":"2026-03-02T10:00:00Z","terminal_id":"till-7","grade":7,"store_id":"store-016","attributes":{"campaign":"spring"},"grade_from":"stars"}`
	if len(events) != 1 || string(events[0].Value) != want || string(events[0].Key) != "till-7" || events[0].Topic != "responses" {
		t.Errorf("%d events, %s\nwant %s", len(events), events[0].Value, want)
	}
	if events, err := mapped(t, f, `{"type":"heartbeat"}`); err != nil || len(events) != 0 {
		t.Errorf("what is no rating: %v, %v", events, err)
	}
}

func TestARefusalNamesFeedFieldExpressionAndReason(t *testing.T) {
	f := feedOf(t, kiosk)
	for _, c := range []struct{ from, to, field, expression, reason string }{
		{`"stars":5`, `"stars":6`, "grade", "stars(msg.stars)", "6 is not on the scale stars, which has 1, 2, 3, 4, 5"},
		{`"stars":5`, `"stars":"good"`, "grade", "stars(msg.stars)", "no whole number"},
		{`"site":"S-16"`, `"site":"S-99"`, "store_id", `lookup("stores", msg.site)`, `has no key "S-99"`},
		{`"campaign":"spring"`, `"campaign":3.5`, "attributes.campaign", "msg.campaign", "needs a text"},
		{`"id":4711`, `"id":null`, "event_id", "msg.id", "is missing"},
		{`"type":"rating",`, ``, "when", `msg.type == "rating"`, "the payload has no type here"},
		{`"device":"till-7"`, `"device":""`, "customer_id", `has(msg.loyalty) ? msg.loyalty : ""`, "so is terminal_id"},
		{`"ts_ms":1772445600123`, `"ts_ms":-99999999999999999`, "occurred_at", "timestamp(int(msg.ts_ms) / 1000)", ""},
	} {
		_, err := mapped(t, f, strings.Replace(pressed, c.from, c.to, 1))
		var r *Refusal
		if !errors.As(err, &r) {
			t.Errorf("%s: %v is no refusal", c.to, err)
			continue
		}
		if r.Feed != "kiosk" || r.Field != c.field || r.Expression != c.expression || !strings.Contains(r.Reason, c.reason) {
			t.Errorf("%s: %+v\nwant %+v", c.to, r, c)
		}
	}
}

func TestAWrongDeclarationIsToldWithLineFieldCaretAndRemedy(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     []string
	}{
		{"stars(msg.stars)", "star(msg.stars)", []string{"csatflow.yaml:9: intake.feeds.kiosk.fields.grade: ", `did you mean "stars"`, " | star(msg.stars)\n | ....^"}},
		{"stars(msg.stars)", `good`, []string{"nothing is called", "a fixed text has quotation marks of its own"}},
		{"stars(msg.stars)", `'"good"'`, []string{"csatflow.yaml:9: intake.feeds.kiosk.fields.grade: gives string, and it needs a whole number", "stars(x)"}},
		{"timestamp(int(msg.ts_ms) / 1000)", "int(msg.ts_ms)", []string{":6: ", "occurred_at", "gives int", "millis(x)"}},
		{"grade: ", "grad: ", []string{`no field of responses "grad": did you mean "grade"?`, "grade, nps, ces or stars is missing: every event of responses has one of them"}},
		{"event_id: msg.id", "# none", []string{"event_id is missing"}},
		{`lookup("stores"`, `lookup("shops"`, []string{":10: ", `no look-up file "shops": did you mean "stores"?`}},
		{"when: msg", "wenn: msg", []string{":2: ", `no key "wenn": did you mean "when"?`}},
		{`msg.type == "rating"`, `1 + 1`, []string{":2: ", "when", "true or false"}},
		{`msg.type == "rating"`, `msg.type == `, []string{":2: ", "Syntax error"}},
		{`msg.type == "rating"`, `msg.type = "rating"`, []string{"Syntax error", "(= is written == here)"}},
		{`msg.type == "rating"`, `msg.type == "a = b" AND msg.stars >= 1`, []string{"Syntax error", "(and is written && here)"}},
		{`msg.type == "rating"`, `msg.type <> "rating"`, []string{"Syntax error", "(<> is written != here)"}},
		{"to: responses", "to: response", []string{":3: ", "must be one of responses, complaints", `is "response"`}},
		{"stars(msg.stars)", `scale("ces", msg.stars)`, []string{`no scale "ces"`, "intake.scales"}},
		{"grade: stars(msg.stars)", "nps: nps(msg.stars)", []string{":9: ", "kiosk.fields.nps: nps(x) makes a grade of the seven", "write the answer itself"}},
		{"grade: stars(msg.stars)", "grade: stars(msg.stars)\n    stars: stars(msg.stars)", []string{"kiosk.fields.stars: stars(x) makes a grade"}},
		{"  to: responses", "  use: kioks", []string{`no ready feed "kioks"`, "kiosk"}},
	} {
		_, err := compiled(t, strings.Replace(kiosk, c.from, c.to, 1))
		if err == nil {
			t.Errorf("%s is taken", c.to)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v\ndoes not say %q", c.to, err, want)
			}
		}
	}
}
