// Package endpoint checks a receiver of alerts before anything is sent: what may be shown of its URL, and
// whether the secret that signs its messages is good.
package endpoint

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Where returns what may be shown of a receiver's URL: scheme and host. User, path and query are often secret.
func Where(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return "a URL that is none"
	}
	return u.Scheme + "://" + u.Host
}

// secretPrefix marks a secret in base64.
const secretPrefix = "whsec_"

// fewest is the least length of a secret in bytes, by Standard Webhooks: a shorter one can be guessed from one message.
const fewest = 24

// Key returns the bytes of a secret: of text, or of base64 after "whsec_". The error never shows the secret.
func Key(secret string) ([]byte, error) {
	b := []byte(secret)
	if text, encoded := strings.CutPrefix(secret, secretPrefix); encoded {
		var err error
		if b, err = base64.StdEncoding.DecodeString(text); err != nil {
			return nil, fmt.Errorf("what follows %s must be base64: %w", secretPrefix, err)
		}
	}
	switch {
	case secret == "":
		return nil, errors.New("must be set, so that the receiver can tell who sends")
	case len(b) < fewest:
		return nil, fmt.Errorf("must have at least %d bytes, has %d: echo %s$(openssl rand -base64 32) makes one", fewest, len(b), secretPrefix)
	}
	return b, nil
}
