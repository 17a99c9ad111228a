package reasons

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

// samples are values that reasons have.
var samples = []string{"-1e12", "7", `"c-1, is \"it\""`, "pos, call", "2026-03-01", "s", "csat.responses"}

func TestEachReasonIsReadFromItsTextAndSaysItInChinese(t *testing.T) {
	codes := map[string]bool{}
	for _, r := range all {
		if codes[r.Code] {
			t.Errorf("two reasons have the code %s", r.Code)
		}
		codes[r.Code] = true
		n := len(place.FindAllString(r.English, -1))
		values := slices.Clone(samples[:n])
		if r == NotHere {
			values[0] = Outside.Text("1", "7", "9")
		}
		got, read := Read(r.Text(values...))
		if got != r || !slices.Equal(read, values) {
			t.Errorf("%s: its text %q is read as %+v with %q", r.Code, r.Text(values...), got, read)
		}
		text := Chinese(r.Text(values...))
		if !strings.ContainsFunc(text, func(c rune) bool { return unicode.Is(unicode.Han, c) }) || strings.ContainsAny(text, "{}[]") || strings.Contains(text, "未归类") {
			t.Errorf("%s in Chinese is %q", r.Code, text)
		}
		for _, v := range values[:n] {
			if r != NotHere && !strings.Contains(text, v) {
				t.Errorf("%s in Chinese is %q, without %q", r.Code, text, v)
			}
		}
	}
}

func TestWhatIsLeftOutIsMissingInBothLanguages(t *testing.T) {
	for text, want := range map[string]string{
		"must be 1 to 7":                     "须在 1 至 7 之间",
		"must be a string, is a number":      "须为字符串，现为数字",
		"must be one of pos, call":           "须为以下之一：pos, call",
		"the message's key must be the same": "消息的键必须与此相同",
		"must be 1 to 7, is 9":               "须在 1 至 7 之间，现为 9",
		"is missing. The message itself is not here: it has about 9 bytes, more than dead takes (max.message.bytes) or csatflow sends (8). It is in r, partition 1, at offset 2 until retention removes it": "缺失。此处没有消息原文：约 9 字节，超过 dead 的上限（max.message.bytes）或 csatflow 的发送上限（8）。在过期清除之前，它在 r 的分区 1、偏移量 2",
		"something of another release":                    "未归类的原因：something of another release",
		"not JSON: 'x' at byte 3 where a value should be": "不是 JSON：第 3 字节为 'x'，此处应有值",
	} {
		if got := Chinese(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}
