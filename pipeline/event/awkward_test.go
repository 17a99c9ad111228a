package event_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// awkward are the values for each field in turn.
var awkward = []string{
	`null`, `true`, `false`, `{}`, `[]`, `[[]]`, `{"a":1}`, `[null]`, `[{}]`, `""`, `" "`, `"x"`, `"7"`, `"\u0000"`, `"\ud83d\ude42"`, `"\ud800"`,
	`"\u00"`, `"\q"`, `"`, `"\`, `'x'`, `nul`, `truee`, `NaN`, `-Infinity`, `+1`, `01`, `-01`, `.5`, `5.`, `1e`, `1e+`, `0x7`, `-`, `--1`, `1_0`,
	`0`, `-0`, `-0.0`, `0e0`, `0e9999`, `0e99999999999999999999`, `1`, `-1`, `3`, `-3`, `4`, `-4`, `7`, `8`, `10`, `11`, `255`, `256`, `257`, `263`,
	`7.0`, `7.5`, `1e0`, `1E0`, `1e+0`, `1e-0`, `10e-1`, `70e-1`, `0.7e1`, `700e-2`, `0.00000000007e11`, `7.00000000000000000000001`, `6.99999999999999999999999`,
	`18446744073709551617`, `9223372036854775808`, `-9223372036854775808`, `1e18`, `1e19`, `1e400`, `-1e400`, `1e-400`, `-1e-400`, `1e999999`,
	`1e99999999999999999999`, `1e-99999999999999999999`, `-1e-99999999999999999999`, `-3e00000000000000000000000`, `1e12`, `1000000000000`,
	`1000000000000.0000000001`, `999999999999.99999999999`, `1.000000000000e12`, `0.1`, `12.345`, `5e-324`, `1e-324`, `-5e-325`, `1.7976931348623157e308`,
	`"pos"`, `"instant"`, `"likely"`, `"possible"`, `"very_likely"`, `"function"`, `"lost"`, `"retail"`, `"payer"`, `"happy"`, `"opened"`, `"price"`,
	`"product"`, `"died"`, `"p\u006fs"`, `"pos "`, `["thanked"]`, `["thanked","thanked"]`, `["apologised"]`, `["apologised",null]`, `["apologised",1]`, `["apologised",]`,
	`["apologised","apologised","apologised","apologised"]`, `["apologised","apologised","apologised","apologised","apologised"]`,
	`["taught","taught","taught","taught","taught","taught","taught","taught"]`, `["taught","taught","taught","taught","taught","taught","taught","taught","taught"]`,
	`{"empathy":7}`, `{"empathy":8}`, `{"empathy":null}`, `{"empathy":"7"}`, `{"empathy":7,}`, `{"empathy":7,"empathy":7}`, `{"emp\u0061thy":7,"empathy":7}`,
	`{"other":null,"other":{}}`, `{"outcome":1,"process":7.0}`, `{"outcome":1,"process":0}`, `{"honest":7,"fast":1}`, `{"idea":1,"product":7,"people":"x"}`,
	`{"q1":10}`, `{"q1":10,"q1":10}`, `{"q1":0}`, `{"":1}`, `{"\ud800":1,"\udc00":2}`, `{"q1":10.0,"q2":1e1,"q3":100e-1}`, `{"q1":[1]}`,
	`"2026-03-01T09:00:00Z"`, `"2026-03-01T09:00:00.123456789-23:59"`, `"2026-03-01T09:00:00.1234567890Z"`, `"2026-02-29T09:00:00Z"`, `"2024-02-29T09:00:00Z"`,
	`"2100-02-29T09:00:00Z"`, `"2000-02-29T09:00:00Z"`, `"2105-12-31T23:59:59.999999999-23:59"`, `"2106-01-01T00:00:00Z"`, `"1970-01-01T00:00:00+23:59"`,
	`"1969-12-31T23:59:59Z"`, `"2026-03-01T09:00:60Z"`, `"2026-03-01T24:00:00Z"`, `"2026-03-01T09:00:00+24:00"`, `"2026-03-01T09:00:00-00:00"`,
	`"2026-03-01T09:00:00+08:60"`, `"2026-03-01t09:00:00z"`, `"2026-03-01T09:00:00\u005A"`, `"2026-03-01T09:00:00Z\u0000"`, `"2026-03-01T09:00:00Z\n"`,
	`"2026-03-01T09:00:00+0800"`, `"2026-03-01T09:00:00,1Z"`, `"2026-03-01T09:00:00.Z"`, `"２026-03-01T09:00Z"`, `"-026-03-01T09:00:00Z"`, `"2026-03-01T09:00:00"`,
}

func longValues() []string {
	var list []string
	for _, n := range []int{64, 65, 256, 257, 10000, 10001} {
		for _, char := range []string{"x", "客", "🙂", `\ud83d\ude42`, `\n`} {
			text := strings.Repeat(char, n)
			list = append(list, `"`+text+`"`, `{"`+text+`":1}`)
		}
	}
	for _, n := range []int{200, 201} {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"q%d":%d`, i, i%10+1)
		}
		list = append(list, `{`+b.String()[1:]+`}`)
	}
	return list
}

func TestSchemaAndDecoderAgreeOnEveryAwkwardValueOfEveryField(t *testing.T) {
	values := append(slices.Clone(awkward), longValues()...)
	for _, f := range feeds {
		c := contractOf(t, f)
		names := append(slices.Sorted(maps.Keys(c.schema.Properties)), "unknown", "")
		for _, name := range names {
			for _, value := range values {
				for _, space := range []string{"", " "} {
					if space != "" && len(value) > 1000 {
						continue
					}
					if err := c.disagreement(with(f.minimal, name, space+value+space)); err != nil {
						t.Errorf("%s: %q = %.80s: %v", f.topic, name, value, err)
					}
				}
			}
		}
	}
}
