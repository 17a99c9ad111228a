package event_test

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"csatflow/pipeline/event"
)

func TestGoodMessagesDecode(t *testing.T) {
	var d event.Decoder
	for _, f := range feeds {
		for i, message := range lines(t, f.topic+".good.jsonl") {
			if _, err := f.decode(&d, message); err != nil {
				t.Errorf("%s.good.jsonl:%d: %v", f.topic, i+1, err)
			}
		}
	}
}

func TestBadMessagesAreRefusedWithTheFieldAtFault(t *testing.T) {
	var d event.Decoder
	for _, f := range feeds {
		for i, bad := range badCases(t, f.topic+".bad.jsonl") {
			_, err := f.decode(&d, bad.message())
			var e *event.Error
			switch {
			case err == nil:
				t.Errorf("%s.bad.jsonl:%d: %s: taken", f.topic, i+1, bad.Why)
			case !errors.As(err, &e):
				t.Errorf("%s.bad.jsonl:%d: %s: a %T", f.topic, i+1, bad.Why, err)
			case !under(e.Field, bad.Field):
				t.Errorf("%s.bad.jsonl:%d: %s: %q is blamed: %v", f.topic, i+1, bad.Why, e.Field, err)
			case e.Reason == "":
				t.Errorf("%s.bad.jsonl:%d: %s: no reason", f.topic, i+1, bad.Why)
			}
		}
	}
}

// under reports whether a path is a field or lies within it.
func under(path, field string) bool {
	rest, found := strings.CutPrefix(path, field)
	return found && (rest == "" || field != "" && (rest[0] == '.' || rest[0] == '['))
}

func TestWhatOnlyTheDecoderRefuses(t *testing.T) {
	var d event.Decoder
	start := responses.minimal[:len(responses.minimal)-1]
	for _, c := range []struct{ why, message, field string }{
		{"a field given twice", start + `,"grade":5}`, "grade"},
		{"a field given twice, once with an escape in its name", start + `,"gr\u0061de":5}`, "grade"},
		{"a scale given twice", start + `,"rater":{},"rater":{}}`, "rater"},
		{"a member of a scale given twice", start + `,"rater":{"empathy":1,"empathy":1}}`, "rater.empathy"},
		{"an attribute given twice", start + `,"attributes":{"till":"a","till":"a"}}`, "attributes.till"},
		{"an answer given twice", start + `,"answers":{"q1":1,"q2":1,"q1":1}}`, "answers.q1"},
		{"a byte that is not UTF-8", start + ",\"comment\":\"\xff\"}", ""},
		{"a cut character", start + ",\"unknown\":\"\xe5\xae\"}", ""},
		{"a surrogate in UTF-8", start + ",\"comment\":\"\xed\xa0\x80\"}", ""},
		{"nesting without end", start + `,"unknown":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`, "unknown"},
	} {
		_, err := d.Response([]byte(c.message))
		var e *event.Error
		if !errors.As(err, &e) || e.Field != c.field {
			t.Errorf("%s: %v", c.why, err)
		}
	}
	for _, taken := range []string{`,"unknown":1,"unknown":2}`, `,"rater":{"other":1,"other":2}}`} {
		if _, err := d.Response([]byte(start + taken)); err != nil {
			t.Errorf("%s: %v", taken, err)
		}
	}
}

func TestAnErrorOutlivesTheNextCall(t *testing.T) {
	var d event.Decoder
	_, err := d.Response([]byte(`{"grade":9}`))
	was := err.Error()
	_, _ = d.Response([]byte(`{"event_id":null}`))
	if err.Error() != was {
		t.Errorf("%q became %q", was, err)
	}
}

func TestEventTimesAreMillisecondsOfUTC(t *testing.T) {
	var d event.Decoder
	for text, want := range map[string]string{
		"1970-01-01T00:00:00Z":                "1970-01-01T00:00:00Z",
		"1970-01-01T23:59:00+23:59":           "1970-01-01T00:00:00Z",
		"2026-03-01T09:00:00.5Z":              "2026-03-01T09:00:00.5Z",
		"2026-03-01T09:00:00.123456789+08:00": "2026-03-01T01:00:00.123Z",
		"2026-03-01T09:00:00.999999999-05:30": "2026-03-01T14:30:00.999Z",
		"2026-03-01T09:00:00-00:00":           "2026-03-01T09:00:00Z",
		"2024-02-29T23:59:59Z":                "2024-02-29T23:59:59Z",
		"2000-03-01T00:00:00+00:01":           "2000-02-29T23:59:00Z",
		"2100-03-01T00:00:00Z":                "2100-03-01T00:00:00Z",
		"2105-12-31T00:00:59.999999999-23:59": "2105-12-31T23:59:59.999Z",
		`2026-03-01T09\u003a00:00\u005a`:      "2026-03-01T09:00:00Z",
	} {
		r, err := d.Response([]byte(`{"event_id":"r","customer_id":"c","grade":1,"occurred_at":"` + text + `"}`))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := time.UnixMilli(r.OccurredAt).UTC().Format(time.RFC3339Nano); got != want {
			t.Errorf("%s is read as %s", text, got)
		}
	}
}

