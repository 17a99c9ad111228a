// Package endpoint is what is known of whoever receives alerts before anything is sent: what may be told of its URL, and
// whether the secret that signs its messages is good.
package endpoint

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Where is what may be told of a receiver's URL, whose user, path and query are often secret: its scheme and host.
func Where(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return "a URL that is none"
	}
	return u.Scheme + "://" + u.Host
}

// secretPrefix marks a secret that is written in base64.
const secretPrefix = "whsec_"

// fewest bytes of a secret, as Standard Webhooks has it: fewer can be guessed from one message.
const fewest = 24

// Key gives the bytes of a secret: of text, or of base64 after "whsec_". The error says what is wrong with it, not what it is.
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
