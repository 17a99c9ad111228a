// Package deliver sends alerts to Alertmanager, over its API version 2, and to a signed webhook.
//
// [Alertmanager] is sent the firing and the lately resolved alerts again and again, as it expects of its clients. [Webhook] is sent each
// change once, in order; an [Outbox] keeps what could not be delivered yet, and the database what was.
package deliver

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"csatflow/sinks/alert"
	"csatflow/sinks/alert/endpoint"
)

// Outcomes of a delivery.
const (
	Delivered = "delivered"
	Retried   = "retried" // it failed, and is tried again
	Refused   = "refused" // the receiver rejects it for good
	GivenUp   = "parked"  // the receiver failed at it every time
)

// timeout of a request.
const timeout = 10 * time.Second

// AlertmanagerConfig is how to reach the members of an Alertmanager cluster; each is sent every alert.
type AlertmanagerConfig struct {
	URLs     []string
	Username string
	Password string
	Token    string        // bearer token, instead of username and password
	CAFile   string        // PEM; empty for the system's certificates
	Resend   time.Duration // time between two sends of the same alerts
	Links    Links
}

// Links lead from an alert to its page.
type Links struct {
	PageURL string // of csatflow's page; empty for no links
	// Key returns the page's key of an alert; nil if it is the alert's own.
	Key func(kind, key string) string
}

// To returns the link to an alert, empty without a page.
func (l *Links) To(a *alert.Alert) string {
	if l.PageURL == "" {
		return ""
	}
	key := a.Key()
	if l.Key != nil {
		key = l.Key(a.Kind, key)
	}
	return strings.TrimSuffix(l.PageURL, "/") + "/?alert=" + key
}

// Alertmanager is an [alert.Channel]. Its Run does the sending.
type Alertmanager struct {
	config AlertmanagerConfig
	client *http.Client
	log    *slog.Logger
	told   func(channel, outcome string)

	mu       sync.Mutex
	firing   []alert.Alert
	resolved map[string]alert.Alert // by key, those that ended lately
	wake     chan struct{}
}

// NewAlertmanager prepares a client; it does not connect yet.
func NewAlertmanager(c AlertmanagerConfig, log *slog.Logger, told func(channel, outcome string)) (*Alertmanager, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, fmt.Errorf("alerts.alertmanager.ca_file: %w", err)
		}
		transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: x509.NewCertPool()}
		if !transport.TLSClientConfig.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("alerts.alertmanager.ca_file %q holds no PEM certificate", c.CAFile)
		}
	}
	return &Alertmanager{config: c, client: &http.Client{Transport: transport, Timeout: timeout, CheckRedirect: noRedirects}, log: log, told: told, resolved: map[string]alert.Alert{}, wake: make(chan struct{}, 1)}, nil
}

// tellResolved is how long a resolved alert is sent; Prometheus does the same.
const tellResolved = 15 * time.Minute

// Tell implements [alert.Channel].
func (m *Alertmanager) Tell(_ context.Context, changed, firing []alert.Alert) error {
	m.mu.Lock()
	m.firing = firing
	for _, a := range changed {
		if !a.Resolved.IsZero() {
			a.Seen = time.Now() // it is sent from now on, whatever its event time
			m.resolved[a.Key()] = a
		}
	}
	m.mu.Unlock()
	if len(changed) > 0 {
		select {
		case m.wake <- struct{}{}:
		default:
		}
	}
	return nil
}

// Run sends the firing and the lately resolved alerts until the context ends: at once after a change, and again every Resend.
func (m *Alertmanager) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.wake:
		case <-time.After(m.config.Resend):
		}
		now := time.Now()
		list := m.standing(now)
		if len(list) == 0 {
			continue
		}
		outcome := Delivered
		if err := m.Send(ctx, now, list); err != nil && ctx.Err() == nil {
			outcome = Retried
			m.log.Warn("telling Alertmanager went wrong; it is tried again", "err", err)
		}
		m.told("alertmanager", outcome)
	}
}

func (m *Alertmanager) standing(now time.Time) []alert.Alert {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := append([]alert.Alert(nil), m.firing...)
	fires := map[string]bool{}
	for i := range m.firing {
		fires[labelsOf(&m.firing[i])] = true
	}
	for key, a := range m.resolved {
		// Of two alerts with the same labels Alertmanager would take the resolved one.
		if now.Sub(a.Seen) > tellResolved || fires[labelsOf(&a)] {
			delete(m.resolved, key)
			continue
		}
		list = append(list, a)
	}
	return list
}

