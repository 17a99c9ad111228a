package audit

import (
	"bytes"
	"math"
	"testing"
	"time"
)

func canonical(t *testing.T, values any) []byte {
	t.Helper()
	e, err := encoderOf(values)
	if err != nil {
		t.Fatal(err)
	}
	return e(nil, 0)
}

func TestTheCanonicalFormIsThatOfTheValue(t *testing.T) {
	berlin := time.FixedZone("CET", 3600)
	at := time.UnixMilli(1_700_000_000_123)
	one, three := int8(1), int8(3)
	a, b := 0.1, 0.2
	for what, pair := range map[string][2]any{
		"an empty list and none":     {[][]string{nil}, [][]string{{}}},
		"an empty map and none":      {[]map[string]uint8{nil}, []map[string]uint8{{}}},
		"an instant in two zones":    {[]time.Time{at.UTC()}, []time.Time{at.In(berlin)}},
		"an instant to milliseconds": {[]time.Time{at}, []time.Time{at.Add(100 * time.Microsecond)}},
		"the last digit of a float":  {[]float64{0.3}, []float64{a + b}},
		"zero and minus zero":        {[]float64{0}, []float64{math.Copysign(0, -1)}},
	} {
		if !bytes.Equal(canonical(t, pair[0]), canonical(t, pair[1])) {
			t.Errorf("%s differ", what)
		}
	}
	for what, pair := range map[string][2]any{
		"strings cut elsewhere":  {[][]string{{"ab", "c"}}, [][]string{{"a", "bc"}}},
		"null and a value":       {[]*int8{nil}, []*int8{new(int8)}},
		"numbers":                {[]*int8{&one}, []*int8{&three}},
		"maps":                   {[]map[string]uint8{{"a": 1, "b": 2}}, []map[string]uint8{{"a": 2, "b": 1}}},
		"floats":                 {[]float64{0.3}, []float64{0.300000001}},
		"milliseconds":           {[]time.Time{at}, []time.Time{at.Add(time.Millisecond)}},
		"lists of other lengths": {[][]uint8{{0}}, [][]uint8{{0, 0}}},
	} {
		if bytes.Equal(canonical(t, pair[0]), canonical(t, pair[1])) {
			t.Errorf("%s do not differ", what)
		}
	}
}
