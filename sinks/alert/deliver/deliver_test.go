package deliver

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"csatflow/deploy/local"
	"csatflow/deploy/trial/storetest"
	"csatflow/pipeline"
	"csatflow/schemas/ruleset"
	"csatflow/sinks/alert"
	"csatflow/sinks/alert/endpoint"
)

func TestMain(m *testing.M) {
	local.RunChild()
	os.Exit(m.Run())
}

// hookSecret signs the messages of tests.
const hookSecret = "a secret that signs what the tests send"

var began = time.Date(2026, 3, 30, 10, 0, 0, 0, time.UTC)

func fall(store string) alert.Alert {
	return alert.Alert{Rule: ruleset.SatisfactionDrop, Kind: "store", ID: store, Severity: alert.Page, Start: began, Fired: began.Add(time.Hour), Seen: began.Add(time.Hour),
		Measure: "mean_grade", Figures: alert.Figures{Value: 3.9, Expected: 5.3, Low: 1, High: 1.8, Cases: 40},
		Evidence: []alert.Evidence{{Dimension: "employee", ID: "e-7", Value: 2.5, Before: 5.2, Share: .6, Cases: 20, Z: 6}, {Dimension: "rater", ID: "empathy", Value: 3, Before: 5, Cases: 9, Z: 4}}}
}

func over(a alert.Alert) alert.Alert {
	a.Resolved = a.Fired.Add(2 * time.Hour)
	a.Seen = a.Resolved
	return a
}

// The test vector of Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks).
func TestSignaturesAreThoseOfStandardWebhooks(t *testing.T) {
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	k, err := endpoint.Key(secret)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1614265330, 0)
	body := []byte(`{"test": 2432232314}`)
	got := sign(k, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, body)
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
	h := http.Header{}
	h.Set(HeaderID, "msg_p5jXN8AQM9LWM0D4loKWxJek")
	h.Set(HeaderTimestamp, "1614265330")
	h.Set(HeaderSignature, "v1,AAAA "+got)
	if err := Verify(secret, h, body, at.Add(time.Minute)); err != nil {
		t.Error(err)
	}
	for name, err := range map[string]error{
		"another body":   Verify(secret, h, []byte(`{}`), at),
		"another secret": Verify("whsec_AAAA", h, body, at),
		"long ago":       Verify(secret, h, body, at.Add(6*time.Minute)),
		"no headers":     Verify(secret, http.Header{}, body, at),
		"no base64":      Verify("whsec_!", h, body, at),
	} {
		if err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestTheWebhookSendsTheAlertSignedUnderItsKey(t *testing.T) {
	var body []byte
	var head http.Header
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ = io.ReadAll(r.Body)
		head = r.Header
	}))
	defer server.Close()
	w, err := NewWebhook(server.URL, hookSecret, Links{PageURL: "http://page"})
	if err != nil {
		t.Fatal(err)
	}
	a := fall("store-1")
	if err := w.Post(t.Context(), &a); err != nil {
		t.Fatal(err)
	}
	h := hmac.New(sha256.New, []byte(hookSecret))
	h.Write([]byte(head.Get("webhook-id") + "." + head.Get("webhook-timestamp") + "." + string(body)))
	if want := "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil)); head.Get("webhook-signature") != want {
		t.Errorf("signature %s, want %s", head.Get("webhook-signature"), want)
	}
	var m struct {
		Key, State, Summary string
		Alert               struct{ Evidence []map[string]any }
	}
	if err := json.Unmarshal(body, &m); err != nil {
		t.Fatal(err)
	}
	if m.Key != head.Get("webhook-id") || !strings.HasPrefix(m.Key, a.Key()) || m.State != "firing" || !strings.Contains(m.Summary, "store-1") || len(m.Alert.Evidence) != 2 {
		t.Errorf("%s", body)
	}
}

func TestLinksLeadToTheAlertByTheKeyThatThePageKnows(t *testing.T) {
	sealed := Links{PageURL: "http://page/", Key: func(kind, key string) string { return kind + "-" + key[:3] }}
	a := fall("store-1")
	for links, want := range map[*Links]string{{}: "", {PageURL: "http://page"}: "http://page/?alert=" + a.Key(), &sealed: "http://page/?alert=store-" + a.Key()[:3]} {
		if got := links.To(&a); got != want {
			t.Errorf("%+v: %q, want %q", links, got, want)
		}
	}
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { body, _ = io.ReadAll(r.Body) }))
	defer server.Close()
	w, err := NewWebhook(server.URL, hookSecret, sealed)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Post(t.Context(), &a); err != nil {
		t.Fatal(err)
	}
	m, err := NewAlertmanager(AlertmanagerConfig{Links: sealed, Resend: time.Minute}, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	if p := m.postable(&a, began); !strings.Contains(string(body), `"link":"`+sealed.To(&a)+`"`) || p.GeneratorURL != sealed.To(&a) {
		t.Errorf("the webhook is sent %s, Alertmanager %s", body, p.GeneratorURL)
	}
}

