package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/sr"

	"csatflow/schemas/reasons"
)

// RegistryConfig is how to reach a schema registry that has Confluent's API.
type RegistryConfig struct {
	URL      string
	Username string // of basic authentication; "" for none
	Password string
	Token    string // bearer token; "" for none
	CAFile   string // PEM; "" for the system's certificates
	Key      string // of the configuration that says all this, for messages
}

// Registry has the schemas of a registry. Many goroutines use it. It keeps those that it has asked for: what has an id never changes.
type Registry struct {
	client *sr.Client
	url    string
	key    string
	asking sync.Mutex // held while the registry is asked: the others want the same schema mostly
	mu     sync.Mutex
	kept   map[int]*schema
	absent map[int]absence
}

// absence is an id that the registry did not know.
type absence struct {
	err   error
	until time.Time
}

const (
	registryTimeout = 5 * time.Second
	mostSchemas     = 1000 // that are kept
	// absentFor is how long an id counts as unknown before it is asked for again: a message may be quicker than its schema.
	absentFor = 5 * time.Second
	// mostReferences bounds the schemas that one is made of.
	mostReferences = 200
)

// RegistryError says that the registry did not answer as one: it is to be asked again.
type RegistryError struct {
	URL string
	Key string // of the configuration
	Err error
}

// Error implements error.
func (e *RegistryError) Error() string {
	return fmt.Sprintf("the schema registry %s (%s) does not answer: %v", e.URL, e.Key, e.Err)
}

// Unwrap returns the cause.
func (e *RegistryError) Unwrap() error { return e.Err }

// Away implements [pipeline.Away].
func (*RegistryError) Away() {}

// OpenRegistry prepares to ask a registry; it does not connect yet.
func OpenRegistry(c RegistryConfig) (*Registry, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	if c.CAFile != "" {
		pem, err := os.ReadFile(c.CAFile)
		if err != nil {
			return nil, fmt.Errorf("%s.ca_file: %w", c.Key, err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s.ca_file %q holds no PEM certificate", c.Key, c.CAFile)
		}
		transport.TLSClientConfig.RootCAs = pool
	}
	options := []sr.ClientOpt{sr.URLs(c.URL), sr.UserAgent("csatflow"), sr.HTTPClient(&http.Client{Timeout: registryTimeout, Transport: transport})}
	if c.Username != "" {
		options = append(options, sr.BasicAuth(c.Username, c.Password))
	}
	if c.Token != "" {
		options = append(options, sr.BearerToken(c.Token))
	}
	client, err := sr.NewClient(options...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Key, err)
	}
	return &Registry{client: client, url: c.URL, key: c.Key, kept: map[int]*schema{}, absent: map[int]absence{}}, nil
}

// Check asks the registry for something that every registry knows.
func (r *Registry) Check(ctx context.Context) error {
	if _, err := r.client.SupportedTypes(ctx); err != nil {
		return r.told(err)
	}
	return nil
}

// header splits a value in Confluent's wire format.
func header(value []byte) (id int, data []byte, err error) {
	switch {
	case len(value) < 5:
		return 0, nil, errors.New(reasons.WireShort.Text(reasons.Number(len(value))))
	case value[0] != 0:
		return 0, nil, errors.New(reasons.NotWire.Text(fmt.Sprintf("%#02x", value[0])))
	}
	return int(binary.BigEndian.Uint32(value[1:])), value[5:], nil
}

// schema is a compiled schema.
type schema struct {
	format string
	// read reads data; an error says what is wrong with it.
	read reader
}

// reader reads data of a schema, for somebody.
type reader func(data []byte, as *reading) (any, error)

// reading is how values are read for somebody. The zero value reads them for expressions.
type reading struct {
	// word is what a symbol of an enumeration is, nil for no value; as it stands when there is no word.
	word func(enumeration, symbol string) any
	// zero reports whether a field of a Protobuf message that has no presence is there when it is zero; every one is when there is no zero.
	zero func(field string) bool
	raw  bool // JSON stays as it stands
}

func (as *reading) symbol(enumeration, symbol string) any {
	if as.word == nil {
		return symbol
	}
	return as.word(enumeration, symbol)
}

