package web

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// under requests a path under a host name.
func under(t *testing.T, s *Server, host, path string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, "http://"+s.Addr()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = host
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

func TestThePageAnswersUnderItsOwnNamesOnly(t *testing.T) {
	s := serveWith(t, func(o *Options) {
		o.PageURL, o.Hosts = "https://csat.example/page", []string{"csatflow", "Metrics.Example:80"}
	})
	for _, path := range []string{"/", "/app.js", "/metrics", "/api/v1/names?lang=en", "/api/v1/satisfaction", "/api/openapi.json", "/elsewhere"} {
		for _, host := range []string{"evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "xlocalhost", "10.0.0.1", "0.0.0.0", "[::]", "[2001:db8::1]:80", "csat.example.evil.example", "127.0.0.1@evil.example", ".", "evil.example."} {
			status, body := under(t, s, host, path)
			if status != http.StatusMisdirectedRequest || !strings.Contains(body, "page.hosts") || len(body) > 300 {
				t.Errorf("%s under %s: %d %.100s", path, host, status, body)
			}
		}
		for _, host := range []string{s.Addr(), "localhost", "localhost:1234", "LOCALHOST", "localhost.", "127.0.0.1", "127.8.9.1:80", "[::1]:8080", "[::1]", "csat.example", "csat.example:443", "csatflow:8080", "metrics.example"} {
			if status, _ := under(t, s, host, path); status == http.StatusMisdirectedRequest {
				t.Errorf("%s under %s is refused", path, host)
			}
		}
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if status, body := under(t, s, "10.1.2.3:8080", path); status == http.StatusMisdirectedRequest || len(body) > 60 {
			t.Errorf("%s is answered %d %s to who goes by the address of a pod", path, status, body)
		}
	}
}

// cameInBy reports whether a request that arrived at an address is allowed under a name.
func cameInBy(t *testing.T, local, host string) bool {
	t.Helper()
	at, err := net.ResolveTCPAddr("tcp", local)
	if err != nil {
		t.Fatal(err)
	}
	req := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	req.Host = host
	return hostsOf("0.0.0.0:8080", "", nil).allow(req.WithContext(context.WithValue(req.Context(), http.LocalAddrContextKey, net.Addr(at))))
}

// Prometheus and kubelets use the address of a pod, at which their request arrives.
func TestWhoListensEverywhereIsAskedUnderTheAddressOfTheMachine(t *testing.T) {
	s := serveWith(t, func(o *Options) { o.Listen = "0.0.0.0:0" })
	_, port, _ := strings.Cut(strings.TrimPrefix(s.Addr(), "[::]"), ":")
	for host, want := range map[string]int{"127.0.0.1:" + port: http.StatusOK, "0.0.0.0:" + port: http.StatusMisdirectedRequest, "evil.example:" + port: http.StatusMisdirectedRequest} {
		req, err := http.NewRequest(http.MethodGet, "http://127.0.0.1:"+port+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("under %s: %d", host, res.StatusCode)
		}
	}
	for in, want := range map[string]bool{"10.0.0.5:8080": true, "[::ffff:10.0.0.5]:8080": true, "10.0.0.6:8080": false, "evil.example": false} {
		if got := cameInBy(t, "10.0.0.5:8080", in); got != want {
			t.Errorf("asked at 10.0.0.5 under %s: let in %t", in, got)
		}
	}
}
