package httpin

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"csatflow/pipeline/intake"
)

// Access says who may send to a feed.
type Access struct {
	Hashes     [][sha256.Size]byte // of bearer tokens
	WebhookKey []byte              // of signatures by Standard Webhooks; nil for none
	HMAC       intake.HMAC         // Header is "" for none
}

// NewAccess makes what a configuration declares; webhookKey is the key in its secret, nil for none.
func NewAccess(a *intake.Access, webhookKey []byte) (Access, error) {
	x := Access{WebhookKey: webhookKey, HMAC: a.HMAC}
	for _, text := range a.TokenHashes {
		b, err := hex.DecodeString(strings.TrimPrefix(text, "sha256:"))
		if err != nil || len(b) != sha256.Size {
			return x, errors.New("a token's hash is sha256: and 64 hexadecimal digits")
		}
		x.Hashes = append(x.Hashes, [sha256.Size]byte(b))
	}
	return x, nil
}

// tolerance is how far the time of a signed request may be off.
const tolerance = 5 * time.Minute

func (a *Access) signed() bool { return a.WebhookKey != nil || a.HMAC.Header != "" }

func (a *Access) guarded() bool { return len(a.Hashes) > 0 || a.signed() }

// token reports whether a request has a token of this feed: as bearer, or as the password of basic authentication, for senders that
// can do only that.
func (a *Access) token(r *http.Request) bool {
	given, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !found {
		_, given, found = r.BasicAuth()
	}
	if !found {
		return false
	}
	sum := sha256.Sum256([]byte(given))
	ok := 0
	for i := range a.Hashes {
		ok |= subtle.ConstantTimeCompare(sum[:], a.Hashes[i][:])
	}
	return ok == 1
}

// signature checks the signature of a body, as it came.
func (a *Access) signature(r *http.Request, body []byte, now time.Time) error {
	var err error
	if a.WebhookKey != nil {
		if err = standard(a.WebhookKey, r, body, now); err == nil {
			return nil
		}
	}
	if a.HMAC.Header != "" && (err == nil || r.Header.Get(a.HMAC.Header) != "") {
		err = signedBy(&a.HMAC, r, body, now)
	}
	return err
}

// standard checks a signature by Standard Webhooks (https://www.standardwebhooks.com): of id, time and body.
func standard(key []byte, r *http.Request, body []byte, now time.Time) error {
	id, at, given := r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp"), r.Header.Get("webhook-signature")
	if id == "" || at == "" || given == "" {
		return errors.New("webhook-id, webhook-timestamp or webhook-signature is missing")
	}
	if err := fresh("webhook-timestamp", at, now); err != nil {
		return err
	}
	m := hmac.New(sha256.New, key)
	m.Write([]byte(id + "." + at + "."))
	m.Write(body)
	want := m.Sum(nil)
	ok := 0
	for one := range strings.FieldsSeq(given) {
		if text, v1 := strings.CutPrefix(one, "v1,"); v1 {
			if got, err := base64.StdEncoding.DecodeString(text); err == nil {
				ok |= subtle.ConstantTimeCompare(got, want)
			}
		}
	}
	if ok == 0 {
		return errors.New("webhook-signature is not of this body and this feed's webhook_secret")
	}
	return nil
}

func fresh(header, text string, now time.Time) error {
	at, err := time.Parse(time.RFC3339, text)
	if seconds, e := strconv.ParseInt(text, 10, 64); e == nil {
		at, err = time.Unix(seconds, 0), nil
	}
	if err != nil {
		return fmt.Errorf("%s is neither Unix seconds nor RFC 3339", header)
	}
	if off := now.Sub(at); off > tolerance || off < -tolerance {
		return fmt.Errorf("%s is more than %s off", header, tolerance)
	}
	return nil
}

var hashes = map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha512": sha512.New}

var placeholder = regexp.MustCompile(`\{(body|header:[^}]*)\}`)

// signedBy checks a signature as the feed declares it.
func signedBy(h *intake.HMAC, r *http.Request, body []byte, now time.Time) error {
	given := r.Header.Get(h.Header)
	if given == "" {
		return fmt.Errorf("%s is missing", h.Header)
	}
	if h.Timestamp != "" {
		if err := fresh(h.Timestamp, r.Header.Get(h.Timestamp), now); err != nil {
			return err
		}
	}
	m := hmac.New(hashes[h.Algorithm], []byte(h.Secret))
	rest := h.Content
	for {
		at := placeholder.FindStringIndex(rest)
		if at == nil {
			m.Write([]byte(rest))
			break
		}
		m.Write([]byte(rest[:at[0]]))
		what := rest[at[0]+1 : at[1]-1]
		if name, header := strings.CutPrefix(what, "header:"); header {
			m.Write([]byte(r.Header.Get(name)))
		} else {
			m.Write(body)
		}
		rest = rest[at[1]:]
	}
	text, found := strings.CutPrefix(given, h.Prefix)
	decode := hex.DecodeString
	if h.Encoding == "base64" {
		decode = base64.StdEncoding.DecodeString
	}
	got, err := decode(text)
	if !found || err != nil || !hmac.Equal(got, m.Sum(nil)) {
		return fmt.Errorf("%s is not of this body and this feed's secret", h.Header)
	}
	return nil
}
