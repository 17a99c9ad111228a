package deliver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"csatflow/sinks/alert"
	"csatflow/sinks/alert/endpoint"
)

// Message is the body of a webhook's request.
type Message struct {
	Version int         `json:"version"` // 1
	Key     string      `json:"key"`     // idempotency key: of alert and state
	State   string      `json:"state"`   // firing or resolved
	Summary string      `json:"summary"`
	Link    string      `json:"link,omitempty"` // to the page
	Alert   alert.Alert `json:"alert"`
}

// Webhook posts signed messages.
type Webhook struct {
	url    string
	key    []byte
	links  Links
	client *http.Client
}

// NewWebhook prepares a client. The secret is text, or base64 after "whsec_".
func NewWebhook(url, secret string, links Links) (*Webhook, error) {
	k, err := endpoint.Key(secret)
	if err != nil {
		return nil, fmt.Errorf("alerts.webhook.secret: %w", err)
	}
	return &Webhook{url: url, key: k, links: links, client: &http.Client{Timeout: timeout, CheckRedirect: noRedirects}}, nil
}

// idempotencyKey returns the key of an alert and its state.
func idempotencyKey(a *alert.Alert) string { return a.Key() + "-" + a.State() }

// Post posts an alert as it is.
func (w *Webhook) Post(ctx context.Context, a *alert.Alert) error {
	m := Message{Version: 1, Key: idempotencyKey(a), State: a.State(), Summary: a.Summary(), Link: w.links.To(a), Alert: *a}
	body, err := json.Marshal(m)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("alerts.webhook.url: %w", plain(err))
	}
	now := time.Now()
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(HeaderID, m.Key)
	req.Header.Set(HeaderTimestamp, strconv.FormatInt(now.Unix(), 10))
	req.Header.Set(HeaderSignature, sign(w.key, m.Key, now, body))
	res, err := w.client.Do(req)
	if err != nil {
		return plain(err)
	}
	defer func() { _ = res.Body.Close() }() // the body has been read
	if res.StatusCode/100 == 2 {
		return nil
	}
	e := &statusError{where: endpoint.Where(w.url), status: res.StatusCode, said: beginning(res.Body, req.URL)}
	if seconds, bad := strconv.Atoi(res.Header.Get("Retry-After")); bad == nil {
		e.wait = time.Duration(seconds) * time.Second
	}
	return e
}

// refused reports whether another try is useless: the receiver understood and rejected the message.
func refused(err error) bool {
	var e *statusError
	if !errors.As(err, &e) || e.status/100 != 4 {
		return false
	}
	switch e.status {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests,
		// Somebody may repair the secret or the proxy.
		http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusProxyAuthRequired:
		return false
	}
	return true
}
