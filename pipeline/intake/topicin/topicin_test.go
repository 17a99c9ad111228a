package topicin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"csatflow/pipeline"
	"csatflow/pipeline/customer"
	"csatflow/pipeline/intake"
	"csatflow/pipeline/intake/wire"
)

// memory is a Kafka in memory.
type memory struct {
	events []intake.Message
	dead   []intake.Unmapped
	fail   func(m *intake.Message) error
}

func (*memory) Has(topic string) bool { return topic != "departures" }

func (m *memory) Produce(_ context.Context, list []intake.Message, released func()) []error {
	defer released()
	errs := make([]error, len(list))
	for i := range list {
		if m.fail != nil {
			errs[i] = m.fail(&list[i])
		}
		if errs[i] == nil {
			m.events = append(m.events, list[i])
		}
	}
	return errs
}

func (m *memory) Bury(_ context.Context, list []intake.Unmapped) error {
	m.dead = append(m.dead, list...)
	return nil
}

const tills = `tills:
  events:
    - to: responses
      when: has(msg.stars)
      fields: {occurred_at: msg.at, terminal_id: msg.device, grade: stars(msg.stars)}
    - to: complaints
      when: has(msg.complaint)
      fields: {event_id: 'msg.?id', occurred_at: msg.at, customer_id: msg.complaint, complaint_id: msg.complaint, step: '"opened"'}
    - to: departures
      when: has(msg.left)
      fields: {event_id: msg.left, occurred_at: msg.at, customer_id: msg.left}
`

func opened(t *testing.T, k *memory) *Intake {
	t.Helper()
	d, err := intake.ReadText("test", "feeds", []byte(tills))
	if err != nil {
		t.Fatal(err)
	}
	all, err := intake.Compile("feeds", d, intake.Options{Scales: intake.DefaultScales(), Placed: []string{"tills"}})
	if err != nil {
		t.Fatal(err)
	}
	format, err := wire.New(wire.JSON, nil)
	if err != nil {
		t.Fatal(err)
	}
	return New(Options{Sources: []Source{{"shop.tills", all["tills"], format}}, Producer: k, Timeout: time.Second, Registry: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler)})
}

func portion(values ...string) Portion {
	p := Portion{Topic: "shop.tills", Partition: 3, Next: int64(100 + len(values)), End: 1000}
	for i, v := range values {
		rec := pipeline.Record{Offset: int64(100 + i), Value: []byte(v)}
		if v == "" {
			rec.Value = nil
		}
		p.Records = append(p.Records, rec)
	}
	return p
}

const at = `"at":"2026-03-02T10:00:00Z"`

func TestEventsWithoutAnIDAreNamedByTheirPlaceAndTheSameAgain(t *testing.T) {
	k := &memory{}
	in := opened(t, k)
	p := portion(`{`+at+`,"device":"till-1","stars":5,"complaint":"c-1"}`, `{`+at+`,"device":"till-1","stars":5,"complaint":"c-1","id":"own"}`, "", `{`+at+`}`)
	for range 2 {
		if n, err := in.Take(t.Context(), p); n != 4 || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
	}
	var ids []string
	for _, e := range k.events {
		_, rest, _ := strings.Cut(string(e.Value), `"event_id":"`)
		id, _, _ := strings.Cut(rest, `"`)
		ids = append(ids, id)
	}
	once := "shop.tills/3/100 shop.tills/3/100/1 shop.tills/3/101 own"
	if got := strings.Join(ids, " "); got != once+" "+once || len(k.dead) > 0 {
		t.Errorf("%s\n%v", got, k.dead)
	}
}

func TestWhatCannotBeTakenIsADeadLetterWithItsPlaceAndHoldsUpNothing(t *testing.T) {
	k := &memory{fail: func(m *intake.Message) error {
		if strings.Contains(string(m.Value), "large") {
			return &intake.TooLarge{Reason: "is larger than the topic takes"}
		}
		return nil
	}}
	p := portion(`{`+at+`,"device":"large","stars":5}`, `no JSON`, `{`+at+`,"left":"c-1"}`, `{`+at+`,"device":"till-1","stars":9}`, `{`+at+`,"device":"till-1","stars":1}`, "unreadable")
	p.Records[5].Unreadable = errors.New("its bytes are no message")
	if n, err := opened(t, k).Take(t.Context(), p); n != 6 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	reasons := map[string]string{}
	for _, u := range k.dead {
		reasons[u.Place.String()] = u.Reason
		if u.Feed != "tills" || u.Mapping == "" || u.Kind != "application/json" {
			t.Errorf("%+v", u)
		}
	}
	for place, want := range map[string]string{"100": "larger than the topic takes", "101": "not JSON", "102": "kafka.topics.departures is empty", "103": "not on the scale", "105": "no message"} {
		if !strings.Contains(reasons["shop.tills/3/"+place], want) {
			t.Errorf("%s: %q, want %q", place, reasons["shop.tills/3/"+place], want)
		}
	}
	if len(k.events) != 1 || len(k.dead) != 5 {
		t.Errorf("%d events, %d dead letters", len(k.events), len(k.dead))
	}
}

func TestAnEventOfATimeThatCannotBeIsADeadLetter(t *testing.T) {
	k := &memory{}
	in := opened(t, k)
	in.Clock = &intake.Clock{Now: func() time.Time { return time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC) }, Ahead: time.Hour}
	if n, err := in.Take(t.Context(), portion(`{`+at+`,"device":"till-1","stars":5}`)); n != 1 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if len(k.events) != 0 || len(k.dead) != 1 || !strings.Contains(k.dead[0].Reason, "intake.ahead") {
		t.Errorf("%d events, dead letters %+v", len(k.events), k.dead)
	}
}

func TestNothingIsTakenThatKafkaHasNotForSure(t *testing.T) {
	k := &memory{fail: func(*intake.Message) error { return errors.New("connection refused") }}
	in := opened(t, k)
	n, err := in.Take(t.Context(), portion("no JSON", `{`+at+`,"device":"till-1","stars":5}`))
	if n != 0 || err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("%d, %v", n, err)
	}
	in.Told("shop.tills", 3, "why")
	in.Told("shop.tills", 4, "why else")
	if got := in.Unready(); got != "why (and 1 partitions more)" {
		t.Error(got)
	}
	in.Told("shop.tills", 3, "")
	in.Told("shop.tills", 4, "")
	if got := in.Unready(); got != "" {
		t.Error(got)
	}
}

// TestWhatIsRepeatedAfterACrashIsKnownAsARepetition: no more events of a key are taken together than the processor remembers.
func TestWhatIsRepeatedAfterACrashIsKnownAsARepetition(t *testing.T) {
	var values []string
	for i := range 200 {
		values = append(values, fmt.Sprintf(`{`+at+`,"device":"till-%d","stars":5}`, i%2*i))
	}
	k := &memory{}
	in := opened(t, k)
	taken := 0
	for taken < len(values) {
		p := portion(values...)
		p.Records = p.Records[taken:]
		n, err := in.Take(t.Context(), p)
		if err != nil || n == 0 {
			t.Fatalf("%d, %v", n, err)
		}
		same := 0
		for _, e := range k.events {
			if string(e.Key) == "till-0" {
				same++
			}
		}
		if same >= customer.SeenIDs || len(k.events) != n {
			t.Errorf("%d events of a key of %d, taken %d", same, len(k.events), n)
		}
		taken += n
		k.events = nil
	}
}