func TestDeliveriesAreRememberedInTheDatabase(t *testing.T) {
	s, _, database := storetest.New(t, pipeline.DefaultSettings())
	table := &Table{Conn: s.Conn(), Database: database}
	a := fall("a")
	if err := table.Note(t.Context(), "webhook", idempotencyKey(&a)); err != nil {
		t.Fatal(err)
	}
	o := over(a)
	b := fall("b")
	for _, note := range [][2]string{{"webhook parked", idempotencyKey(&b)}, {"webhook", idempotencyKey(&b)}} {
		if err := table.Note(t.Context(), note[0], note[1]); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := table.Count(t.Context(), "webhook"); err != nil || n != 2 {
		t.Errorf("%d were done with, %v", n, err)
	}
	parked, err := table.Parked(t.Context(), "webhook")
	if err != nil || len(parked) != 1 || parked[0].Key != idempotencyKey(&b) || time.Since(parked[0].At) > time.Minute {
		t.Errorf("parked are %v, %v", parked, err)
	}
	if found, is := Find([]alert.Alert{o, over(b)}, parked[0].Key); !is || found.ID != "b" || !found.Resolved.IsZero() {
		t.Errorf("%+v", found)
	}
	if err := table.Retried(t.Context(), "webhook", parked[0].Key); err != nil {
		t.Fatal(err)
	}
	if parked, err = table.Parked(t.Context(), "webhook"); err != nil || len(parked) > 0 {
		t.Errorf("after it was handed on, parked are %v, %v", parked, err)
	}
	for _, c := range []struct {
		channel, key string
		want         bool
	}{{"webhook", idempotencyKey(&a), true}, {"webhook", idempotencyKey(&o), false}, {"other", idempotencyKey(&a), false}, {"other", idempotencyKey(&o), false}} {
		if got, err := table.Delivered(t.Context(), c.channel, c.key); err != nil || got != c.want {
			t.Errorf("%+v: %t, %v", c, got, err)
		}
	}
}

func TestAnAlertThatFiresAgainIsNotHiddenByItsFormerEnd(t *testing.T) {
	m, err := NewAlertmanager(AlertmanagerConfig{Resend: time.Minute}, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		t.Fatal(err)
	}
	before, again := over(fall("a")), fall("a")
	again.Start = before.Resolved.Add(time.Hour)
	if err := m.Tell(t.Context(), []alert.Alert{before}, nil); err != nil {
		t.Fatal(err)
	}
	if err := m.Tell(t.Context(), []alert.Alert{again}, []alert.Alert{again}); err != nil {
		t.Fatal(err)
	}
	if list := m.standing(time.Now()); len(list) != 1 || !list[0].Resolved.IsZero() {
		t.Errorf("%+v", list)
	}
}

func TestARedirectIsNoDelivery(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		}
	}))
	defer server.Close()
	w, err := NewWebhook(server.URL, hookSecret, Links{PageURL: "http://page"})
	if err != nil {
		t.Fatal(err)
	}
	a := fall("a")
	if err := w.Post(t.Context(), &a); err == nil {
		t.Error("what was redirected is told as delivered")
	}
}

func TestWhatIsHeldIsHandedOnOnceAndWhatFailsIsTold(t *testing.T) {
	s, _, database := storetest.New(t, pipeline.DefaultSettings())
	a, b := fall("a"), fall("b")
	a.Start, b.Start = time.Now().UTC().Truncate(time.Second), time.Now().UTC().Truncate(time.Second)
	a.Fired, b.Fired, a.Seen, b.Seen = a.Start, b.Start, a.Start, b.Start
	if err := (&alert.Log{Conn: s.Conn(), Database: database}).Write(t.Context(), []alert.Alert{a, b}); err != nil {
		t.Fatal(err)
	}
	table := &Table{Conn: s.Conn(), Database: database}
	for _, key := range []string{idempotencyKey(&a), idempotencyKey(&b), "forgotten"} {
		for _, channel := range []string{"webhook parked", "webhook"} {
			if err := table.Note(t.Context(), channel, key); err != nil {
				t.Fatal(err)
			}
		}
	}
	held := func() *Held {
		h, err := ReadHeld(t.Context(), s.Conn(), database, "webhook", time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	var told []string
	post := func(_ context.Context, a *alert.Alert) error {
		if a.ID == "b" {
			return errors.New("it answers 500")
		}
		return nil
	}
	err := held().Retry(t.Context(), append(held().Keys(), "another"), post, func(_ string, a *alert.Alert) { told = append(told, a.ID) })
	for _, words := range []string{"it answers 500", "forgotten is no longer in the table of alerts", "another is not parked"} {
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%q is not said: %v", words, err)
		}
	}
	if !slices.Equal(told, []string{"a"}) {
		t.Errorf("handed on were %q", told)
	}
	if keys := held().Keys(); len(keys) != 2 || slices.Contains(keys, idempotencyKey(&a)) {
		t.Errorf("held are still %q", keys)
	}
	if n, err := held().Count(t.Context()); err != nil || n != 3 {
		t.Errorf("%d in all, %v", n, err)
	}
}
