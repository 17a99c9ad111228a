package api

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
)

// Pseudonyms stand for customers where their ids are not to be seen. The same customer has the same one under the same key;
// only who has the key gets back from one to the id. It is deterministic authenticated encryption with a synthetic
// initialisation vector (Rogaway and Shrimpton 2006), of HMAC-SHA-256 and AES-256-CTR. nil shows ids as they are.
type Pseudonyms struct {
	mac   []byte
	block cipher.Block
}

// NewPseudonyms derives both keys from a secret.
func NewPseudonyms(secret []byte) (*Pseudonyms, error) {
	derived := func(label string) []byte {
		h := hmac.New(sha256.New, secret)
		_, _ = h.Write([]byte(label)) // a hash takes everything
		return h.Sum(nil)
	}
	block, err := aes.NewCipher(derived("csatflow pseudonyms: encryption"))
	if err != nil {
		return nil, err
	}
	return &Pseudonyms{mac: derived("csatflow pseudonyms: vector"), block: block}, nil
}

func (p *Pseudonyms) vector(id []byte) []byte {
	h := hmac.New(sha256.New, p.mac)
	_, _ = h.Write(id) // a hash takes everything
	return h.Sum(nil)[:aes.BlockSize]
}

// Of gives the pseudonym of a customer.
func (p *Pseudonyms) Of(id string) string {
	if p == nil || id == "" {
		return id
	}
	iv := p.vector([]byte(id))
	out := make([]byte, aes.BlockSize+len(id))
	copy(out, iv)
	cipher.NewCTR(p.block, iv).XORKeyStream(out[aes.BlockSize:], []byte(id))
	return base64.RawURLEncoding.EncodeToString(out)
}

// Customer gives the customer of a pseudonym, and whether it is one that was given out under this key.
func (p *Pseudonyms) Customer(pseudonym string) (id string, ok bool) {
	if p == nil {
		return pseudonym, true
	}
	b, err := base64.RawURLEncoding.DecodeString(pseudonym)
	if err != nil || len(b) <= aes.BlockSize {
		return "", false
	}
	plain := make([]byte, len(b)-aes.BlockSize)
	cipher.NewCTR(p.block, b[:aes.BlockSize]).XORKeyStream(plain, b[aes.BlockSize:])
	if subtle.ConstantTimeCompare(p.vector(plain), b[:aes.BlockSize]) != 1 {
		return "", false
	}
	return string(plain), true
}
