package api

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"
)

// Pseudonyms replace customers' ids, and the keys of alerts about customers, from which an id could be guessed. Under one secret a
// customer always has the same pseudonym; only the secret leads back to the id. nil shows ids.
type Pseudonyms struct{ customers, alerts sealer }

// NewPseudonyms derives its keys from a secret.
func NewPseudonyms(secret []byte) (*Pseudonyms, error) {
	customers, err := newSealer(secret, "csatflow pseudonyms: ")
	if err != nil {
		return nil, err
	}
	alerts, err := newSealer(secret, "csatflow alerts: ")
	if err != nil {
		return nil, err
	}
	return &Pseudonyms{customers, alerts}, nil
}

// Of returns the pseudonym of a customer.
func (p *Pseudonyms) Of(id string) string {
	if p == nil || id == "" {
		return id
	}
	return p.customers.seal(padded(id))
}

// Customer returns the customer of a pseudonym; ok is false unless it was given out under this secret.
func (p *Pseudonyms) Customer(pseudonym string) (id string, ok bool) {
	if p == nil {
		return pseudonym, true
	}
	plain, ok := p.customers.open(pseudonym)
	if !ok {
		return "", false
	}
	if id, is := unpadded(plain); is {
		return id, true
	}
	return string(plain), true // from a link of a release that did not pad
}

// customerScope is the kind of the scope of alerts about a customer.
const customerScope = "customer"

// AlertKey is the key of an alert for the page and its links. The key of an alert about a customer is a hash of the customer's id, so it
// is sealed: trying all ids would find it.
func (p *Pseudonyms) AlertKey(kind, key string) string {
	if p == nil || kind != customerScope {
		return key
	}
	return p.alerts.seal([]byte(key))
}

// Alert returns the key of an alert about a customer; ok is false unless it was given out under this secret.
func (p *Pseudonyms) Alert(sealed string) (key string, ok bool) {
	if p == nil {
		return sealed, true
	}
	plain, ok := p.alerts.open(sealed)
	return string(plain), ok
}

// shortest is the length to which ids are padded, so that pseudonyms do not reveal it. Longer ids are padded to a power of two.
const shortest = 64

// mark begins the padding (ISO/IEC 7816-4). No text in UTF-8 ends with it.
const mark = 0x80

func padded(id string) []byte {
	n := shortest
	for n < len(id)+1 {
		n *= 2
	}
	b := make([]byte, n)
	b[copy(b, id)] = mark
	return b
}

func unpadded(b []byte) (id string, ok bool) {
	b = bytes.TrimRight(b, "\x00")
	if len(b) == 0 || b[len(b)-1] != mark {
		return "", false
	}
	return string(b[:len(b)-1]), true
}

// sealing is base64 for URLs, with "~" instead of "-": a spreadsheet takes a text that begins with "-" for a formula.
var sealing = base64.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789~_").WithPadding(base64.NoPadding)

// sealer is deterministic authenticated encryption with a synthetic initialisation vector (Rogaway and Shrimpton 2006), of
// HMAC-SHA-256 and AES-256-CTR.
type sealer struct {
	mac   []byte
	block cipher.Block
}

func newSealer(secret []byte, purpose string) (sealer, error) {
	derived := func(label string) []byte {
		h := hmac.New(sha256.New, secret)
		_, _ = h.Write([]byte(purpose + label)) // a hash takes everything
		return h.Sum(nil)
	}
	block, err := aes.NewCipher(derived("encryption"))
	return sealer{mac: derived("vector"), block: block}, err
}

func (s *sealer) vector(plain []byte) []byte {
	h := hmac.New(sha256.New, s.mac)
	_, _ = h.Write(plain) // a hash takes everything
	return h.Sum(nil)[:aes.BlockSize]
}

func (s *sealer) seal(plain []byte) string {
	iv := s.vector(plain)
	out := make([]byte, aes.BlockSize+len(plain))
	copy(out, iv)
	cipher.NewCTR(s.block, iv).XORKeyStream(out[aes.BlockSize:], plain)
	return sealing.EncodeToString(out)
}

func (s *sealer) open(sealed string) (plain []byte, ok bool) {
	b, err := sealing.DecodeString(strings.ReplaceAll(sealed, "-", "~")) // from a release that used "-"
	if err != nil || len(b) <= aes.BlockSize {
		return nil, false
	}
	plain = make([]byte, len(b)-aes.BlockSize)
	cipher.NewCTR(s.block, b[:aes.BlockSize]).XORKeyStream(plain, b[aes.BlockSize:])
	return plain, subtle.ConstantTimeCompare(s.vector(plain), b[:aes.BlockSize]) == 1
}
