package kafka

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"

	"csatflow/deploy/local"
)

// connected starts the embedded Kafka with topics and connects to it.
func connected(t *testing.T, topics ...local.Topic) *Connection {
	t.Helper()
	k, err := local.StartKafka(local.KafkaOptions{Addr: "127.0.0.1:0", Topics: topics})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = k.Close() })
	c, err := Connect(Config{Brokers: []string{k.Addr()}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// faked starts franz-go's fake cluster itself, whose answers a test can change, and connects to it.
func faked(t *testing.T, opts ...kfake.Opt) (*kfake.Cluster, *Connection) {
	t.Helper()
	cluster, err := kfake.NewCluster(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	c, err := Connect(Config{Brokers: cluster.ListenAddrs()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Transport.CloseIdleConnections)
	return cluster, c
}

func TestInputTopicsMustExistAndHaveEquallyManyPartitions(t *testing.T) {
	c := connected(t, local.Topic{Name: "four", Partitions: 4}, local.Topic{Name: "also", Partitions: 4}, local.Topic{Name: "two", Partitions: 2})
	if n, err := c.CheckTopics(t.Context(), TopicNames{"four", "also"}); n != 4 || err != nil {
		t.Errorf("%d partitions, %v", n, err)
	}
	for topics, words := range map[TopicNames][]string{
		{"four", "two"}:    {"four has 4", "two has 2", "kafka-topics --alter"},
		{"none", "four"}:   {"no topic none:", "migrate --topics"},
		{"none", "either"}: {"no topic none, either:", "migrate --topics"},
	} {
		_, err := c.CheckTopics(t.Context(), topics)
		var told *TopicError
		if !errors.As(err, &told) {
			t.Errorf("%v: %v is not about the topics", topics, err)
			continue
		}
		for _, w := range words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%v: %q does not say %q", topics, err, w)
			}
		}
	}
	var told *TopicError
	if err := c.HasTopic(t.Context(), "none"); !errors.As(err, &told) {
		t.Errorf("a topic that is not there: %v", err)
	}
	if err := c.HasTopic(t.Context(), "two"); err != nil {
		t.Error(err)
	}
}

func TestTopicsAreCreatedOnceAndThoseThatExistStayAsTheyAre(t *testing.T) {
	c := connected(t, local.Topic{Name: "old", Partitions: 2})
	list := []NewTopic{{"old", 5, 1, 0}, {"new", 5, 1, 0}}
	if created, err := c.CreateTopics(t.Context(), list); err != nil || len(created) != 1 || created[0] != "new" {
		t.Errorf("created %v, %v", created, err)
	}
	if created, err := c.CreateTopics(t.Context(), list); err != nil || len(created) != 0 {
		t.Errorf("created again %v, %v", created, err)
	}
	if b, err := c.Bounds(t.Context(), "old", 2); err != nil || len(b) != 2 || b[0] != (Bounds{}) {
		t.Errorf("bounds of an empty topic are %v, %v", b, err)
	}
}

func TestBrokersThatDoNotAnswerAreNotATopicError(t *testing.T) {
	c, err := Connect(Config{Brokers: []string{"127.0.0.1:1"}})
	if err != nil {
		t.Fatal(err)
	}
	var told *TopicError
	if _, err := c.CheckTopics(t.Context(), TopicNames{"a", "b"}); err == nil || errors.As(err, &told) || !strings.Contains(err.Error(), "127.0.0.1:1") {
		t.Errorf("got %v", err)
	}
}

func TestCertificatesAndMechanismsThatCannotBeAreToldAtOnce(t *testing.T) {
	_, ca := authority(t)
	noPEM := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(noPEM, []byte("hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		tls   TLSConfig
		sasl  SASLConfig
		words []string
	}{
		{TLSConfig{Enabled: true, CAFile: "absent.pem"}, SASLConfig{}, []string{"kafka.tls", "ca_file", "absent.pem"}},
		{TLSConfig{Enabled: true, CAFile: noPEM}, SASLConfig{}, []string{"kafka.tls", "ca_file", "no PEM certificate"}},
		{TLSConfig{Enabled: true, CertFile: ca}, SASLConfig{}, []string{"kafka.tls", "cert_file", "key_file"}},
		{TLSConfig{Enabled: true, CertFile: ca, KeyFile: ca}, SASLConfig{}, []string{"kafka.tls", "cert_file"}},
		{TLSConfig{}, SASLConfig{Mechanism: "plain"}, []string{"kafka.sasl", `"plain"`, "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512"}},
	} {
		_, err := Connect(Config{Brokers: []string{"127.0.0.1:1"}, TLS: c.tls, SASL: c.sasl})
		if err == nil {
			t.Errorf("%+v %+v: no error", c.tls, c.sasl)
			continue
		}
		for _, w := range c.words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%q does not say %q", err, w)
			}
		}
	}
	for _, m := range []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"} {
		c, err := Connect(Config{SASL: SASLConfig{Mechanism: m, Username: "ann", Password: "secret"}})
		if err != nil || c.Dialer.SASLMechanism == nil || c.Dialer.SASLMechanism.Name() != m || c.Transport.SASL.Name() != m {
			t.Errorf("%s was not made: %v", m, err)
		}
	}
	c, err := Connect(Config{TLS: TLSConfig{CAFile: "absent.pem"}})
	if err != nil || c.Dialer.TLS != nil || c.Transport.TLS != nil || c.Dialer.SASLMechanism != nil {
		t.Errorf("without TLS and SASL: %v", err)
	}
}
