package intake

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"csatflow/deploy/trial/logtest"
)

// valueOf maps a payload by a feed whose comment is the expression, and returns the comment, or the reason of the refusal.
func valueOf(t *testing.T, expression, payload string) string {
	t.Helper()
	return fieldOf(t, "comment", "string("+expression+")", payload)
}

func fieldOf(t *testing.T, field, expression, payload string) string {
	t.Helper()
	text := "f:\n  to: responses\n  fields:\n    event_id: '\"1\"'\n    terminal_id: '\"t\"'\n"
	for name, other := range map[string]string{"occurred_at": `timestamp("2026-03-02T10:00:00Z")`, "grade": "7"} {
		if name != field {
			text += "    " + name + ": '" + other + "'\n"
		}
	}
	text += "    " + field + ": |\n      " + expression + "\n"
	f := feedOf(t, text)
	events, err := mapped(t, f, payload)
	if err != nil {
		return err.Error()
	}
	msg, err := DecodeJSON(events[0].Value)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(msg.(map[string]any)[field])
}

func TestScalesTimesAndKeysAreRead(t *testing.T) {
	for _, c := range []struct{ expression, payload, want string }{
		{"stars(msg.x)", `{"x":1}`, "1"}, {"stars(msg.x)", `{"x":"4"}`, "6"}, {"stars(msg.x)", `{"x":5.0}`, "7"}, {"stars(msg.x)", `{"x":4.5}`, "no whole number"},
		{"nps(msg.x)", `{"x":0}`, "1"}, {"nps(msg.x)", `{"x":6}`, "3"}, {"nps(msg.x)", `{"x":9}`, "6"}, {"nps(msg.x)", `{"x":11}`, "not on the scale nps"},
		{"smileys(msg.x)", `{"x":4}`, "7"}, {`scale("nps", msg.x)`, `{"x":10}`, "7"}, {"scale(msg.name, msg.x)", `{"x":10,"name":"ces"}`, "no scale"},
		{"seconds(msg.x)", `{"x":1772445600}`, "2026-03-02T10:00:00Z"}, {"seconds(msg.x)", `{"x":1772445600.25}`, "2026-03-02T10:00:00.25Z"}, {"seconds(msg.x)", `{"x":"1772445600"}`, "2026-03-02T10:00:00Z"},
		{"millis(msg.x)", `{"x":1772445600123}`, "2026-03-02T10:00:00.123Z"}, {"millis(msg.x)", `{"x":"1772445600123"}`, "2026-03-02T10:00:00.123Z"}, {"micros(msg.x)", `{"x":1772445600123456}`, "2026-03-02T10:00:00.123456Z"},
		{"millis(msg.x)", `{"x":-1}`, "1969-12-31T23:59:59.999Z"}, {"seconds(msg.x)", `{"x":1772445600123}`, "another unit"}, {"millis(msg.x)", `{"x":true}`, "must be a number, is true"},
		{`zoned(msg.x, "Europe/Berlin")`, `{"x":"2026-03-02 11:00:00"}`, "2026-03-02T10:00:00Z"}, {`zoned(msg.x, "Europe/Berlin")`, `{"x":"2026-07-02T11:00"}`, "2026-07-02T09:00:00Z"},
		{`zoned(msg.x, "Asia/Shanghai", "02.01.2006 15:04")`, `{"x":"02.03.2026 18:00"}`, "2026-03-02T10:00:00Z"}, {`zoned(msg.x, "Europe/Berlin")`, `{"x":"March"}`, "give its layout"}, {`zoned(msg.x, msg.z)`, `{"x":"2026-03-02 11:00","z":"Mars/Base"}`, "no time zone"},
		{`lookup("stores", msg.x)`, `{"x":"S-16"}`, "store-016"}, {`lookup("stores", msg.x)`, `{"x":17}`, "store-017"}, {`lookup("stores", msg.x, "region")`, `{"x":17}`, "south"}, {`lookup("stores", msg.x)`, `{"x":null}`, "a key must be a text"},
		{`known("stores", msg.x) ? "yes" : "no"`, `{"x":"S-16"}`, "yes"}, {`known("stores", msg.x) ? "yes" : "no"`, `{"x":"S-1"}`, "no"},
		{"mask(msg.x)", `{"x":"Call +49 30 901820, mail jo.doe@example.com, order 123, till 7"}`, "Call ***, mail ***, order 123, till 7"},
		{"hash(msg.x)", `{"x":"c-7"}`, "98d3d11fa2d2de3d4ad9dc0c6f1a4f2c"},
		{`msg.?a.?b.orValue("none")`, `{"a":{}}`, "none"}, {"msg.list.map(x, x.n).join(\"-\")", `{"list":[{"n":"a"},{"n":"b"}]}`, "a-b"},
		{"msg.list.filter(x, x > 2).size()", `{"list":[1,2,3,4.5]}`, "2"},
	} {
		got := valueOf(t, c.expression, c.payload)
		if c.expression == "hash(msg.x)" {
			if len(got) != 32 || strings.Trim(got, "0123456789abcdef") != "" {
				t.Errorf("%s is %q", c.expression, got)
			}
			continue
		}
		if got != c.want && (!strings.Contains(got, "feed f:") || !strings.Contains(got, c.want)) {
			t.Errorf("%s of %s is %q, want %q", c.expression, c.payload, got, c.want)
		}
	}
}

