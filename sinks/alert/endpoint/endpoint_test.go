package endpoint

import (
	"strings"
	"testing"
)

func TestOfAURLOnlySchemeAndHostAreTold(t *testing.T) {
	for text, want := range map[string]string{"https://hush:hush@hooks.example:8443/hush?token=hush#hush": "https://hooks.example:8443", "hush": "a URL that is none", "http://%hush": "a URL that is none", "": "a URL that is none"} {
		if got := Where(text); got != want {
			t.Errorf("of %q is told %q", text, got)
		}
	}
}

func TestASecretThatCannotSignIsToldWithoutBeingShown(t *testing.T) {
	for secret, fault := range map[string]string{"": "must be set", "hush": "has 4", "whsec_aHVzaA==": "has 4", "whsec_hush!": "base64", strings.Repeat("x", 24): "", "whsec_YSBzZWNyZXQgb2YgdGhlIGV4YW1wbGUgb25seQ==": ""} {
		key, err := Key(secret)
		switch {
		case fault == "":
			if err != nil || len(key) < 24 {
				t.Errorf("%q: %d bytes, %v", secret, len(key), err)
			}
		case err == nil || !strings.Contains(err.Error(), fault) || strings.Contains(err.Error(), "hush"):
			t.Errorf("%q: %v", secret, err)
		}
	}
}
