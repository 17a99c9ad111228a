package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/aws_msk_iam_v2"
	"github.com/segmentio/kafka-go/sasl/plain"
	"github.com/segmentio/kafka-go/sasl/scram"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// SASLConfig configures authentication.
type SASLConfig struct {
	Mechanism string // "", or one of Mechanisms
	Username  string // of PLAIN and SCRAM
	Password  string
	OAuth     OAuthConfig // of OAUTHBEARER
	Region    string      // of AWS_MSK_IAM; "" for that of AWS's own configuration
}

// OAuthConfig says where tokens come from: OAuth 2.0's client credentials (RFC 6749, section 4.4).
type OAuthConfig struct {
	TokenURL     string
	ClientID     string
	ClientSecret string
	Scopes       []string
	Extensions   map[string]string // SASL extensions that go with the token (RFC 7628), such as Confluent Cloud's logicalCluster
}

// Names of the mechanisms.
const (
	plainMechanism  = "PLAIN"
	scram256        = "SCRAM-SHA-256"
	scram512        = "SCRAM-SHA-512"
	oauthBearer     = "OAUTHBEARER"
	awsIAMMechanism = "AWS_MSK_IAM"
)

// Mechanisms are the mechanisms of SASL that there are.
func Mechanisms() []string {
	return []string{plainMechanism, scram256, scram512, oauthBearer, awsIAMMechanism}
}

func (c *SASLConfig) mechanism() (sasl.Mechanism, error) {
	switch c.Mechanism {
	case "":
		return nil, nil
	case plainMechanism:
		return plain.Mechanism{Username: c.Username, Password: c.Password}, nil
	case scram256:
		return scram.Mechanism(scram.SHA256, c.Username, c.Password)
	case scram512:
		return scram.Mechanism(scram.SHA512, c.Username, c.Password)
	case oauthBearer:
		return newBearer(c.OAuth)
	case awsIAMMechanism:
		return newIAM(c.Region)
	}
	return nil, fmt.Errorf("mechanism %q: one of %s", c.Mechanism, strings.Join(Mechanisms(), ", "))
}

// TokenError says that no token could be had, so that the brokers were not even asked.
type TokenError struct {
	From string // the token end-point, or AWS
	Err  error
}

// Error implements error.
func (e *TokenError) Error() string { return fmt.Sprintf("%s gave no token: %v", e.From, e.Err) }

// Unwrap returns the cause.
func (e *TokenError) Unwrap() error { return e.Err }

// RefusedError says that the brokers did not take a token.
type RefusedError struct{ Why string }

// Error implements error.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("the broker refused the token: %s: compare its issuer, audience and scope with what the brokers want", e.Why)
}

// renewBefore is how long before its end a token is replaced. Brokers close connections whose tokens have ended; the ones that follow
// begin with a new one.
const renewBefore = time.Minute

// bearer is the mechanism OAUTHBEARER (RFC 7628).
type bearer struct {
	url        string
	tokens     oauth2.TokenSource
	extensions string
}

func newBearer(c OAuthConfig) (*bearer, error) {
	if c.TokenURL == "" || c.ClientID == "" {
		return nil, errors.New("OAUTHBEARER needs oauth.endpoint, oauth.client_id and oauth.client_secret")
	}
	var extensions strings.Builder
	for _, name := range slices.Sorted(maps.Keys(c.Extensions)) {
		if name == "auth" || strings.ContainsAny(name+c.Extensions[name], "\x01") {
			return nil, fmt.Errorf("oauth.extensions: %q cannot be one", name)
		}
		fmt.Fprintf(&extensions, "\x01%s=%s", name, c.Extensions[name])
	}
	credentials := &clientcredentials.Config{ClientID: c.ClientID, ClientSecret: c.ClientSecret, TokenURL: c.TokenURL, Scopes: c.Scopes}
	client := context.WithValue(context.Background(), oauth2.HTTPClient, &http.Client{Timeout: requestTimeout})
	return &bearer{url: c.TokenURL, tokens: oauth2.ReuseTokenSourceWithExpiry(nil, fresh{client, credentials}, renewBefore), extensions: extensions.String()}, nil
}

// fresh asks for a new token each time.
type fresh struct {
	ctx context.Context
	*clientcredentials.Config
}

// Token implements [oauth2.TokenSource].
func (f fresh) Token() (*oauth2.Token, error) { return f.Config.Token(f.ctx) }

// Name implements [sasl.Mechanism].
func (*bearer) Name() string { return oauthBearer }

// Start implements [sasl.Mechanism].
func (b *bearer) Start(context.Context) (sasl.StateMachine, []byte, error) {
	t, err := b.tokens.Token()
	if err != nil {
		return nil, nil, &TokenError{"the token end-point " + b.url + " (kafka.sasl.oauth)", said(err)}
	}
	return answered{}, []byte("n,,\x01auth=Bearer " + t.AccessToken + b.extensions + "\x01\x01"), nil
}

// said is what the token end-point says, without more of its body than is needed.
func said(err error) error {
	var r *oauth2.RetrieveError
	if !errors.As(err, &r) || r.Response == nil {
		return err
	}
	why := r.ErrorCode
	if r.ErrorDescription != "" {
		why += " (" + r.ErrorDescription + ")"
	}
	if why == "" {
		why = fmt.Sprintf("%.200s", r.Body)
	}
	return fmt.Errorf("status %d, %s: are client_id, client_secret and scopes right?", r.Response.StatusCode, why)
}

// answered is the state after the token was sent.
type answered struct{}

// Next implements [sasl.StateMachine]: a broker that takes the token says nothing.
func (answered) Next(_ context.Context, challenge []byte) (bool, []byte, error) {
	if len(challenge) > 0 {
		return false, nil, &RefusedError{fmt.Sprintf("%.300q", challenge)}
	}
	return true, nil, nil
}

// iam is the mechanism AWS_MSK_IAM, with credentials as AWS's tools find them: environment, files, the role of the pod or machine.
type iam struct{ *aws_msk_iam_v2.Mechanism }

func newIAM(region string) (*iam, error) {
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	c, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("the configuration of AWS: %w", err)
	}
	if region == "" {
		region = c.Region
	}
	if region == "" {
		return nil, errors.New("AWS_MSK_IAM needs a region: set kafka.sasl.region, or AWS_REGION")
	}
	return &iam{&aws_msk_iam_v2.Mechanism{Signer: v4.NewSigner(), Credentials: c.Credentials, Region: region}}, nil
}

// Start implements [sasl.Mechanism].
func (m *iam) Start(ctx context.Context) (sasl.StateMachine, []byte, error) {
	s, b, err := m.Mechanism.Start(ctx)
	if err != nil {
		return nil, nil, &TokenError{"AWS", err}
	}
	return s, b, nil
}
