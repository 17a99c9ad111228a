// Package kafka connects the pipeline to Kafka: the connection, the consumer group, and the feed of records.
//
// Start at [Group]: it joins the group, and runs a worker for every partition that a generation assigns. It uses
// ConsumerGroup and generations, never the Reader with a group, since only their commits carry the generation.
package kafka

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"time"

	"github.com/segmentio/kafka-go"
)

// Config is how to reach the brokers.
type Config struct {
	Brokers []string
	TLS     TLSConfig
	SASL    SASLConfig
}

// TLSConfig configures encryption.
type TLSConfig struct {
	Enabled  bool
	CAFile   string // PEM; empty for the system's certificates
	CertFile string // of the client, with KeyFile
	KeyFile  string
	// ServerName replaces the broker's host name in the check of its certificate.
	ServerName string
}

// Connection opens connections to the brokers, in the two ways that kafka-go has.
type Connection struct {
	Brokers   []string
	Dialer    *kafka.Dialer
	Transport *kafka.Transport
	Client    *kafka.Client
}

const requestTimeout = 10 * time.Second

// Connect prepares connections; it does not connect yet. It fails on invalid certificates and mechanisms.
func Connect(c Config) (*Connection, error) {
	t, err := c.TLS.load()
	if err != nil {
		return nil, fmt.Errorf("kafka.tls: %w", err)
	}
	m, err := c.SASL.mechanism()
	if err != nil {
		return nil, fmt.Errorf("kafka.sasl: %w", err)
	}
	transport := &kafka.Transport{TLS: t, SASL: m, ClientID: "csatflow", DialTimeout: requestTimeout, MetadataTTL: 5 * time.Second}
	return &Connection{
		Brokers:   c.Brokers,
		Dialer:    &kafka.Dialer{ClientID: "csatflow", Timeout: requestTimeout, DualStack: true, TLS: t, SASLMechanism: m},
		Transport: transport,
		Client:    &kafka.Client{Addr: kafka.TCP(c.Brokers...), Timeout: requestTimeout, Transport: transport},
	}, nil
}

// Close ends the transport, which asks the brokers for their topics every few seconds as long as it stands.
func (c *Connection) Close() { c.Transport.CloseIdleConnections() }

func (c *TLSConfig) load() (*tls.Config, error) {
	if !c.Enabled {
		return nil, nil
	}
	t := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: c.ServerName}
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, fmt.Errorf("reading ca_file: %w", err)
		}
		t.RootCAs = x509.NewCertPool()
		if !t.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("ca_file %q holds no PEM certificate", c.CAFile)
		}
	}
	if c.CertFile != "" || c.KeyFile != "" {
		pair, err := tls.LoadX509KeyPair(c.CertFile, c.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("reading cert_file %q with key_file %q: %w", c.CertFile, c.KeyFile, err)
		}
		t.Certificates = []tls.Certificate{pair}
	}
	return t, nil
}