// labelsOf returns what an alert's labels follow from.
func labelsOf(a *alert.Alert) string {
	return fmt.Sprintf("%q", []string{a.Rule, a.Kind, a.ID, a.Part})
}

// noRedirects follows no redirect: it would turn a POST into a GET, which a server answers with 200.
func noRedirects(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// postable is an alert in Alertmanager's API.
type postable struct {
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL,omitempty"`
}

// Send sends alerts, as of now, to every member of the cluster. A firing alert ends by itself after four times Resend unless it is sent
// again. Send fails if no member took them; if some did, it logs the others.
func (m *Alertmanager) Send(ctx context.Context, now time.Time, alerts []alert.Alert) error {
	list := make([]postable, len(alerts))
	for i := range alerts {
		list[i] = m.postable(&alerts[i], now)
	}
	body, err := json.Marshal(list)
	if err != nil {
		return err
	}
	var errs []error
	for _, u := range m.config.URLs {
		if err := m.post(ctx, u, body); err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) == len(m.config.URLs) {
		return errors.Join(errs...)
	}
	for _, err := range errs {
		m.log.Warn("a member of Alertmanager's cluster was not told", "err", err)
	}
	return nil
}

func (m *Alertmanager) postable(a *alert.Alert, now time.Time) postable {
	p := postable{Labels: map[string]string{"alertname": a.Name(), "severity": a.Severity, "service": "csatflow", "scope_kind": a.Kind, "scope_id": a.ID},
		Annotations: map[string]string{"summary": a.Summary(), "description": a.Description(), "runbook": "deploy/runbooks/" + a.Name() + ".md"},
		StartsAt:    a.Start, EndsAt: now.Add(4 * m.config.Resend), GeneratorURL: m.config.Links.To(a)}
	if a.Kind != "all" && !strings.Contains(a.Kind, "*") {
		p.Labels[a.Kind] = a.ID
	}
	if a.Part != "" {
		p.Labels["part"] = a.Part
	}
	if p.StartsAt.After(now) {
		p.StartsAt = now
	}
	if !a.Resolved.IsZero() {
		p.EndsAt = a.Resolved
		// Alertmanager drops at once what ended long ago by its clock; a feed may be from another time.
		if earliest := now.Add(-time.Minute); p.EndsAt.Before(earliest) {
			p.EndsAt = earliest
		}
		if p.EndsAt.After(now) {
			p.EndsAt = now
		}
		if !p.StartsAt.Before(p.EndsAt) {
			p.StartsAt = p.EndsAt.Add(-time.Second)
		}
	}
	return p
}

func (m *Alertmanager) post(ctx context.Context, to string, body []byte) error {
	target := strings.TrimSuffix(to, "/") + "/api/v2/alerts"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("alerts.alertmanager.urls: %w", plain(err))
	}
	req.Header.Set("Content-Type", "application/json")
	switch {
	case m.config.Token != "":
		req.Header.Set("Authorization", "Bearer "+m.config.Token)
	case m.config.Username != "":
		req.SetBasicAuth(m.config.Username, m.config.Password)
	}
	res, err := m.client.Do(req)
	if err != nil {
		return plain(err)
	}
	defer func() { _ = res.Body.Close() }() // the body has been read
	if res.StatusCode/100 == 2 {
		return nil
	}
	return &statusError{where: endpoint.Where(to), status: res.StatusCode, said: beginning(res.Body, req.URL)}
}

// plain removes the secrets from an error's URL.
func plain(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		if e.URL = endpoint.Where(e.URL); e.Op == "parse" {
			e.Err = errors.New("it cannot be read") // the reason quotes the URL
		}
	}
	return err
}

// statusError is an answer other than 2xx.
type statusError struct {
	where  string
	status int
	said   string
	wait   time.Duration // the receiver's Retry-After
}

func (e *statusError) Error() string {
	return strings.TrimSuffix(fmt.Sprintf("%s answered %d %s: %s", e.where, e.status, http.StatusText(e.status), e.said), ": ")
}

// beginning returns the first bytes of a receiver's answer, without the path and query of the request, which many repeat.
func beginning(r io.Reader, at *url.URL) string {
	const enough = 300
	b, _ := io.ReadAll(io.LimitReader(r, enough)) // a read error only shortens the text
	said := string(b)
	for _, secret := range []string{at.RequestURI(), at.Path, at.RawQuery} {
		if len(secret) > 1 {
			said = strings.ReplaceAll(said, secret, "…")
		}
	}
	return strings.Join(strings.Fields(said), " ")
}
