package deadletter

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"csatflow/pipeline/event/lines"
)

func read(t *testing.T, text string) (map[ID][]byte, error) {
	t.Helper()
	l, err := lines.Open("-", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return ReadRepaired(l)
}

func TestALineIsReadBackAsItWasWrittenWhateverTheValueIs(t *testing.T) {
	for value, want := range map[string]string{`{"grade":10}`: `{"grade":10}`, "not JSON": `"not JSON"`, "\xff": "\xff", "\x00\x00\x00\x00\x07text": "\x00\x00\x00\x00\x07text", `{"base64":"dGV4dA=="}`: `{"base64":"dGV4dA=="}`} {
		l := &Letter{ID: ID{source, 1, 5}, At: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), State: Waiting, Key: []byte("c1"), Value: []byte(value), Field: "grade", Reason: "must be 1 to 7"}
		b, err := json.Marshal(AsLine(l))
		if err != nil {
			t.Fatal(err)
		}
		list, err := read(t, string(b)+"\n")
		if err != nil || len(list) != 1 || string(list[l.ID]) != want {
			t.Errorf("of %q comes %q, %v", value, list[l.ID], err)
		}
	}
}

func TestAFileOfRepairedMessagesThatIsWrongIsToldWithItsLine(t *testing.T) {
	good := `{"id":"` + source + `/1/5","value":{}}` + "\n"
	for text, fault := range map[string]string{
		good + "nonsense":             "standard input:2: not an object",
		`{"id":"x","value":{}}`:       "standard input:1: id: ",
		`{"id":"` + source + `/1/5"}`: "standard input:1: value: the repaired message is missing",
		good + good:                   "is in the file twice",
	} {
		if _, err := read(t, text); err == nil || !strings.Contains(err.Error(), fault) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestALetterThatIsStillBadStaysWhereItIs(t *testing.T) {
	c := connected(t)
	divert(t, c, 5, 6)
	b := open(t, c)
	list, _ := letters(t, b)
	bad := map[ID]string{}
	r := &Repair{Queue: b, Feeds: map[string]string{source: "responses"}, Bad: func(l *Letter, why error) { bad[l.ID] = why.Error() }}
	still, mended := list[ID{source, 1, 5}], list[ID{source, 1, 6}]
	value := []byte(`{"event_id":"1","occurred_at":"2026-03-01T10:00:00Z","customer_id":"c1","grade":7}`)
	elsewhere := mended
	elsewhere.Topic = "others"
	for _, try := range []struct {
		letter *Letter
		value  []byte
	}{{&still, []byte(`{"grade":70}`)}, {&mended, value}, {&mended, value}, {&elsewhere, value}} {
		if err := r.Retry(t.Context(), try.letter, try.value); err != nil {
			t.Fatal(err)
		}
	}
	if r.Sent != 1 || r.Before != 1 || len(bad) != 2 || bad[still.ID] == "" || !strings.Contains(bad[elsewhere.ID], "not an input topic") {
		t.Errorf("%d sent, %d before, bad %v", r.Sent, r.Before, bad)
	}
	if got := values(t, c); len(got) != 1 || !strings.HasPrefix(got[0], "c1 "+string(value)) {
		t.Errorf("the topic has %q", got)
	}
}
