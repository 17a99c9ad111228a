package lines

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const response = `{"event_id":"e-1","occurred_at":"2026-03-02T10:00:00Z","customer_id":"c-7","store_id":"s-1","grade":6}`

func opened(t *testing.T, name, text string) *Reader {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	l, err := Open(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func TestEachLineIsGivenWithItsNumberHoweverLongItIs(t *testing.T) {
	long := strings.Repeat("x", 3<<20)
	l := opened(t, "feed", "a\r\n\n  \n"+long+"\nlast")
	for _, want := range []struct {
		text string
		line int
	}{{"a", 1}, {long, 4}, {"last", 5}} {
		got, err := l.Next()
		if err != nil || string(got) != want.text || l.Line != want.line {
			t.Fatalf("line %d of %d bytes, %v; want line %d of %d bytes", l.Line, len(got), err, want.line, len(want.text))
		}
	}
	if _, err := l.Next(); !errors.Is(err, io.EOF) || l.At != l.Size {
		t.Errorf("the end: %v at %d of %d", err, l.At, l.Size)
	}
}

func TestTheTopicOfAFileIsAsToldOrAsItsNameOrItsFirstLineSays(t *testing.T) {
	for _, c := range []struct{ name, text, told, want string }{
		{"feed", "", "departures", "departures"},
		{"csat.complaints.jsonl", response, "", "complaints"},
		{"purchases-2026.jsonl", "", "", "purchases"},
		{"feed", response, "", "responses"},
		{"feed", "not JSON\n" + `{"complaint_id":"k","step":"opened"}`, "", "complaints"},
		{"feed", `{"amount":3}`, "", "purchases"},
		{"feed", `{"kind":"queue"}`, "", "observations"},
	} {
		if got, err := opened(t, c.name, c.text).FeedOf(c.told); err != nil || got != c.want {
			t.Errorf("%s with %q is for %q, %v; want %q", c.name, c.text, got, err, c.want)
		}
	}
	if _, err := opened(t, "feed", `{"hello":1}`).FeedOf(""); err == nil || !strings.Contains(err.Error(), "--topic") {
		t.Errorf("one that nobody can tell: %v", err)
	}
}

func TestABadEventKeepsTheKeyThatItHas(t *testing.T) {
	c := Checker{Feed: "responses"}
	if key, err := c.Check([]byte(response)); err != nil || string(key) != "c-7" {
		t.Errorf("a good one: %q, %v", key, err)
	}
	if key, err := c.Check([]byte(strings.Replace(response, `"grade":6`, `"grade":60`, 1))); err == nil || !strings.Contains(err.Error(), "grade") || string(key) != "c-7" {
		t.Errorf("of a bad grade: %q, %v", key, err)
	}
	if key, err := c.Check([]byte("not JSON")); err == nil || key != nil {
		t.Errorf("what is no event: %q, %v", key, err)
	}
}
