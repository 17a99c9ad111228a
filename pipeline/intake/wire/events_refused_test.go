package wire

import (
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hamba/avro/v2"

	"csatflow/pipeline/event"
	"csatflow/schemas/feeds"
)

// avroOf returns what an Avro writer writes.
func avroOf(write func(w *avro.Writer)) string {
	w := avro.NewWriter(nil, 64)
	write(w)
	return string(w.Buffer())
}

// TestWhatIsWrongInAnotherFormIsToldByItsFieldAsInJSON: what the schema of the form allows, and csatflow's does not.
func TestWhatIsWrongInAnotherFormIsToldByItsFieldAsInJSON(t *testing.T) {
	const head = `{"type":"record","name":"E","fields":[`
	f := feeds.Of("purchases")
	for _, x := range []struct {
		format, schema, data string
		field, reason        string
	}{
		{Avro, head + `{"name":"amount","type":"double"}]}`, avroOf(func(w *avro.Writer) { w.WriteDouble(math.NaN()) }), "amount", "must be a number, is a string"},
		{Avro, head + `{"name":"amount","type":"double"}]}`, avroOf(func(w *avro.Writer) { w.WriteDouble(1e300) }), "amount", "must be -"},
		{Avro, head + `{"name":"event_id","type":"string"}]}`, avroOf(func(w *avro.Writer) { w.WriteString("a\xff") }), "", "not UTF-8"},
		{Avro, head + `{"name":"event_id","type":"string"}]}`, avroOf(func(w *avro.Writer) { w.WriteString("") }), "event_id", "must not be empty"},
		{Avro, head + `{"name":"occurred_at","type":"long"}]}`, avroOf(func(w *avro.Writer) { w.WriteLong(1) }), "occurred_at", "must be a string, is a number"},
		{Avro, head + `{"name":"occurred_at","type":{"type":"long","logicalType":"timestamp-micros"}}]}`, avroOf(func(w *avro.Writer) { w.WriteLong(math.MaxInt64) }), "occurred_at", "must be an RFC 3339 time"},
		{Avro, head + `{"name":"order_id","type":{"type":"array","items":"null"}}]}`, avroOf(func(w *avro.Writer) { w.WriteLong(2); w.WriteLong(0) }), "order_id", "must be a string, is an array"},
		{Avro, `"string"`, avroOf(func(w *avro.Writer) { w.WriteString("x") }), "", "must be an object"},
		{Avro, head + `]}`, "x", "", "the value is not of schema 7, which it names: bytes follow its end"},
		{JSONSchema, `{"type":"object"}`, `{"event_id":null,"amount":1,"amount":2}`, "amount", "is given twice"},
		{JSONSchema, `{"type":"object","required":["amount"]}`, `{}`, "", "missing property 'amount'"},
		{JSONSchema, `{}`, `[null]`, "", "must be an object"},
	} {
		events, id := readingOf(t, x.format, x.schema, f)
		text, err := events.JSON(t.Context(), wired(t, id, nil, []byte(x.data)))
		if err == nil {
			_, err = typed(t, f.Name, text)
		}
		var e *event.Error
		if !errors.As(err, &e) || e.Field != x.field || !strings.Contains(e.Reason, x.reason) {
			t.Errorf("%s %q: %q, %v, want %s: %s", x.schema, x.data, text, err, x.field, x.reason)
		}
	}
}

