package api

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestAPseudonymLeadsBackWithTheKeyOnly(t *testing.T) {
	one, err := NewPseudonyms([]byte("one key, long enough"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewPseudonyms([]byte("another, long enough"))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		id := rapid.StringN(1, 80, 200).Draw(t, "id")
		p := one.Of(id)
		if back, ok := one.Customer(p); !ok || back != id || one.Of(id) != p {
			t.Fatalf("%q is %q and back %q, %v", id, p, back, ok)
		}
		if len(id) > 3 && strings.Contains(p, id) || other.Of(id) == p {
			t.Fatalf("%q is %q", id, p)
		}
		if back, ok := other.Customer(p); ok {
			t.Fatalf("with another key %q is %q", p, back)
		}
		at := rapid.IntRange(0, len(p)-2).Draw(t, "at")
		changed := p[:at] + string(map[bool]byte{true: 'B', false: 'A'}[p[at] == 'A']) + p[at+1:]
		if back, ok := one.Customer(changed); ok {
			t.Fatalf("%q, which nobody was given, is %q", changed, back)
		}
	})
	var none *Pseudonyms
	if id, ok := none.Customer("c-1"); none.Of("c-1") != "c-1" || id != "c-1" || !ok {
		t.Error("without pseudonyms an id is not itself")
	}
}