// schema returns the schema with this id. A [*RegistryError] says that the registry does not answer.
func (r *Registry) schema(ctx context.Context, id int) (*schema, error) {
	s, err := r.known(id)
	if s != nil || err != nil {
		return s, err
	}
	r.asking.Lock()
	defer r.asking.Unlock()
	if s, err = r.known(id); s != nil || err != nil { // another has asked meanwhile
		return s, err
	}
	s, err = r.fetch(ctx, id)
	var away *RegistryError
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case err == nil:
		if len(r.kept) >= mostSchemas {
			clear(r.kept)
		}
		r.kept[id] = s
	case !errors.As(err, &away):
		if len(r.absent) >= mostSchemas {
			clear(r.absent)
		}
		r.absent[id] = absence{err, time.Now().Add(absentFor)}
	}
	return s, err
}

// known returns a schema that is kept, or the error of one of which the registry has just said that it is none; nil for any other.
func (r *Registry) known(id int) (*schema, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.kept[id]; s != nil {
		return s, nil
	}
	if a, found := r.absent[id]; found && time.Now().Before(a.until) {
		return nil, a.err
	}
	return nil, nil
}

// fetch asks for a schema and all that it is made of.
func (r *Registry) fetch(ctx context.Context, id int) (*schema, error) {
	got, err := r.client.SchemaByID(ctx, id)
	if err != nil {
		return nil, r.unknown(err, reasons.NoSchema.Text(reasons.Number(id)))
	}
	parts, err := r.references(ctx, got.References)
	if err != nil {
		return nil, err
	}
	s := &schema{}
	switch got.Type {
	case sr.TypeAvro:
		s.format = Avro
		s.read, err = compileAvro(got.Schema, parts)
	case sr.TypeProtobuf:
		s.format = Protobuf
		s.read, err = compileProtobuf(got.Schema, parts)
	case sr.TypeJSON:
		s.format = JSONSchema
		s.read, err = compileJSONSchema(got.Schema, parts)
	default:
		err = fmt.Errorf("no type %v: Avro, Protobuf and JSON Schema are read", got.Type)
	}
	if err != nil {
		return nil, errors.New(reasons.BadSchema.Text(reasons.Number(id), err.Error()))
	}
	return s, nil
}

// part is a schema that others refer to by name.
type part struct{ name, text string }

// references returns all schemas that are referred to, the ones that others need before these.
func (r *Registry) references(ctx context.Context, list []sr.SchemaReference) (parts []part, err error) {
	seen := map[string]bool{}
	var walk func(list []sr.SchemaReference) error
	walk = func(list []sr.SchemaReference) error {
		for _, ref := range list {
			if seen[ref.Name] {
				continue
			}
			if seen[ref.Name] = true; len(seen) > mostReferences {
				return fmt.Errorf("the schema is made of more than %d schemas", mostReferences)
			}
			got, err := r.client.SchemaByVersion(ctx, ref.Subject, ref.Version)
			if err != nil {
				return r.unknown(err, fmt.Sprintf("the registry has no version %d of the subject %s, to which the schema refers", ref.Version, ref.Subject))
			}
			if err := walk(got.References); err != nil {
				return err
			}
			parts = append(parts, part{ref.Name, got.Schema.Schema})
		}
		return nil
	}
	return parts, walk(list)
}

// unknown is the error of something that the registry may not know. That it does not is only believed with the code that the API has
// for it: a URL that leads elsewhere answers 404 too.
func (r *Registry) unknown(err error, reason string) error {
	var e *sr.ResponseError
	if errors.As(err, &e) && e.StatusCode == http.StatusNotFound && e.ErrorCode/100 == http.StatusNotFound {
		return errors.New(reason)
	}
	return r.told(err)
}

func (r *Registry) told(err error) error {
	var e *sr.ResponseError
	if errors.As(err, &e) {
		remedy := ""
		switch e.StatusCode {
		case http.StatusUnauthorized, http.StatusForbidden:
			remedy = ": username and password_file, or token_file, are to be those of a user who may read"
		case http.StatusNotFound:
			remedy = ": is the URL that of Confluent's API? (Apicurio has it at /apis/ccompat/v7)"
		}
		err = fmt.Errorf("status %d, %.200s%s", e.StatusCode, strings.TrimSpace(e.Error()), remedy)
	}
	return &RegistryError{r.url, r.key, err}
}