func TestWhatIsNoWireFormatIsReadAsJSONOrRefused(t *testing.T) {
	events, _ := readingOf(t, Avro, `"null"`, feeds.Of("purchases"))
	for value, want := range map[string]string{
		"{":                        "{",
		" \n{\"a\":null}":          " \n{\"a\":null}",
		"":                         "",
		"text":                     "it has 4 bytes, and a zero byte",
		"[1,2,3]":                  "it begins with the byte 0x5b",
		"\x00\x00\x00\x00\x08":     "the registry has no schema 8",
		"\x00\x00\x00\x00":         "it has 4 bytes",
		" \x00\x00\x00\x00\x07end": "it begins with the byte 0x20",
	} {
		text, err := events.JSON(t.Context(), []byte(value))
		if err != nil && !strings.Contains(err.Error(), want) || err == nil && string(text) != want {
			t.Errorf("%q is %q, %v, want %q", value, text, err, want)
		}
	}
	other, id := readingOf(t, Protobuf, `syntax = "proto3"; message M {}`, feeds.Of("purchases"))
	other.format = Avro
	if _, err := other.JSON(t.Context(), wired(t, id, []int{0}, nil)); err == nil || err.Error() != "its schema 7 is of the format protobuf, and the topic's is avro (kafka.format)" {
		t.Errorf("%v", err)
	}
}

func TestAFewBytesDoNotBecomeAVeryLargeEvent(t *testing.T) {
	events, id := readingOf(t, Avro, `{"type":"record","name":"E","fields":[{"name":"more","type":{"type":"array","items":
		{"type":"record","name":"Long","fields":[{"name":"a_name_of_some_length","type":{"type":"record","name":"Void","fields":[]}}]}}}]}`, feeds.Of("purchases"))
	data := avroOf(func(w *avro.Writer) { w.WriteLong(300_000); w.WriteLong(0) })
	if text, err := events.JSON(t.Context(), wired(t, id, nil, []byte(data))); err == nil || !strings.Contains(err.Error(), "as JSON it would have more than") {
		t.Errorf("%d bytes of %d, %v", len(text), len(data), err)
	}
}

func TestNullsAreLeftOutAndTheRestStaysAsItIsWritten(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":null,"b":{"c":null,"d":1.50,"null":"null"},"e":[null,{"f":null}],"g":1e2}`: `{"b":{"d":1.50,"null":"null"},"e":[null,{"f":null}],"g":1e2}`,
		`{"a":1,"a":null,"a":2}`:       `{"a":1,"a":2}`,
		`{"a":null}`:                   `{}`,
		`{"q\u0022":null,"q\u0022":1}`: `{"q\"":1}`,
		`{"a":null} x`:                 `{"a":null} x`,
		`{"a":null,`:                   `{"a":null,`,
		"{\"a\":null,\"b\":\"\xff\"}":  "{\"a\":null,\"b\":\"\xff\"}",
		`null`:                         `null`,
	} {
		if got := string(withoutNulls([]byte(text))); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestSymbolsAreWords(t *testing.T) {
	for _, x := range []struct {
		enumeration, symbol string
		want                any
	}{
		{"Source", "SOURCE_SERVICE_DESK", "service_desk"}, {"ComplaintStep", "COMPLAINT_STEP_OPENED", "opened"}, {"Source", "POS", "pos"}, {"word", "service_desk", "service_desk"},
		{"Source", "SOURCE_UNSPECIFIED", nil}, {"Source", "UNSPECIFIED", nil}, {"HTTPKind", "HTTPKIND_A", "a"}, {"Source", "SOURCE_", ""},
	} {
		if got := wordOf(x.enumeration, x.symbol); got != x.want {
			t.Errorf("%s of %s is %v, want %v", x.symbol, x.enumeration, got, x.want)
		}
	}
}

func TestWhatIsKnownIsReadWhileTheRegistryIsAskedForSomethingElse(t *testing.T) {
	asked, answer := make(chan struct{}), make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/7") {
			close(asked)
			<-answer
		}
		_, _ = w.Write([]byte(`{"schema":"\"null\""}`))
	}))
	defer s.Close()
	defer close(answer)
	r, err := OpenRegistry(RegistryConfig{URL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	events := NewEvents(Avro, "kafka.format", r, feeds.Of("purchases"))
	read := func(id int) error {
		_, err := events.JSON(t.Context(), wired(t, id, nil, nil))
		return err
	}
	if err := read(7); err != nil {
		t.Fatal(err)
	}
	go func() { _ = read(9) }()
	<-asked
	done := make(chan error, 1)
	go func() { done <- read(7) }()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(2 * time.Second):
		t.Error("it waits for the registry")
	}
}