func TestAnInstantThatPanesCannotHoldIsRefusedInEveryFeed(t *testing.T) {
	var d event.Decoder
	for _, f := range feeds {
		for _, text := range []string{
			"1970-01-01T00:00:00+14:00", "1970-01-01T00:00:00+00:01", "1970-01-01T23:58:59.999+23:59", // 1969 in UTC
			"2105-12-31T23:59:59.999999999-23:59", "2105-12-31T23:59:00-00:01", "2105-12-31T12:00:00-12:00", // 2106
		} {
			message := bytes.Replace([]byte(f.minimal), []byte("2026-03-01T09:00:00Z"), []byte(text), 1)
			_, err := f.decode(&d, message)
			var e *event.Error
			if !errors.As(err, &e) || e.Field != "occurred_at" || !strings.Contains(e.Reason, "1970 to 2105, also in UTC") {
				t.Errorf("%s: %s: %v", f.topic, message, err)
			}
		}
	}
}

func TestANumberOfManyDigitsIsRefusedWhereItIsRead(t *testing.T) {
	var d event.Decoder
	digits := strings.Repeat("9", 100)
	for _, c := range []struct {
		f            feed
		field, value string
		want         string
	}{
		{purchases, "amount", "999999999999." + digits, "amount"},
		{purchases, "margin", "-0." + digits, "margin"},
		{complaints, "compensation", "1" + digits, "compensation"},
		{observations, "seconds_to_greet", "1e" + digits, "seconds_to_greet"},
		{observations, "defects", "1." + strings.Repeat("0", 100), "defects"},
		{responses, "expectation", "7." + strings.Repeat("0", 100), "expectation"},
		{responses, "rater", `{"empathy":7.` + strings.Repeat("0", 100) + `}`, "rater.empathy"},
		{responses, "answers", `{"q1":7.` + strings.Repeat("0", 100) + `}`, "answers.q1"},
		{responses, "equity", "0." + strings.Repeat("0", 100), "equity"},
	} {
		_, err := c.f.decode(&d, with(c.f.minimal, c.field, c.value))
		var e *event.Error
		if !errors.As(err, &e) || e.Field != c.want || !strings.Contains(e.Reason, "characters") {
			t.Errorf("%s.%s: %v", c.f.topic, c.field, err)
		}
	}
	if _, err := responses.decode(&d, with(responses.minimal, "unknown", digits+digits)); err != nil {
		t.Errorf("a number that is passed over: %v", err)
	}
}

func TestEveryDayReadsAsTheTimePackageReadsIt(t *testing.T) {
	var d event.Decoder
	for day := time.Date(1970, 1, 1, 12, 34, 56, 7e6, time.UTC); day.Year() <= 2105; day = day.AddDate(0, 0, 1) {
		text := day.Format("2006-01-02T15:04:05.000Z")
		r, err := d.Response([]byte(`{"event_id":"r","customer_id":"c","grade":1,"occurred_at":"` + text + `"}`))
		if err != nil || r.OccurredAt != day.UnixMilli() {
			t.Fatalf("%s: %v, %v", text, r, err)
		}
	}
}

func TestMoneyIsReadToTheNearestFloat(t *testing.T) {
	var d event.Decoder
	for text, want := range map[string]float64{
		"0": 0, "-0": 0, "0.1": 0.1, "12.345": 12.345, "1e12": 1e12, "2.5E+1": 25, "999999999999.99": 999999999999.99, "5e-324": 5e-324, "1e-400": 0,
	} {
		c, err := d.Complaint([]byte(strings.Replace(complaints.minimal, "}", `,"compensation":`+text+`}`, 1)))
		if err != nil || c.Compensation != want || !c.HasCompensation || math.IsNaN(c.Compensation) {
			t.Errorf("%s: %+v, %v", text, c, err)
		}
	}
}

func TestAMessageInConfluentsWireFormatIsToldWithTheSettingThatReadsIt(t *testing.T) {
	var d event.Decoder
	if _, err := d.Response(append([]byte{0, 0, 0, 0, 7}, responses.minimal...)); err == nil || !strings.Contains(err.Error(), "kafka.format") {
		t.Error(err)
	}
	if _, err := d.Response([]byte{0}); err == nil || strings.Contains(err.Error(), "kafka.format") {
		t.Error(err)
	}
}
