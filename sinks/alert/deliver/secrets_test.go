package deliver

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"csatflow/sinks/alert"
)

func TestNoErrorAndNoLogTellsAReceiversSecretURL(t *testing.T) {
	answers := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, "Cannot POST "+r.RequestURI)
	}))
	defer answers.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	away := l.Addr().String()
	_ = l.Close()
	for _, host := range []string{strings.TrimPrefix(answers.URL, "http://"), away} {
		for _, path := range []string{"/T000/hush", "/?token=hush", "/%zz/hush"} {
			to := "http://hush:hush@" + host + path
			var said bytes.Buffer
			log := slog.New(slog.NewTextHandler(&said, nil))
			w, err := NewWebhook(to, hookSecret, Links{PageURL: "http://page"})
			if err != nil {
				t.Fatal(err)
			}
			a := fall("a")
			if err = w.Post(t.Context(), &a); err == nil || strings.Contains(err.Error(), "hush") || !strings.Contains(path, "%") && !strings.Contains(err.Error(), "http://"+host) {
				t.Errorf("webhook %s: %v", to, err)
			}
			m, err := NewAlertmanager(AlertmanagerConfig{URLs: []string{to}, Resend: time.Minute}, log, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := m.Send(t.Context(), began, []alert.Alert{a}); err == nil || strings.Contains(err.Error(), "hush") {
				t.Errorf("Alertmanager %s: %v", to, err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			o := (&Outbox{Name: "webhook", Post: w.Post, Deliveries: &notes{}, Log: log, Told: func(string, string) {}}).Open()
			change(t, o, a)
			o.Run(ctx)
			cancel()
			if !strings.Contains(said.String(), "handing an alert on went wrong") || strings.Contains(said.String(), "hush") {
				t.Errorf("%s: the log says %s", to, said.String())
			}
		}
	}
}