func TestAFieldOfWrongTypeIsRefusedWithTheRemedy(t *testing.T) {
	for _, c := range []struct{ field, expression, payload, want string }{
		{"grade", "msg.x", `{"x":"5"}`, `gives the text "5", and it needs a whole number`},
		{"grade", "msg.x", `{"x":5.5}`, "needs a whole number"},
		{"grade", "msg.x", `{"x":9}`, "must be 1 to 7"},
		{"occurred_at", "msg.x", `{"x":1772445600}`, "it needs a time"},
		{"occurred_at", "msg.x", `{"x":"2026-03-02T10:00:00Z"}`, "2026-03-02T10:00:00Z"},
		{"source", "msg.x", `{"x":"whatsapp"}`, "must be one of pos, call"},
		{"experience", "msg.x", `{"x":["smiled_at"]}`, "[smiled_at]"},
		{"experience", "msg.x", `{"x":"smiled_at"}`, "it needs a list"},
		{"rater", "msg.x", `{"x":{"empathy":6}}`, "map[empathy:6]"},
		{"rater", "msg.x", `{"x":{"empathy":8}}`, "rater.empathy"},
		{"attributes", "msg.x", `{"x":{"till":7,"none":null}}`, "map[till:7]"},
		{"store_id", "msg.x", `{"x":18446744073709551615}`, "18446744073709551615"},
		{"store_id", "msg.x", `{"x":1.5}`, "needs a text or a whole number"},
	} {
		if got := fieldOf(t, c.field, c.expression, c.payload); !strings.Contains(got, c.want) {
			t.Errorf("%s from %s of %s: %q, want %q", c.field, c.expression, c.payload, got, c.want)
		}
	}
}

