package kafka

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/segmentio/kafka-go/sasl"

	"csatflow/deploy/trial/apachekafka"
)

// issuer is a token end-point that gives unsecured JWTs.
type issuer struct {
	*httptest.Server
	issued atomic.Int64
	life   atomic.Int64 // seconds
	sub    atomic.Value // string; "" for tokens that no broker takes
}

func newIssuer(t *testing.T) *issuer {
	s := &issuer{}
	s.life.Store(3600)
	s.sub.Store("csatflow")
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		id, secret, _ := r.BasicAuth()
		if r.FormValue("grant_type") != "client_credentials" || id != "csatflow" || secret != "hush" || r.FormValue("scope") != "kafka more" {
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"error":"invalid_client","error_description":"unknown client"}`)
			return
		}
		s.issued.Add(1)
		claims := map[string]any{"iat": time.Now().Unix(), "exp": time.Now().Unix() + s.life.Load(), "scope": "kafka"}
		if sub := s.sub.Load().(string); sub != "" {
			claims["sub"] = sub
		}
		b, _ := json.Marshal(claims)
		part := base64.RawURLEncoding.EncodeToString
		fmt.Fprintf(w, `{"access_token":%q,"token_type":"Bearer","expires_in":%d}`, part([]byte(`{"alg":"none"}`))+"."+part(b)+".", s.life.Load())
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *issuer) config(secret string) SASLConfig {
	return SASLConfig{Mechanism: oauthBearer, OAuth: OAuthConfig{TokenURL: s.URL, ClientID: "csatflow", ClientSecret: secret, Scopes: []string{"kafka", "more"}}}
}

func TestATokenIsUsedUntilAMinuteBeforeItsEnd(t *testing.T) {
	s := newIssuer(t)
	c := s.config("hush")
	c.OAuth.Extensions = map[string]string{"logicalCluster": "lkc-1", "identityPoolId": "pool-1"}
	for _, x := range []struct{ life, want int64 }{{61 + 5, 1}, {59, 3}} {
		s.life.Store(x.life)
		s.issued.Store(0)
		m, err := c.mechanism()
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			_, first, err := m.Start(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if text := string(first); !strings.HasPrefix(text, "n,,\x01auth=Bearer ey") || !strings.HasSuffix(text, "\x01identityPoolId=pool-1\x01logicalCluster=lkc-1\x01\x01") {
				t.Errorf("%q", text)
			}
		}
		if n := s.issued.Load(); n != x.want {
			t.Errorf("of %d s: %d tokens for three connections, want %d", x.life, n, x.want)
		}
	}
}

// TestARealKafkaTakesTokens by its validator of unsecured JWTs; and what refuses is named.
func TestARealKafkaTakesTokens(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts a real Kafka")
	}
	login := `listener.name.plaintext.oauthbearer.sasl.jaas.config=org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="admin";`
	b, err := apachekafka.Start(t.Context(), t.TempDir(), "listener.security.protocol.map=PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT", "sasl.enabled.mechanisms=OAUTHBEARER", "sasl.mechanism.inter.broker.protocol=OAUTHBEARER", login)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Kill(); err != nil {
			t.Error(err)
		}
	})
	s := newIssuer(t)
	open := func(c SASLConfig) *Connection {
		t.Helper()
		conn, err := Connect(Config{Brokers: []string{b.Addr}, SASL: c})
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	if _, err := open(s.config("hush")).CreateTopics(t.Context(), []NewTopic{{Name: "mine", Partitions: 3, Replication: 1}}); err != nil {
		t.Fatal(err)
	}
	if n, err := open(s.config("hush")).PartitionsOf(t.Context(), "mine"); n != 3 || err != nil {
		t.Errorf("%d partitions, %v", n, err)
	}
	_, err = open(s.config("wrong")).PartitionsOf(t.Context(), "mine")
	var token *TokenError
	if !errors.As(err, &token) || !strings.Contains(err.Error(), "status 401, invalid_client (unknown client)") || !strings.Contains(err.Error(), s.URL) {
		t.Errorf("%v", err)
	}
	s.sub.Store("")
	_, err = open(s.config("hush")).PartitionsOf(t.Context(), "mine")
	var refused *RefusedError
	if !errors.As(err, &refused) {
		t.Errorf("%T %v", err, err)
	}
	t.Log(err)
	if _, err := open(SASLConfig{Mechanism: plainMechanism, Username: "a", Password: "b"}).PartitionsOf(t.Context(), "mine"); err == nil {
		t.Error("a mechanism that the brokers have not was taken")
	} else {
		t.Log(err)
	}
}

func TestAWSSignsForTheBrokerThatIsAsked(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "hush")
	t.Setenv("AWS_SESSION_TOKEN", "session")
	t.Setenv("AWS_REGION", "")
	t.Setenv("AWS_CONFIG_FILE", "/dev/null")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	if _, err := (&SASLConfig{Mechanism: awsIAMMechanism}).mechanism(); err == nil || !strings.Contains(err.Error(), "kafka.sasl.region") {
		t.Errorf("%v", err)
	}
	m, err := (&SASLConfig{Mechanism: awsIAMMechanism, Region: "eu-central-1"}).mechanism()
	if err != nil {
		t.Fatal(err)
	}
	_, b, err := m.Start(sasl.WithMetadata(t.Context(), &sasl.Metadata{Host: "b-1.shop.kafka.eu-central-1.amazonaws.com", Port: 9098}))
	if err != nil {
		t.Fatal(err)
	}
	var signed map[string]string
	if err := json.Unmarshal(b, &signed); err != nil {
		t.Fatal(err)
	}
	// https://github.com/aws/aws-msk-iam-auth#details
	for name, want := range map[string]string{"version": "2020_10_22", "host": "b-1.shop.kafka.eu-central-1.amazonaws.com", "action": "kafka-cluster:Connect", "x-amz-algorithm": "AWS4-HMAC-SHA256", "x-amz-security-token": "session", "x-amz-signedheaders": "host"} {
		if signed[name] != want {
			t.Errorf("%s is %q, want %q", name, signed[name], want)
		}
	}
	if c := signed["x-amz-credential"]; !strings.HasPrefix(c, "AKIDEXAMPLE/") || !strings.HasSuffix(c, "/eu-central-1/kafka-cluster/aws4_request") || len(signed["x-amz-signature"]) != 64 {
		t.Errorf("%v", signed)
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
	m, err = (&SASLConfig{Mechanism: awsIAMMechanism, Region: "eu-central-1"}).mechanism()
	if err != nil {
		t.Fatal(err)
	}
	var token *TokenError
	if _, _, err := m.Start(sasl.WithMetadata(t.Context(), &sasl.Metadata{Host: "b-1", Port: 9098})); !errors.As(err, &token) {
		t.Errorf("%v", err)
	}
}
