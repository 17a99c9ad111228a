package kafka

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kfake"

	"csatflow/pipeline"
)

// authority creates a self-signed certificate for 127.0.0.1, and writes it as PEM.
func authority(t *testing.T) (server *tls.Config, caFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	caFile = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(caFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}, caFile
}

// TestEventsAreReadOverTLSWithEachSASLMechanism sends and fetches one event over TLS for each mechanism.
func TestEventsAreReadOverTLSWithEachSASLMechanism(t *testing.T) {
	server, ca := authority(t)
	names := TopicNames{"csat.responses", "csat.complaints"}
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.TLS(server), kfake.EnableSASL(), kfake.SeedTopics(1, names[:]...),
		kfake.Superuser("PLAIN", "ann", "secret"), kfake.Superuser("SCRAM-SHA-256", "ben", "secret"), kfake.Superuser("SCRAM-SHA-512", "cat", "secret"))
	if err != nil {
		t.Fatal(err)
	}
	defer cluster.Close()
	open := func(s SASLConfig) *Connection {
		t.Helper()
		c, err := Connect(Config{Brokers: cluster.ListenAddrs(), TLS: TLSConfig{Enabled: true, CAFile: ca}, SASL: s})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for i, s := range []SASLConfig{{Mechanism: "PLAIN", Username: "ann", Password: "secret"}, {Mechanism: "SCRAM-SHA-256", Username: "ben", Password: "secret"}, {Mechanism: "SCRAM-SHA-512", Username: "cat", Password: "secret"}} {
		t.Run(s.Mechanism, func(t *testing.T) {
			c := open(s)
			if n, err := c.CheckTopics(t.Context(), names); n != 1 || err != nil {
				t.Fatalf("checking topics: %d partitions, %v", n, err)
			}
			w := &kafkago.Writer{Addr: kafkago.TCP(c.Brokers...), Topic: names[0], Transport: c.Transport, BatchSize: 1}
			defer w.Close()
			if err := w.WriteMessages(t.Context(), kafkago.Message{Key: []byte("c1"), Value: []byte("event")}); err != nil {
				t.Fatal(err)
			}
			f := openFeed(t.Context(), c, names, 0, [pipeline.Topics]int64{int64(i), 0}, slog.New(slog.DiscardHandler))
			defer f.Close()
			select {
			case b := <-f.Batches():
				if len(b.Records) != 1 || string(b.Records[0].Value) != "event" || b.Next != int64(i)+1 {
					t.Errorf("fetched %+v", b)
				}
			case <-time.After(10 * time.Second):
				t.Error("nothing was fetched")
			}
		})
	}
	if _, err := open(SASLConfig{Mechanism: "PLAIN", Username: "ann", Password: "wrong"}).CheckTopics(t.Context(), names); err == nil {
		t.Error("a wrong password was taken")
	}
}