func TestALookUpFileThatChangesIsReadAgainAndABrokenOneKeepsItsContent(t *testing.T) {
	file := filepath.Join(t.TempDir(), "stores.csv")
	write := func(text string, at time.Time) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	write("site,store\na,1\n", now)
	var said logtest.Buffer
	l, err := OpenLookups(map[string]string{"stores": file}, slog.New(slog.NewTextHandler(&said, nil)))
	if err != nil {
		t.Fatal(err)
	}
	l.now = func() time.Time { return now }
	find := func(want string) {
		t.Helper()
		if got, _, err := l.find("stores", "a", ""); got != want || err != nil {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
	write("site,store\na,22\n", now.Add(time.Second))
	find("1") // it was looked at just now
	now = now.Add(2 * lookAgain)
	find("22")
	write("site,store\na,1\na,2\n", now.Add(time.Second))
	now = now.Add(2 * lookAgain)
	find("22")
	now = now.Add(2 * lookAgain)
	find("22")
	if n := strings.Count(said.String(), `the key \"a\" is there twice`); n != 1 {
		t.Errorf("the fault is told %d times:\n%s", n, said.String())
	}
	for text, want := range map[string]string{"": "is empty", "site\na\n": "one column"} {
		write(text, now)
		if _, err := OpenLookups(map[string]string{"stores": file}, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "intake.lookups.stores") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestOnePayloadMakesAnEventForEachMemberOfAList(t *testing.T) {
	f := feedOf(t, `visits:
  events:
    - each: msg.answers
      when: item.kind == "rating"
      to: responses
      fields: {event_id: 'msg.id + "-" + string(item.n)', occurred_at: msg.at, customer_id: msg.who, grade: stars(item.stars)}
    - when: msg.angry
      to: complaints
      fields: {event_id: msg.id, occurred_at: msg.at, customer_id: msg.who, complaint_id: msg.id, step: '"opened"'}
`)
	payload := `{"id":"v","at":"2026-03-02T10:00:00Z","who":"c-1","angry":true,"answers":[{"kind":"rating","n":1,"stars":1},{"kind":"text"},{"kind":"rating","n":2,"stars":5}]}`
	events, err := mapped(t, f, payload)
	if err != nil || len(events) != 3 || events[0].Topic != "responses" || events[2].Topic != "complaints" || !strings.Contains(string(events[1].Value), `"v-2"`) {
		t.Fatalf("%d events, %v", len(events), err)
	}
	if events, err := mapped(t, f, strings.Replace(payload, `"stars":5`, `"stars":6`, 1)); err == nil || events != nil {
		t.Errorf("of a payload with a bad member %d events are taken: %v", len(events), err)
	}
	var r *Refusal
	if _, err := mapped(t, f, strings.Replace(payload, `"answers":[`, `"answers":7,"x":[`, 1)); !errors.As(err, &r) || r.Field != "each" {
		t.Errorf("%v", err)
	}
}

func TestAReadyFeedIsNarrowedAndItsFieldsReplaced(t *testing.T) {
	f := feedOf(t, "kiosk: {use: kiosk, when: 'msg.site != \"test\"', fields: {store_id: 'lookup(\"stores\", msg.site)', region: 'lookup(\"stores\", msg.site, \"region\")'}}")
	payload := `{"type":"rating","id":"1","ts_ms":1772445600000,"device":"d","stars":5,"site":"S-16"}`
	events, err := mapped(t, f, payload)
	if err != nil || !strings.Contains(string(events[0].Value), `"store_id":"store-016"`) || !strings.Contains(string(events[0].Value), `"region":"north"`) {
		t.Errorf("%v, %v", events, err)
	}
	if events, err := mapped(t, f, strings.Replace(payload, "S-16", "test", 1)); err != nil || len(events) != 0 {
		t.Errorf("%v, %v", events, err)
	}
}

func TestTheVersionFollowsTheMappingAndNothingElse(t *testing.T) {
	base := feedOf(t, kiosk).Version
	if again := feedOf(t, strings.Replace(kiosk, "kiosk:", "other:", 1)+"  insecure: true\n").Version; again != base {
		t.Errorf("it follows the name or who may send: %s, %s", base, again)
	}
	if other := feedOf(t, strings.Replace(kiosk, "stars(msg.stars)", "nps(msg.stars)", 1)).Version; other == base {
		t.Error("it does not follow an expression")
	}
	d, err := ReadText("", "feeds", []byte(strings.Replace(kiosk, `lookup("stores", msg.site)`, "msg.site", 1)))
	if err != nil {
		t.Fatal(err)
	}
	versions := map[string]bool{}
	for _, s := range []Scales{DefaultScales(), DefaultScales().With(Scales{"stars": {1: 1, 5: 7}})} {
		all, err := Compile("feeds", d, Options{Scales: s})
		if err != nil {
			t.Fatal(err)
		}
		versions[all["kiosk"].Version] = true
	}
	if len(versions) != 2 {
		t.Error("it does not follow the scales")
	}
}

func TestAnExpressionThatDoesTooMuchIsStopped(t *testing.T) {
	list := "[" + strings.Repeat("1,", 2000) + "1]"
	begun := time.Now()
	got := valueOf(t, "msg.x.map(a, msg.x.map(b, msg.x.filter(c, c > a + b).size())).size()", `{"x":`+list+`}`)
	if !strings.Contains(got, "does too much") || time.Since(begun) > 5*time.Minute {
		t.Errorf("%s after %v", got, time.Since(begun))
	}
}

func TestWithoutAKeyAFeedThatHashesIsRefused(t *testing.T) {
	d, err := ReadText("f.yaml", "feeds", []byte(strings.Replace(strings.Replace(kiosk, `lookup("stores", msg.site)`, "msg.site", 1), "msg.device", "hash(msg.device)", 1)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Compile("feeds", d, Options{Scales: DefaultScales()}); err == nil || !strings.Contains(err.Error(), "f.yaml:8: feeds.kiosk.fields.terminal_id: hash needs a key") {
		t.Errorf("%v", err)
	}
}
