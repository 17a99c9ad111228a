package deliver

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"csatflow/sinks/alert/endpoint"
)

// Headers of a signed message, by Standard Webhooks (https://www.standardwebhooks.com).
const (
	HeaderID        = "webhook-id" // the idempotency key
	HeaderTimestamp = "webhook-timestamp"
	HeaderSignature = "webhook-signature"
)

// sign returns the signature of a message: HMAC-SHA256 over id.timestamp.body.
func sign(key []byte, id string, at time.Time, body []byte) string {
	h := hmac.New(sha256.New, key)
	_, _ = fmt.Fprintf(h, "%s.%d.", id, at.Unix()) // a hash never fails
	_, _ = h.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// tolerance is how far a message's time may be from now.
const tolerance = 5 * time.Minute

// Verify returns an error unless the sender knew the secret and sent the message just now. For receivers.
func Verify(secret string, headers http.Header, body []byte, now time.Time) error {
	k, err := endpoint.Key(secret)
	if err != nil {
		return err
	}
	seconds, err := strconv.ParseInt(headers.Get(HeaderTimestamp), 10, 64)
	if err != nil {
		return fmt.Errorf("%s %q is not a time in seconds", HeaderTimestamp, headers.Get(HeaderTimestamp))
	}
	at := time.Unix(seconds, 0)
	if now.Sub(at).Abs() > tolerance {
		return fmt.Errorf("the message is of %s, further than %s from now", at.UTC().Format(time.RFC3339), tolerance)
	}
	want := sign(k, headers.Get(HeaderID), at, body)
	for signature := range strings.FieldsSeq(headers.Get(HeaderSignature)) {
		if hmac.Equal([]byte(signature), []byte(want)) {
			return nil
		}
	}
	return errors.New("the signature is not of this message and secret")
}
