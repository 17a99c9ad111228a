// Package deliver hands alerts to Alertmanager, over its API of version 2, and to a signed webhook.
//
// [Alertmanager] is told again and again what stands, as its clients have to. [Webhook] is told each change once, in order; an
// [Outbox] keeps what could not be delivered yet, and the database which was.
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

// Outcomes of handing an alert on.
const (
	Delivered = "delivered"
	Retried   = "retried" // it could not be handed on yet
	Refused   = "refused" // the receiver does not want it
	GivenUp   = "parked"  // the receiver always failed at it
)

// timeout of one request.
const timeout = 10 * time.Second

// AlertmanagerConfig says where the members of an Alertmanager cluster are; each is told.
type AlertmanagerConfig struct {
	URLs     []string
	Username string
	Password string
	Token    string        // bearer token, instead of the former two
	CAFile   string        // PEM; the system's certificates when empty
	Resend   time.Duration // how often what stands is told again
	Links    Links
}

// Links lead from an alert to what the page says of it.
type Links struct {
	PageURL string // of csatflow's page; none when empty
	// Key is the key of an alert as the page knows it; nil for its own.
	Key func(kind, key string) string
}

// To leads to one alert.
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

// Alertmanager is an alert.Channel. Its Run tells what stands.
type Alertmanager struct {
	config AlertmanagerConfig
	client *http.Client
	log    *slog.Logger
	told   func(channel, outcome string)

	mu       sync.Mutex
	firing   []alert.Alert
	resolved map[string]alert.Alert // by key, of the last time
	wake     chan struct{}
}

// NewAlertmanager prepares telling; it reaches nobody yet.
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

// tellResolved is how long an alert that is over is told, as Prometheus does.
const tellResolved = 15 * time.Minute

// Tell implements [alert.Channel].
func (m *Alertmanager) Tell(_ context.Context, changed, firing []alert.Alert) error {
	m.mu.Lock()
	m.firing = firing
	for _, a := range changed {
		if !a.Resolved.IsZero() {
			a.Seen = time.Now() // from now on it is told, whatever event time it was
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

// Run tells what stands, at once when something has changed and again every Resend, until the context ends.
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
		// Of two with the same labels Alertmanager would take the one that is over.
		if now.Sub(a.Seen) > tellResolved || fires[labelsOf(&a)] {
			delete(m.resolved, key)
			continue
		}
		list = append(list, a)
	}
	return list
}

// labelsOf is what an alert's labels follow from.
func labelsOf(a *alert.Alert) string {
	return fmt.Sprintf("%q", []string{a.Rule, a.Kind, a.ID, a.Part})
}

// noRedirects keeps a POST from becoming a GET that is answered with 200.
func noRedirects(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// postable is an alert as Alertmanager's API takes it.
type postable struct {
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL,omitempty"`
}

// Send tells every member of the cluster of alerts as of a time. What fires ends by itself four times Resend later unless it is told again.
// It gives an error when no member took them; when one of several did not, that is only logged.
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
		// Alertmanager forgets at once what ended long ago by its clock; feeds may be of another time.
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
	defer func() { _ = res.Body.Close() }() // what matters was read
	if res.StatusCode/100 == 2 {
		return nil
	}
	return &statusError{where: endpoint.Where(to), status: res.StatusCode, said: beginning(res.Body, req.URL)}
}

// plain takes the secrets out of an error's URL.
func plain(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		if e.URL = endpoint.Where(e.URL); e.Op == "parse" {
			e.Err = errors.New("it cannot be read") // the reason quotes it
		}
	}
	return err
}

// statusError is an answer that is not a yes.
type statusError struct {
	where  string
	status int
	said   string
	wait   time.Duration // that the receiver asked for
}

func (e *statusError) Error() string {
	return strings.TrimSuffix(fmt.Sprintf("%s answered %d %s: %s", e.where, e.status, http.StatusText(e.status), e.said), ": ")
}

// beginning is what a receiver says of what is wrong, without the path that it was asked at, which many repeat.
func beginning(r io.Reader, at *url.URL) string {
	const enough = 300
	b, _ := io.ReadAll(io.LimitReader(r, enough)) // an error on the way only makes it shorter
	said := string(b)
	for _, secret := range []string{at.RequestURI(), at.Path, at.RawQuery} {
		if len(secret) > 1 {
			said = strings.ReplaceAll(said, secret, "…")
		}
	}
	return strings.Join(strings.Fields(said), " ")
}
