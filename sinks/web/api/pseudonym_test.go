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
		if p != harmless(p) {
			t.Fatalf("%q begins as a formula does", p)
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
	t.Run("an old link still leads there", func(t *testing.T) {
		for _, id := range []string{"c-1", strings.Repeat("x", 200)} {
			old := strings.ReplaceAll(one.customers.seal([]byte(id)), "~", "-")
			if back, ok := one.Customer(old); !ok || back != id {
				t.Errorf("%q: %q, %t", id, back, ok)
			}
		}
	})
	var none *Pseudonyms
	if id, ok := none.Customer("c-1"); none.Of("c-1") != "c-1" || id != "c-1" || !ok {
		t.Error("without pseudonyms an id is not itself")
	}
}

func TestThePseudonymsLengthDoesNotTellThatOfTheID(t *testing.T) {
	p, err := NewPseudonyms([]byte("one key, long enough"))
	if err != nil {
		t.Fatal(err)
	}
	lengths := map[int]bool{}
	for n := 1; n < shortest; n++ {
		lengths[len(p.Of(strings.Repeat("x", n)))] = true
	}
	if len(lengths) != 1 {
		t.Errorf("ids of 1 to %d bytes have pseudonyms of %d lengths", shortest-1, len(lengths))
	}
	if n := len(p.Of(strings.Repeat("\U0001F600", 200))); n > longestPseudonym {
		t.Errorf("the longest id has a pseudonym of %d, and %d may be sent", n, longestPseudonym)
	}
}

func TestTheKeyOfAnAlertAboutACustomerIsSealedAndOthersAreNot(t *testing.T) {
	p, err := NewPseudonyms([]byte("one key, long enough"))
	if err != nil {
		t.Fatal(err)
	}
	const key = "0123456789abcdef0123456789abcdef"
	sealed := p.AlertKey("customer", key)
	if sealed == key || strings.Contains(sealed, key) || p.AlertKey("store", key) != key {
		t.Errorf("%q, %q", sealed, p.AlertKey("store", key))
	}
	if back, ok := p.Alert(sealed); !ok || back != key {
		t.Errorf("%q, %t", back, ok)
	}
	if _, ok := p.Alert(key); ok {
		t.Error("a key that is not sealed opens")
	}
	if _, ok := p.Alert(p.Of(key)); ok {
		t.Error("a pseudonym is taken for a key")
	}
	if _, ok := p.Customer(sealed); ok {
		t.Error("a key is taken for a pseudonym")
	}
}

func TestReasonsOnThePageHaveNothingOfTheMessage(t *testing.T) {
	p, err := NewPseudonyms([]byte("one key, long enough"))
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Options: Options{Pseudonyms: p}}
	for reason, want := range map[string]string{
		"must be 1 to 7, is 9": "must be 1 to 7",
		`the message's key must be the same: it is "c-1", the field is "c-2"`: "the message's key must be the same",
		`must be one of a, b, is "c, is d"`:                                   "must be one of a, b",
		`no such "c-1" is \"known\" here`:                                     `no such … is \…`,
		"is missing":                                                          "is missing",
		"must be a string, is\n\"c-1":                                         "must be a string, is\n…",
		"must be x, is c-1\nc-2":                                              "must be x",
	} {
		if got := s.without(reason); got != want {
			t.Errorf("%q became %q, want %q", reason, got, want)
		}
		if got := (&Server{}).without(reason); got != reason {
			t.Errorf("where ids are shown, %q became %q", reason, got)
		}
	}
	for field, want := range map[string]string{"customer_id": "customer_id", "": "", "remedies[2]": "remedies…", "answers.c-1": "answers…", "c-0000001": "…", "C1": "…"} {
		if got := s.ofField(field); got != want {
			t.Errorf("the field %q became %q, want %q", field, got, want)
		}
	}
}
