package web

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/crypto/bcrypt"

	"csatflow/sinks/web/api"
)

// guarded writes a web configuration with a certificate and one user, and gives the certificate's pool.
func guarded(t *testing.T) (file string, pool *x509.CertPool) {
	t.Helper()
	dir := t.TempDir()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	hash, err := bcrypt.GenerateFromPassword([]byte("hush"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	file = filepath.Join(dir, "web.yml")
	for name, b := range map[string][]byte{"cert.pem": cert, "key.pem": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}),
		"web.yml": fmt.Appendf(nil, "tls_server_config: {cert_file: cert.pem, key_file: key.pem}\nbasic_auth_users: {manager: %q}\n", hash)} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(cert)
	return file, pool
}

func TestTheWebConfigurationGuardsEveryPath(t *testing.T) {
	file, pool := guarded(t)
	s, err := Listen(Options{Listen: "127.0.0.1:0", WebConfig: file, Options: api.Options{Gatherer: prometheus.NewRegistry(), Tick: func() {}, Log: slog.New(slog.DiscardHandler), Zone: time.UTC}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	ask := func(path, password string) int {
		t.Helper()
		req, err := http.NewRequest(http.MethodGet, "https://"+s.Addr()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if password != "" {
			req.SetBasicAuth("manager", password)
		}
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			t.Fatal(err)
		}
		return res.StatusCode
	}
	for _, path := range []string{"/", "/metrics", "/healthz", "/api/v1/names?lang=en"} {
		if without, wrong, right := ask(path, ""), ask(path, "wrong"), ask(path, "hush"); without != http.StatusUnauthorized || wrong != http.StatusUnauthorized || right != http.StatusOK {
			t.Errorf("%s: %d without a password, %d with a wrong one, %d with the right one", path, without, wrong, right)
		}
	}
	if res, err := http.Get("http://" + s.Addr() + "/healthz"); err == nil {
		_ = res.Body.Close()
		if res.StatusCode == http.StatusOK {
			t.Error("it answers without encryption")
		}
	}
}

func TestAWebConfigurationThatIsWrongIsRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "web.yml")
	if err := os.WriteFile(file, []byte("tls: yes\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Listen(Options{Listen: "127.0.0.1:0", WebConfig: file, Options: api.Options{Log: slog.New(slog.DiscardHandler)}})
	if err == nil || !strings.Contains(err.Error(), "web_config_file") || !strings.Contains(err.Error(), "tls") {
		t.Errorf("%v", err)
	}
}
